// Package principals draws the pages that subusers and service-account keys have in common: list, page of one, edit,
// change of roles, deletion and comparison. What differs between the kinds is in page.KindInfo and in columns.
package principals

import (
	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// RolesForm is the form for the roles of a principal, at {principal}/roles. It posts: step ("review"), operation, base
// (one per direct role), offered, role, reason.
type RolesForm struct {
	page.FormFeedback
	Frame               page.Frame
	Principal           access.Principal
	OperationID         string
	Base                []int64 // the direct roles that the form was drawn from
	Copy                page.RoleCopy
	Groups              []page.RoleGroup
	RolesDisabledReason string // a sentence: why roles cannot be changed now; "" when they can
	Reason              string
	ReasonRequired      bool
	NothingToDo         bool           // the ticked roles are the present ones
	FinishesPartial     bool           // the ticks come from an operation that was partly applied
	Conflict            *RolesConflict // nil unless the roles changed after the form was drawn
	ForceHref           string         // path of the page that makes the refused change by force; "" for none
}

// RolesConflict reports that the roles changed after the form was drawn. Nothing was sent.
type RolesConflict struct {
	Before []string        // direct roles that the form was drawn from
	Now    []string        // direct roles now
	Change page.Difference // what the ticks would do now
}

// RolesReview is the preview of a change of roles, in response to step "review". It posts to the same path: step
// ("apply", or "edit" for back to the form), operation, base, offered, role, reason, confirm.
type RolesReview struct {
	Frame          page.Frame
	Principal      access.Principal
	OperationID    string
	Base           []int64
	Offered        []int64
	Ticked         []int64
	Change         page.Difference
	Blocked        string     // a sentence: why the change is not possible here; "" when it is
	Code           string     // the vendor calls as shell commands
	Privileged     *ui.Banner // explains the privileged roles that it grants; nil for none
	LastOwner      bool       // revokes Owner from the last subuser who has it: the login must be typed
	Confirm        string     // what was typed
	Reason         string
	ReasonRequired bool
	Errors         []ui.FieldError // fields: confirm, reason, ""
}

// RolesOutcome is the outcome of a change that was partly applied, or has an unknown outcome.
type RolesOutcome struct {
	Frame       page.Frame
	Principal   access.Principal
	OperationID string
	Result      page.Result // PartlyApplied or Unknown
	Now         []page.RoleAssignment
	NowKnown    bool            // false: the vendor could not be read afterwards
	Remaining   page.Difference // of PartlyApplied: the part that was not applied
	FinishHref  string          // path of the form that finishes it, "" when it cannot be finished here
	Vendor      *ui.QuoteProps  // the response to the call that stopped it
	Advice      string
	Unsaved     bool // the outcome is not in the audit log yet
}
