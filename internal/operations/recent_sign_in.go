package operations

import (
	"context"
	"slices"

	"github.com/voxwarden/voxwarden/internal/policy"
)

// requireRecentSignIn fails with policy.StaleSignIn when the operator's proof is too old for what is about to begin.
// Every act comes through here, whoever drew its form. A run's rows are judged by the moment at which it was started:
// that is when somebody decided, and the rows may take longer than any proof lasts.
func (s *Service) requireRecentSignIn(ctx context.Context, p plan, exec execution) error {
	at := p.request.DecidedAt
	if at.IsZero() {
		at = s.Now()
	}
	return policy.RequireRecentSignIn(p.request.Operator, s.isPrivileged(ctx, p, exec), at)
}

// isPrivileged says whether none but an admin could do what is about to begin: for what it is, or for the roles that
// are held or changed, or since keys go with it.
func (s *Service) isPrivileged(ctx context.Context, p plan, exec execution) bool {
	if s.Policy.IsAdminOnly(exec.descriptor.Permission) || len(p.intent.Keys) > 0 {
		return true
	}
	changed := slices.Concat(idsOf(p.intent.Grant), idsOf(p.intent.Revoke))
	return s.PrivilegedRoles(s.Directory.Catalogue(ctx, p.request.Account)).IsPrivilegedChange(
		exec.subuserBefore.RoleIDs(),
		changed,
	)
}
