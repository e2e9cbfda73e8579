package roles

import (
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/rolefacts"
)

// Texts of the matrix.
const (
	MatrixHeading = "Matrix"
	SearchLabel   = "Search subusers"
	SearchHint    = "Login, description or role"
)

// Texts about what is published about a role.
const (
	AlsoCoversNote = "Roles that it contains at any depth, and roles with no published method that it lacks."
	BindingNote    = "A scenario acts with the key that is bound to its rule, so this role can use such keys."

	sourcesRead = "Methods that are not published are in no list. Sources read on " + rolefacts.Date + "."
)

// Links of a role to the audit log.
const (
	GrantsLink      = "Grants of this role"
	RevocationsLink = "Revocations of this role"
)

// Why a role is privileged.
const (
	PrivilegedByConfig  = "Configured as privileged. Only admins may grant or revoke this role."
	PrivilegedByContent = "Contains a privileged role. Only admins may grant or revoke this role."
)

// AllPrivileged returns why every role is privileged. missing lists the configured roles that the account lacks.
func AllPrivileged(missing []string) string {
	return "Every role counts as privileged: the account lacks configured roles. Missing: " + strings.Join(missing, ", ") +
		"."
}

// MatrixPath returns the path of the matrix of a kind.
func MatrixPath(kind access.Kind) string {
	if kind == access.Subuser {
		return "/roles/matrix"
	}
	return "/roles/matrix?of=" + kind.RouteSegment()
}
