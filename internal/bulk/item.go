package bulk

import (
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// ItemState is the progress of an item.
type ItemState string

// The states of an item.
const (
	Waiting    ItemState = "waiting"
	InProgress ItemState = "busy"
	Finished   ItemState = "done"    // see Item.Result
	Unchanged  ItemState = "idle"    // nothing to change: never sent
	Skipped    ItemState = "skipped" // never sent; see Item.Problem
)

// Item is one principal of a bulk change, and what is done to it. The part with JSON names is written once, with the
// draft.
type Item struct {
	BulkID string `json:"-"`
	N      int    `json:"-"` // from 1

	Action      audit.Action         `json:"action"`
	Target      access.Ref           `json:"target,omitzero"` // zero for a principal that is to be created
	Name        string               `json:"name,omitempty"`  // the login, or the name of a key, "" for none
	Description string               `json:"description,omitempty"`
	Line        int                  `json:"line,omitempty"`    // of the imported file, from 1; 0 without a file
	Roles       []operations.RoleRef `json:"roles,omitempty"`   // of a principal that is to be created
	Before      []operations.RoleRef `json:"before,omitempty"`  // direct roles at the preview
	Grant       []operations.RoleRef `json:"grant,omitempty"`   // without roles that the principal has already
	Revoke      []operations.RoleRef `json:"revoke,omitempty"`  // without roles that it does not have directly
	Problem     string               `json:"problem,omitempty"` // sentences: why it is not sent; "" when it is
	Note        string               `json:"note,omitempty"`    // further sentences of the preview, "" for none

	// PrivilegedGrants is set while the item is planned; see Change.PrivilegedGrants.
	PrivilegedGrants []int64 `json:"-"`

	State       ItemState    `json:"-"`
	OperationID string       `json:"-"` // "" while there is no operation
	Result      audit.Result `json:"-"` // the operation's current result; "" until State is Finished
	Open        bool         `json:"-"` // the operation is not resolved yet
	Code        int          `json:"-"` // the vendor's error code, 0 for none
	Message     string       `json:"-"` // sentences about the result, "" when Result says it all
}

// skip marks the item as one that cannot be sent.
func (i *Item) skip(problem string) { i.State, i.Problem = Skipped, problem }

// addNote adds a sentence to the item's note.
func (i *Item) addNote(sentence string) {
	i.Note = strings.TrimSpace(i.Note + " " + sentence)
}

// VendorCalls returns the vendor calls of the item.
func (i Item) VendorCalls() []operations.VendorCall {
	switch i.descriptor().Verb {
	case operations.VerbDelete:
		return i.deleteCommand().VendorCalls()
	case operations.VerbCreate:
		return i.createCommand().VendorCalls()
	case operations.VerbRoles:
		return i.rolesCommand().VendorCalls()
	default:
		return nil
	}
}

// descriptor returns the descriptor of the action, the zero Descriptor for an unknown one.
func (i Item) descriptor() operations.Descriptor {
	descriptor, _ := operations.DescriptorOf(i.Action)
	return descriptor
}

// noun returns the kind of the principal within a sentence.
func (i Item) noun() string { return string(i.descriptor().Kind) }

func (i Item) deleteCommand() operations.Delete {
	return operations.Delete{
		Ref:     i.Target,
		Base:    idsOf(i.Before),
		Confirm: operations.Confirmation(access.Principal{Ref: i.Target, Name: i.Name}),
	}
}

func (i Item) createCommand() operations.CreateSubuser {
	roles := idsOf(i.Roles)
	return operations.CreateSubuser{Login: i.Name, Description: i.Description, Roles: roles, Offered: roles}
}

func (i Item) rolesCommand() operations.ChangeRoles {
	return operations.ChangeRoles{
		Ref:     i.Target,
		Base:    idsOf(i.Before),
		Offered: slices.Concat(idsOf(i.Grant), idsOf(i.Revoke)),
		Ticked:  idsOf(i.Grant),
	}
}

// OnlyProblems and OnlyNotSent are values of ItemFilter.Only. Each state but Finished and each result are further ones,
// with the items that have it.
const (
	OnlyProblems = string(Skipped) // items that cannot be sent
	OnlyNotSent  = "unsent"        // items that Retry takes: never sent, or cut short by the vendor's rate limit
)

// ItemFilter selects items of a bulk change. The zero value is the first page of all of them.
type ItemFilter struct {
	Only    string // see OnlyProblems; "" for every item
	Page    int    // from 1
	PerPage int    // 0 means 100; directory.Everything for all
}

// ItemPage is a page of items, in their order.
type ItemPage struct {
	Items   []Item
	Matches int // how many items match the filter
	Page    int // the page shown, from 1: the last one when a later one was asked for
	Pages   int // at least 1
}
