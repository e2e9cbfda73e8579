package operations

import (
	"errors"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// Errors of an act that was stopped before anything was sent.
var (
	// ErrAuditLogUnavailable says that the intent could not be written; nothing was sent.
	ErrAuditLogUnavailable = errors.New("the record cannot be written")
	// ErrNoCatalogue says that the roles of the account are not known, so that none can be changed.
	ErrNoCatalogue = errors.New("the role catalogue is not known")
)

// Invalid says what is wrong with a form, by field name.
type Invalid struct{ Fields map[string]string }

// Error implements error.
func (*Invalid) Error() string { return "the form has errors" }

// Conflict says that the target is no longer what the form was drawn from. Nothing was sent.
type Conflict struct {
	BaseRoles   []string // role names the form was drawn from
	CurrentForm RolesForm
	Diff        Difference // what the operator's change would do now
}

// Error implements error.
func (*Conflict) Error() string { return "the target was changed since the form was drawn" }

// Busy says that another operation on the same target is not settled yet. Nothing was sent.
type Busy struct{ Operation audit.Operation }

// Error implements error.
func (*Busy) Error() string { return "another operation on the target is not settled" }

// Repeated says that this form was sent before: its operation exists. Nothing was sent again.
type Repeated struct{ Operation audit.Operation }

// Error implements error.
func (*Repeated) Error() string { return "the form was sent before" }

// IDMismatch says that the operation id belongs to another operator, act or target. Nothing was sent. First is the
// operation that it belongs to when that is this operator's own, as when a form was sent, gone back to, and sent
// with another login.
type IDMismatch struct{ Operation audit.Operation }

// Error implements error.
func (*IDMismatch) Error() string { return "the operation id is not this form's" }
