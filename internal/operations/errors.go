package operations

import (
	"errors"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// Errors of an operation that was stopped before anything was sent.
var (
	// ErrAuditLogUnavailable: the intent could not be written.
	ErrAuditLogUnavailable = errors.New("the audit log cannot be written")
	// ErrNoCatalogue: the roles of the account are not known, so none can be changed.
	ErrNoCatalogue = errors.New("the role catalogue is not known")
)

// Invalid is the error of a form with wrong fields.
type Invalid struct {
	Fields map[string]string // a sentence for each wrong field, by its name; "" is the whole form
}

// Error implements error.
func (*Invalid) Error() string { return "the form has errors" }

// Conflict is the error of a change of roles when the principal has other roles than when the form was built. Nothing
// was sent.
type Conflict struct {
	BaseRoles   []string // the names of the roles that the form was built from
	CurrentForm RolesForm
	Diff        Difference // what the operator's change would do now
}

// Error implements error.
func (*Conflict) Error() string { return "the principal changed since the form was built" }

// Busy is the error of an operation while another one on the same principal is open. Nothing was sent.
type Busy struct{ Operation audit.Operation }

// Error implements error.
func (*Busy) Error() string { return "another operation on the principal is open" }

// Repeated is the error of a form that was sent before; Operation is what it started. Nothing was sent again.
type Repeated struct{ Operation audit.Operation }

// Error implements error.
func (*Repeated) Error() string { return "the form was sent before" }

// IDMismatch is the error of an operation id that belongs to another operator, action or target. Nothing was sent. When
// that operation is the operator's own, Operation is it: for example when a form was sent, and sent again with another
// login after going back. Otherwise Operation is zero.
type IDMismatch struct{ Operation audit.Operation }

// Error implements error.
func (*IDMismatch) Error() string { return "the operation id belongs to another form" }
