// Package subusers draws the pages about subusers.
//
// List: its reader asks "who has access, with which roles?", mostly for one name, at times for a review of
// everybody. So: search at once, roles in the row, one click to a person, everything exportable, and no
// doubt about how old or how complete the list is.
//
// New and Created: let a colleague in without knowing the vendor's rules by heart, and hand over the
// password safely, once.
//
// Show: who is this, what may they do, which of it is assigned and which inherited, and who changed it.
//
// RolesForm, Review and Outcome: change what somebody may do, see the difference before it happens,
// and never be left in doubt about whether it did.
package subusers

import (
	"time"

	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// List is one page of the filtered list, at /subusers.
type List struct {
	Frame     page.Frame
	Freshness page.Freshness
	Query     string      // what was searched for
	Role      string      // the filter's value; "" any, "-" those without roles
	Roles     []ui.Option // choices of the role filter, without "any role" and "no roles", which are drawn always
	Sort      string      // "login", "description", "roles", "keys"
	Desc      bool
	Rows      []Row
	Matches   int // how many match the filter
	All       int // how many there are in the account
	Page      int // from 1
	Pages     int // at least 1
	PerPage   int // rows of a full page
	MayCreate bool
	MayExport bool
}

// Row is one subuser in the list.
type Row struct {
	ID          int64
	Login       string
	Description string
	Roles       []page.HeldRole
	RolesKnown  bool
	Keys        int
	KeysKnown   bool
}

// New is the form for a new subuser, at /subusers/new. It posts: operation, login, password, description,
// role (one per tick), offered (one per offered role), reason.
type New struct {
	Frame           page.Frame
	OperationID     string
	Login           string
	Description     string
	Reason          string
	ReasonRequired  bool
	Groups          []page.RoleGroup
	RolesWhy        string          // a sentence: why no role can be given now; "" when they can
	PasswordDropped bool            // a typed password was not kept and must be typed again
	Errors          []ui.FieldError // fields: login, password, description, role, reason, ""
	Vendor          *ui.VendorQuote // the vendor refused: its words
	Advice          string          // ours beside the vendor's
	NotSent         string          // a sentence: the request never left, nothing was changed; "" otherwise
	Busy            *page.Operation // another operation is in the way; nothing was sent
}

// Created answers a create for which a password was generated: it is shown here, once.
type Created struct {
	Frame       page.Frame
	ID          int64 // 0 while not known
	Login       string
	Password    string // shown once, never kept
	PanelURL    string // where subusers sign in, "" when not configured
	Roles       []page.HeldRole
	RolesRead   bool        // Roles were read from the vendor; else they are what was asked for
	Result      page.Result // Applied or Unknown
	Confirmed   bool        // read back from the vendor
	OperationID string
	Unsaved     bool // the outcome could not be written to the record yet
}

// Show is one subuser, at /subusers/{id}.
type Show struct {
	Frame           page.Frame
	ID              int64
	Login           string
	Description     string
	Roles           []page.HeldRole
	RolesKnown      bool
	Keys            []KeyRef
	KeysKnown       bool
	ReadAt          time.Time        // when this was read from the vendor
	History         []page.Operation // newest first
	MayChangeRoles  bool
	WhyNot          string // a sentence, when they may not be changed
	Proof           string // after a change, what the vendor said when it was read back: "Read back at 12:03:04 UTC: …"; "" otherwise
	ReasonsWithheld bool   // the history is shown without reasons, since the operator may not see them
}

// KeyRef names a service-account key that belongs to a subuser.
type KeyRef struct {
	ID   string // UUID
	Name string
}

// RolesForm is the form for a subuser's roles, at /subusers/{id}/roles. It posts: step ("review"), operation,
// base (one per directly held role), offered, role, reason.
type RolesForm struct {
	Frame          page.Frame
	ID             int64
	Login          string
	Description    string
	OperationID    string
	Base           []int64 // the direct roles that the form was drawn from
	Groups         []page.RoleGroup
	RolesWhy       string // a sentence: why roles cannot be changed now; "" when they can
	Reason         string
	ReasonRequired bool
	Errors         []ui.FieldError // fields: role, reason, ""
	NothingToDo    bool            // the ticks are what is held already
	Finish         bool            // ticks are filled in from an operation that was partly applied
	Conflict       *Conflict
	Busy           *page.Operation // another operation on this subuser is not settled; nothing was sent
	Vendor         *ui.VendorQuote // the vendor refused: its words
	Advice         string          // ours beside the vendor's
	NotSent        string          // a sentence: the request never left, nothing was changed; "" otherwise
}

// Conflict says that the roles were changed by somebody else since the form was drawn. Nothing was sent.
type Conflict struct {
	Then   []string        // direct roles that the form was drawn from
	Now    []string        // direct roles now
	Change page.Difference // what the ticks would do now
}

// Review shows what a change of roles would do, before it is done. It is the answer to step "review" and
// posts to the same URL: step ("apply", or "edit" for back to the form), operation, base, offered, role,
// reason, confirm.
type Review struct {
	Frame          page.Frame
	ID             int64
	Login          string
	OperationID    string
	Base           []int64
	Offered        []int64
	Ticked         []int64
	Change         page.Difference
	LastOwner      bool   // takes Owner from the last subuser who has it: the login must be typed
	Confirm        string // what was typed
	Reason         string
	ReasonRequired bool
	Errors         []ui.FieldError // fields: confirm, reason, ""
}

// Outcome says what came of a change that is neither done nor refused: partly applied, or unknown.
type Outcome struct {
	Frame       page.Frame
	ID          int64
	Login       string
	OperationID string
	Result      page.Result // Partly or Unknown
	Now         []page.HeldRole
	NowKnown    bool            // false when the vendor could not be read afterwards
	Left        page.Difference // what is still to be done, for Partly
	FinishHref  string          // path of the prefilled form, "" when it cannot be finished here
	Vendor      *ui.VendorQuote // the words of the call that stopped it
	Advice      string
	Unsaved     bool // the outcome could not be written to the record yet
}
