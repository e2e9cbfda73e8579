package policy

import (
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// How old a sign-in may be when something is changed. Both limits hold for OIDC alone: a proxy authenticates the
// operator with every request and does not report when the operator signed in.
const (
	// GroupsMaxAge limits the age of the groups for any change, so that an operator who was removed from a group loses
	// its permissions in minutes, not at the end of the session.
	GroupsMaxAge = 15 * time.Minute
	// SignInMaxAge limits the age of the sign-in for privileged changes, against use of an unattended screen.
	SignInMaxAge = 5 * time.Minute
)

// maxClockSkew is how far in the future a sign-in may be: an issuer's clock may be that far ahead. A later time was
// written while this server's clock was wrong, and would count as recent for as long as that clock was ahead.
const maxClockSkew = time.Minute

// StaleSignIn is the error for a sign-in that is too old for a change. Signing in again resolves it.
type StaleSignIn struct {
	Reauthenticate bool // the operator must authenticate again; false: it is enough to read the groups again
}

// Error implements error.
func (s *StaleSignIn) Error() string {
	if s.Reauthenticate {
		return "the sign-in is too old for a privileged change"
	}
	return "the groups were read too long ago for a change"
}

// RequireRecentSignIn returns a *StaleSignIn when the operator's sign-in is too old for a change at the given time. A
// change is privileged when only admins may make it, see Policy.IsAdminOnly and PrivilegedSet.IsPrivilegedChange.
func RequireRecentSignIn(o operator.Operator, privileged bool, at time.Time) error {
	switch {
	case o.Method != operator.OIDC:
		return nil
	case privileged && !isRecent(o.ProvenAt, at, SignInMaxAge):
		return &StaleSignIn{Reauthenticate: true}
	case !isRecent(o.GroupsAt, at, GroupsMaxAge):
		return &StaleSignIn{}
	default:
		return nil
	}
}

// isRecent reports whether the time of a sign-in is at most maxAge before another time.
func isRecent(provenAt, at time.Time, maxAge time.Duration) bool {
	age := at.Sub(provenAt)
	return age <= maxAge && age >= -maxClockSkew
}
