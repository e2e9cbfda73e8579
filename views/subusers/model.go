// Package subusers draws the pages about subusers.
//
// Edit, Password: put right what is written of them, or change a password that is known.
//
// Departure, Force and Departed: do what cannot be taken back, knowing beforehand what goes with it, and never wonder
// afterwards whether the person can still sign in.
//
// New and Created: let a colleague in without knowing the vendor's rules by heart, and hand over the
// password safely, once.
package subusers

import (
	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// New is the form for a new subuser, at /subusers/new. It posts: operation, login, password, description,
// role (one per tick), offered (one per offered role), reason.
type New struct {
	page.FormFeedback
	Frame               page.Frame
	OperationID         string
	Login               string
	Description         string
	Reason              string
	ReasonRequired      bool
	LoginFixed          bool   // the login is that of the operation which this finishes
	FinishOperationID   string // that operation
	CopyFrom            string // whose roles to copy
	CopiedFrom          string // whose roles were copied last
	CopiedMessage       string // a sentence: what was copied, "" when nothing was
	Groups              []page.RoleGroup
	RolesDisabledReason string // a sentence: why no role can be given now; "" when they can
	PasswordDropped     bool   // a typed password was not kept and must be typed again
}

// Origin is how a password came to be.
type PasswordOrigin string

// The ways in which a password came to be.
const (
	OriginCreate  PasswordOrigin = "created"
	OriginReissue PasswordOrigin = "re-issued"
	OriginChange  PasswordOrigin = "changed"
)

// Created answers an act for which a password was generated: it is shown here, once.
type Created struct {
	Frame         page.Frame
	Origin        PasswordOrigin    // ByCreating when empty
	RemainingKeys []access.NamedKey // of the subuser that a re-issue deleted, and still there
	ID            int64             // 0 while not known
	Login         string
	Password      string // shown once, never kept
	PanelURL      string // where subusers sign in, "" when not configured
	Roles         []page.RoleAssignment
	RolesRead     bool        // Roles were read from the vendor; else they are what was asked for
	Result        page.Result // Applied or Unknown
	Confirmed     bool        // read back from the vendor
	OperationID   string
	Unsaved       bool // the outcome could not be written to the record yet
}

// Password is the form for a password that is known, at /subusers/{id}/password. It posts: operation, current,
// password, reason.
type Password struct {
	page.FormFeedback
	Frame          page.Frame
	Principal      access.Principal
	OperationID    string
	InputDropped   bool // what was typed was not kept
	MayReissue     bool
	Reason         string
	ReasonRequired bool
}

// Force is the page on which roles are taken from a subuser and all of their keys, at /subusers/{id}/force. It posts:
// operation, base, offered, role, warned, confirm, reason.
type Force struct {
	page.FormFeedback
	Frame          page.Frame
	Principal      access.Principal
	OperationID    string
	Base           []int64
	Offered        []int64
	Ticked         []int64
	Change         page.Difference
	Keys           []access.NamedKey // lose the revoked roles too
	WarningIDs     []string
	Warnings       []ui.Banner
	Blocked        string
	Expected       string // what must be typed
	Confirm        string // what was typed
	Reason         string
	ReasonRequired bool
}
