// Package principals draws the pages that subusers and service-account keys have in common: list, page of one, edit,
// change of roles, deletion and comparison. What differs between the kinds is in page.KindInfo and in columns.
package principals

import (
	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// RolesForm is the form for somebody's roles, at Holder.Path/roles. It posts: step ("review"), operation,
// base (one per directly held role), offered, role, reason.
type RolesForm struct {
	Frame               page.Frame
	Principal           access.Principal
	OperationID         string
	Base                []int64 // the direct roles that the form was drawn from
	Groups              []page.RoleGroup
	RolesDisabledReason string // a sentence: why roles cannot be changed now; "" when they can
	Reason              string
	ReasonRequired      bool
	Errors              []ui.FieldError // fields: role, reason, ""
	NothingToDo         bool            // the ticks are what is held already
	FinishesPartial     bool            // ticks are filled in from an operation that was partly applied
	Conflict            *RolesConflict
	Busy                *page.Operation // another operation on this holder is not settled; nothing was sent
	Vendor              *ui.QuoteProps  // the vendor refused: its words
	Advice              string          // ours beside the vendor's
	// path of the page that offers force, when the vendor refused for the keys' sake; "" else
	ForceHref string
	NotSent   string // a sentence: the request never left, nothing was changed; "" otherwise
}

// RolesConflict says that the roles were changed by somebody else since the form was drawn. Nothing was sent.
type RolesConflict struct {
	Before []string        // direct roles that the form was drawn from
	Now    []string        // direct roles now
	Change page.Difference // what the ticks would do now
}

// RolesReview shows what a change of roles would do, before it is done. It is the answer to step "review" and
// posts to the same URL: step ("apply", or "edit" for back to the form), operation, base, offered, role,
// reason, confirm.
type RolesReview struct {
	Frame          page.Frame
	Principal      access.Principal
	OperationID    string
	Base           []int64
	Offered        []int64
	Ticked         []int64
	Change         page.Difference
	Blocked        string // a sentence: why nobody may do this here; "" when it can be done
	Code           string // the same as calls of the Management API
	LastOwner      bool   // takes Owner from the last subuser who has it: the login must be typed
	Confirm        string // what was typed
	Reason         string
	ReasonRequired bool
	Errors         []ui.FieldError // fields: confirm, reason, ""
}

// RolesOutcome says what came of a change that is neither done nor refused: partly applied, or unknown.
type RolesOutcome struct {
	Frame       page.Frame
	Principal   access.Principal
	OperationID string
	Result      page.Result // Partly or Unknown
	Now         []page.RoleAssignment
	NowKnown    bool            // false when the vendor could not be read afterwards
	Remaining   page.Difference // what is still to be done, for Partly
	FinishHref  string          // path of the prefilled form, "" when it cannot be finished here
	Vendor      *ui.QuoteProps  // the words of the call that stopped it
	Advice      string
	Unsaved     bool // the outcome could not be written to the record yet
}
