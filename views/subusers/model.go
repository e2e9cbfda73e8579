// Package subusers draws the pages that only subusers have: new subuser, password, re-issue and force. A password is
// shown once.
package subusers

import (
	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// New is the form for a new subuser, at /subusers/new. It posts: operation, login, password, description, role (one per
// ticked role), offered (one per offered role), reason, and what page.RoleCopy posts.
type New struct {
	page.FormFeedback
	Frame               page.Frame
	OperationID         string
	Login               string
	Description         string
	Reason              string
	ReasonRequired      bool
	LoginFixed          bool   // the form finishes a re-issue, which has a login already
	FinishOperationID   string // the re-issue
	Copy                page.RoleCopy
	Groups              []page.RoleGroup
	RolesDisabledReason string // a sentence: why no role can be granted now; "" when roles can
	PasswordDropped     bool   // the typed password must be typed again
}

// PasswordOrigin is the operation that generated a password.
type PasswordOrigin string

// The operations that generate a password.
const (
	OriginCreate  PasswordOrigin = "created"
	OriginReissue PasswordOrigin = "re-issued"
	OriginChange  PasswordOrigin = "changed"
)

// Created is the response to an operation that generated a password.
type Created struct {
	Frame         page.Frame
	Origin        PasswordOrigin    // OriginCreate when empty
	RemainingKeys []access.NamedKey // keys of the subuser that a re-issue deleted, which still exist
	ID            int64             // 0 while not known
	Login         string
	Password      string // shown once, never stored
	PanelURL      string // where subusers sign in, "" when not configured
	Roles         []page.RoleAssignment
	RolesRead     bool        // false: Roles are what was asked for
	Result        page.Result // Applied or Unknown
	Confirmed     bool        // read back from the vendor
	OperationID   string
	Unsaved       bool // the outcome is not in the audit log yet
}

// Password is the form for a new password, which needs the current one, at /subusers/{id}/password. It posts:
// operation, current, password, reason.
type Password struct {
	page.FormFeedback
	Frame          page.Frame
	Principal      access.Principal
	OperationID    string
	InputDropped   bool // the typed passwords must be typed again
	MayReissue     bool
	Reason         string
	ReasonRequired bool
}

// Force is the page that revokes roles from a subuser and all its keys, at /subusers/{id}/force. It posts: operation,
// base, offered, role, warned, confirm, reason.
type Force struct {
	page.FormFeedback
	Frame          page.Frame
	Principal      access.Principal
	OperationID    string
	Base           []int64
	Offered        []int64
	Ticked         []int64
	Change         page.Difference
	Keys           []access.NamedKey // from which the roles are revoked, too
	WarningIDs     []string
	Warnings       []ui.Banner
	Blocked        string
	Expected       string // what must be typed
	Confirm        string // what was typed
	Reason         string
	ReasonRequired bool
}
