package roles

import "strings"

// How the matrix is headed and searched.
const (
	MatrixHeading = "Matrix"
	SearchLabel   = "Search subusers"
	SearchHint    = "Login, description or role"
)

// Why a role is privileged.
const (
	PrivilegedByConfig  = "This console is configured to treat it as privileged: only admins may grant or revoke it."
	PrivilegedByContent = "It contains a role that is privileged: only admins may grant or revoke it."
)

// AllPrivileged is why a role is privileged when every one is. missing are the configured roles that are not there.
func AllPrivileged(missing []string) string {
	return "Every role counts as privileged now, since the account lacks some that this console is configured with: " +
		strings.Join(
			missing,
			", ",
		) + "."
}
