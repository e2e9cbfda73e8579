package roles

import "strings"

// Texts of the matrix.
const (
	MatrixHeading = "Matrix"
	SearchLabel   = "Search subusers"
	SearchHint    = "Login, description or role"
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
