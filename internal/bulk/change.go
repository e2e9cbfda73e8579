package bulk

import (
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// Kind is what a run does to each of its targets.
type Kind string

// The kinds of runs.
const (
	Roles  Kind = "roles"  // grants and revokes one set of roles
	Delete Kind = "delete" // deletes subusers
	Create Kind = "create" // creates subusers from a file
)

// State is how far a run has come.
type State string

// The states of a run, in their order. A run that was stopped never goes on; what it has left undone is for a new one.
const (
	Draft   State = "draft"   // previewed, nothing sent
	Running State = "running" // on its way, or waiting for its turn
	Stopped State = "stopped" // ended by a person or by itself; Run.Note says why
	Done    State = "done"    // every row had its turn
)

// BulkID is one act on many targets: one operation for each row, one after another.
type Change struct {
	ID         string // 26 characters, made as an operation's id is
	Account    int64
	Operator   operator.Operator // who made it, as they were when they planned it and again when they started it
	Kind       Kind
	State      State
	Reason     string
	StopReason string    // a sentence: why it stopped
	CreatedAt  time.Time // of the preview
	StartedAt  time.Time // zero for a draft
	EndedAt    time.Time // zero until it is stopped or done
	Grant      []operations.RoleRef
	Revoke     []operations.RoleRef
	// Warnings are what the preview must say, over all rows. Start wants to hear that all of them were shown.
	Warnings []operations.Warning
	// Privileged says that none but an admin may do what one of the rows does: starting it wants a recent sign-in.
	Privileged bool
	// AsOf is when the list that the preview was drawn from was read; Incomplete says that it may lack subusers.
	AsOf       time.Time
	Incomplete bool
	// IgnoredColumns are the columns of the file that were not used, as the file calls them.
	IgnoredColumns []string
	// RetryOf is the run whose rows that were not sent this one takes up, "" when it is a run of its own.
	RetryOf string
	Counts  Counts
}

// Confirmation says whether the number of subusers must be typed before the run may start, and which number.
func (r Change) Confirmation() (count int, needed bool) {
	needed = r.Kind == Delete
	for _, w := range r.Warnings {
		needed = needed || w == operations.WarnLastOwner
	}
	return r.Counts.Waiting, needed
}

// Finished says whether nothing more will be sent.
func (r Change) Ended() bool { return r.State == Stopped || r.State == Done }

// Counts are the rows of a run by what became of them; each row counts once.
type Counts struct {
	Total         int
	Waiting       int // will be sent; of a run that has ended: was never sent
	InProgress    int // under way now
	Unchanged     int // nothing to change
	Skipped       int // cannot be done: Row.Problem says why
	Applied       int
	Refused       int
	NotSent       int
	PartlyApplied int
	NotApplied    int
	Unknown       int // sent, and nobody knows yet
}

// Finished is how many rows have had their turn.
func (c Counts) Finished() int {
	return c.Applied + c.Refused + c.NotSent + c.PartlyApplied + c.NotApplied + c.Unknown
}

// ItemState is how far a row has come.
type ItemState string

// The states of a row.
const (
	Waiting    ItemState = "waiting"
	InProgress ItemState = "busy"
	Finished   ItemState = "done"    // it had its turn: Row.Result
	Unchanged  ItemState = "idle"    // nothing to change: never sent
	Skipped    ItemState = "skipped" // Row.Problem says why: never sent
)

// Item is one target of a run.
type Item struct {
	BulkID      string
	N           int   // from 1
	Line        int   // of the file, from 1; 0 when there was none
	TargetID    int64 // 0 for a subuser who is to be created
	Login       string
	Description string
	Roles       []operations.RoleRef // that a new subuser gets
	Before      []operations.RoleRef // direct roles at the preview
	Grant       []operations.RoleRef // what it changes for this one
	Revoke      []operations.RoleRef
	Problem     string // a sentence: why it is not sent; "" when it is
	Note        string // what the preview says of it beside that: a sentence or more, "" for nothing
	State       ItemState
	OperationID string       // of the operation in the record, "" while there is none
	Result      audit.Result // the operation's present word; "" until State is Ended
	Open        bool         // the operation waits to be settled
	Code        int          // the vendor's code, 0 when there was none
	Message     string       // a sentence on what came of it, "" when Result says it all
}

// The choices of RowFilter.Only.
const (
	OnlyProblems = "problems" // rows that cannot be sent
	OnlyNotSent  = "not_sent" // rows that Retry takes up: never sent, or cut short by the vendor's rate limit
	OnlyFailed   = "failed"   // refused, partly applied, not applied
	OnlyOpen     = "open"     // sent, and nobody knows yet
)

// ItemFilter is what the rows of a run are asked for. The zero value is the first page of all.
type ItemFilter struct {
	Only    string // one of the choices above; "" is every row
	Page    int    // from 1
	PerPage int    // 0 means 100; directory.Everything is all of them
}

// ItemPage is one page of a run's rows, in their order.
type ItemPage struct {
	Items   []Item
	Matches int // how many rows the filter has
	Page    int // the page shown, from 1: the last one when a later one was asked for
	Pages   int // at least 1
}
