package bulk

import (
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// Kind is what a bulk change does to each of its targets.
type Kind string

// The kinds of bulk changes. Each is the operations.Verb of its items.
const (
	Roles  Kind = "roles"  // grants and revokes one set of roles
	Delete Kind = "delete" // deletes principals
	Create Kind = "create" // creates subusers from a file
)

// State is the progress of a bulk change.
type State string

// The states of a bulk change, in their order. A stopped bulk change never continues; Retry drafts a new one for the
// rest.
const (
	Draft   State = "draft"   // previewed, nothing sent
	Running State = "running" // in progress, or waiting for its turn
	Stopped State = "stopped" // ended early, by an operator or by itself; see Change.StopReason
	Done    State = "done"    // every item is finished
)

// Change is a bulk change: one operation for each item, one after another. The fields with JSON names have no columns
// of their own.
type Change struct {
	ID         string            `json:"-"` // 26 characters, like the id of an operation
	Account    int64             `json:"-"`
	Operator   operator.Operator `json:"-"` // as they were at the draft, later at the start
	Kind       Kind              `json:"-"`
	State      State             `json:"-"`
	Reason     string            `json:"-"`
	StopReason string            `json:"-"` // sentences, "" unless State is Stopped
	CreatedAt  time.Time         `json:"-"` // when it was drafted
	StartedAt  time.Time         `json:"-"` // zero for a draft
	EndedAt    time.Time         `json:"-"` // zero until it is stopped or done
	RetryOf    string            `json:"-"` // the id of the bulk change that this one retries, "" for none
	// Remaining is an estimate of the time until the last item is processed, from the pace of the latest items. It is 0
	// unless the bulk change is running and has processed a few. Show sets it.
	Remaining time.Duration `json:"-"`
	Counts    Counts        `json:"-"`

	// PrincipalKind is the kind of all targets.
	PrincipalKind access.Kind `json:"principal_kind"`

	Grant  []operations.RoleRef `json:"grant,omitempty"`
	Revoke []operations.RoleRef `json:"revoke,omitempty"`
	// UndoOf is the id of the bulk change that this one reverses, "" for none. LeftOut is the number of its items that
	// were not applied, or are not known to be.
	UndoOf  string `json:"undo_of,omitempty"`
	LeftOut int    `json:"left_out,omitempty"`
	// Filter is the filter of the list of which all principals were selected, nil when they were selected one by one.
	Filter *directory.Filter `json:"filter,omitempty"`
	// Warnings are those of all items. Start requires that all of them were shown.
	Warnings []operations.Warning `json:"warnings,omitempty"`
	// Privileged reports that an item needs an admin. Then Start requires a recent sign-in.
	Privileged bool `json:"privileged,omitempty"`
	// PrivilegedGrants are the roles that make the grant of an item privileged; see policy.PrivilegedSet. With any, Start
	// requires a reason.
	PrivilegedGrants []operations.RoleRef `json:"privileged_grants,omitempty"`
	// AsOf is when the listing was read that the preview is based on. Incomplete reports that it may lack principals.
	AsOf       time.Time `json:"as_of,omitzero"`
	Incomplete bool      `json:"incomplete,omitempty"`
	// IgnoredColumns are the columns of the imported file that are not used, as the file names them.
	IgnoredColumns []string `json:"ignored,omitempty"`
	// NoRolesColumn reports that the imported file has such columns and none for the roles.
	NoRolesColumn bool `json:"no_roles_column,omitempty"`
	// WithoutRoles are the subusers that are to be created without any role where that may be a mistake: others of the
	// file get roles, or the roles may be in a column that is not used. With any, Start requires StartForm.WithoutRoles.
	WithoutRoles WithoutRoles `json:"without_roles,omitzero"`
}

// WithoutRoles are new subusers without any role.
type WithoutRoles struct {
	Count int           `json:"count"`
	First []ImportedRow `json:"first"` // at most maxNamedRows
}

// ImportedRow is a subuser of an imported file.
type ImportedRow struct {
	Line  int    `json:"line"`
	Login string `json:"login"`
}

// maxNamedRows is how many subusers a warning names.
const maxNamedRows = 10

// descriptor returns the descriptor of the items' action.
func (c Change) descriptor() (operations.Descriptor, error) {
	return operations.DescriptorFor(c.PrincipalKind, operations.Verb(c.Kind))
}

// Confirmation returns the number of principals to change, and whether the operator must type it before the start.
func (c Change) Confirmation() (count int, needed bool) {
	needed = c.Kind == Delete
	for _, w := range c.Warnings {
		needed = needed || w == operations.WarnLastOwner
	}
	return c.Counts.Waiting, needed
}

// Ended reports whether nothing more will be sent.
func (c Change) Ended() bool { return c.State == Stopped || c.State == Done }

// Counts are the numbers of items by state and result. Each item counts once.
type Counts struct {
	Total         int
	Waiting       int // will be sent; of a bulk change that has ended: was never sent
	InProgress    int
	Unchanged     int // nothing to change
	Skipped       int // cannot be sent; see Item.Problem
	Applied       int
	Refused       int
	NotSent       int
	PartlyApplied int
	NotApplied    int
	Unknown       int // sent, outcome not known yet
}

// Finished returns the number of items that have a result.
func (c Counts) Finished() int {
	return c.Applied + c.Refused + c.NotSent + c.PartlyApplied + c.NotApplied + c.Unknown
}

// add counts items that have the same state and result.
func (c *Counts) add(state ItemState, result audit.Result, items int) {
	c.Total += items
	switch state {
	case Waiting:
		c.Waiting += items
	case InProgress:
		c.InProgress += items
	case Unchanged:
		c.Unchanged += items
	case Skipped:
		c.Skipped += items
	default:
		c.addResult(result, items)
	}
}

func (c *Counts) addResult(result audit.Result, items int) {
	switch result {
	case audit.Applied:
		c.Applied += items
	case audit.Refused:
		c.Refused += items
	case audit.NotSent:
		c.NotSent += items
	case audit.PartlyApplied:
		c.PartlyApplied += items
	case audit.NotApplied:
		c.NotApplied += items
	default:
		c.Unknown += items
	}
}
