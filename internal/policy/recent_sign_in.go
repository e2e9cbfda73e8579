package policy

import (
	"slices"
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// How old a proof may be when something is changed. Both hold for sign-in with OIDC alone: a proxy proves a person anew
// with every request, and none of them says when it last asked the person.
const (
	// of the groups, for any change: whoever was taken out of a group must not go on for a day
	GroupsMaxAge = 15 * time.Minute
	SignInMaxAge = 5 * time.Minute // of the sign-in, for privileged acts: a screen that was left open is not the person
)

// maxClockSkew is how far in the future a proof may be: by as much an issuer's clock may be ahead. What is later comes
// from a clock of ours that was wrong and was put right, and would count as new for as long as that was ahead.
const maxClockSkew = time.Minute

// StaleSignIn is the error of an operator whose proof is too old for what they asked for. Signing in again puts it
// right.
type StaleSignIn struct {
	Reauthenticate bool // the person must prove who they are anew; else it is enough that their groups are told anew
}

// Error implements error.
func (s *StaleSignIn) Error() string {
	if s.Reauthenticate {
		return "the sign-in is too old for a privileged act"
	}
	return "the groups were told too long ago for a change"
}

// RequireRecentSignIn says whether an operator's proof is recent enough for a change at a time: nil, or a Stale.
// privileged is a change that only some may make, see WantsProof and Touches.
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

// leafSets says whether a proof of some time is at most so old at another.
func isRecent(provenAt, at time.Time, maxAge time.Duration) bool {
	age := at.Sub(provenAt)
	return age <= maxAge && age >= -maxClockSkew
}

// NeedsRecentSignIn says whether whatever a permission allows is privileged: what none but admins may do at all.
func (p *Policy) NeedsRecentSignIn(permission Permission) bool {
	return slices.Equal(p.table[permission], []DashboardRole{Admin})
}

// IsPrivilegedChange says whether a change is privileged for what it is about: the holder's present roles, those to
// be granted or revoked, or what all of these come to together. For that a role counts though it is to be revoked: it
// is held until the vendor has taken it.
func (s PrivilegedSet) IsPrivilegedChange(current, changed []int64) bool {
	return s.MakesPrivileged(slices.Concat(current, changed))
}
