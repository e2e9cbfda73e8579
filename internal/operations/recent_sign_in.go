package operations

import (
	"context"
	"slices"

	"github.com/voxwarden/voxwarden/internal/policy"
)

// requireRecentSignIn fails with policy.StaleSignIn when the operator's sign-in is too old for the operation. Items of
// a bulk change are checked for the moment at which it was started, since they may take longer than any sign-in stays
// recent.
func (s *Service) requireRecentSignIn(ctx context.Context, p plan, exec execution) error {
	at := p.request.DecidedAt
	if at.IsZero() {
		at = s.Now()
	}
	return policy.RequireRecentSignIn(p.request.Operator, s.isPrivileged(ctx, p, exec), at)
}

// isPrivileged reports whether only an admin can perform the operation: because only admins have its permission,
// because of the roles that the principal has or that change, or because keys are affected too.
func (s *Service) isPrivileged(ctx context.Context, p plan, exec execution) bool {
	if s.Policy.IsAdminOnly(p.descriptor.Permission) || len(p.intent.Keys) > 0 {
		return true
	}
	changed := slices.Concat(idsOf(p.intent.Grant), idsOf(p.intent.Revoke))
	privileged := s.PrivilegedRoles(s.Directory.Catalogue(ctx, p.request.Account)).With(exec.before.Reported)
	return privileged.IsPrivilegedChange(exec.before.RoleIDs(), changed)
}
