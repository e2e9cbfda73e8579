package operations

import (
	"context"
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// ChangeKeyRoles grants and revokes a key's roles, as ChangeSubuserRoles does a subuser's.
type ChangeKeyRoles struct {
	Request
	KeyID   string
	Base    []int64 // the direct roles that the form was drawn from
	Offered []int64 // the roles that the form offered
	Ticked  []int64
}

// asSubuserChange is the same change as one of a subuser, for what both have in common.
func (c ChangeKeyRoles) asSubuserChange() ChangeSubuserRoles {
	return ChangeSubuserRoles{Request: c.Request, Base: c.Base, Offered: c.Offered, Ticked: c.Ticked}
}

// Change is what the form wants; see ChangeSubuserRoles.
func (c ChangeKeyRoles) Change() (grant, revoke []int64) { return c.asSubuserChange().Change() }

// RebaseTicked carries the change over to a newer base; see ChangeSubuserRoles.
func (c ChangeKeyRoles) RebaseTicked(base []int64) []int64 {
	return c.asSubuserChange().RebaseTicked(base)
}

// VendorCalls is the act as calls of the Management API: SetKeyRoles gets all roles that are wanted, since it is not
// published whether it adds or replaces.
func (c ChangeKeyRoles) VendorCalls() []VendorCall {
	grant, revoke := c.Change()
	if len(grant) > 0 {
		grant = slices.Concat(without(c.Base, revoke), grant)
	}
	return roleCalls(Param{Name: "key_id", Value: c.KeyID}, "RemoveKeyRoles", "SetKeyRoles", revoke, grant)
}

// PreviewKeyRoles says what the change would do, against a fresh reading. Errors as for PreviewSubuserRoles.
func (s *Service) PreviewKeyRoles(ctx context.Context, c ChangeKeyRoles) (Difference, error) {
	form, err := s.KeyRolesForm(ctx, c.Operator, c.Account, c.KeyID)
	if err != nil {
		return Difference{}, err
	}
	d, err := s.difference(ctx, c.asSubuserChange(), form)
	if err == nil && d.IsConsoleKey &&
		mayLoseOwner(d.Catalogue, s.Directory.ListsParentRoles(c.Account), form.Base, d.GrantIDs, d.RevokeIDs) {
		d.BlockedReason = consoleKeyNeedsOwner
	}
	return d, err
}

// ChangeKeyRoles makes the change. Errors as for ChangeSubuserRoles, and OwnKey.
func (s *Service) ChangeKeyRoles(ctx context.Context, c ChangeKeyRoles) (Outcome, error) {
	target := audit.Target{Ref: access.Ref{Kind: access.Key, ID: c.KeyID}}
	return s.executeOnTarget(
		ctx,
		c.Request,
		audit.ChangeKeyRoles,
		target,
		policy.KeysRoles,
		func(ctx context.Context, lastSeq int64) (Outcome, error) {
			readCtx, cancel := context.WithTimeout(ctx, readTimeout)
			defer cancel()
			diff, err := s.PreviewKeyRoles(readCtx, c)
			if err != nil {
				return Outcome{}, err
			}
			if diff.BlockedReason != "" {
				return Outcome{}, &ConsoleKeyProtected{Message: diff.BlockedReason}
			}
			if err := s.formError(rolesProblems(c.asSubuserChange(), diff), c.Reason); err != nil {
				return Outcome{}, err
			}
			target.Name = diff.Key.Name
			p := plan{
				request: c.Request,
				action:  audit.ChangeKeyRoles,
				target:  target,
				guard:   audit.Guard{Locks: []string{keyLock(c.KeyID)}, LastSeq: &lastSeq},
			}
			p.intent = Intent{
				Name: diff.Key.Name, Before: roleRefs(diff.Catalogue, diff.Key.DirectRoleIDs()),
				Grant: roleRefs(diff.Catalogue, diff.GrantIDs), Revoke: roleRefs(diff.Catalogue, diff.RevokeIDs),
			}
			exec := execution{keyBefore: diff.Key, unrequestedChanges: func(v evaluation) UnrequestedChanges {
				return unrequestedChanges(diff.Key.Roles, v.principal.roles(), p.intent, diff.Catalogue)
			}}
			for _, e := range p.intent.effects() {
				exec.steps = append(
					exec.steps,
					s.keyRolesStep(c, e, slices.Concat(without(diff.Key.DirectRoleIDs(), diff.RevokeIDs), diff.GrantIDs)),
				)
			}
			return s.start(ctx, p, exec)
		},
	)
}

// keyRolesStep is the call for one effect. SetKeyRoles is sent all direct roles that are wanted, which is right
// whether it adds or replaces. A vendor that adds may refuse what is held already, with code 435: then only what is
// missing is sent.
func (s *Service) keyRolesStep(c ChangeKeyRoles, e effect, wanted []int64) step {
	if len(e.revoke) > 0 {
		return step{method: "RemoveKeyRoles", send: func(ctx context.Context) error {
			return s.Writer.RemoveKeyRoles(ctx, c.Account, c.KeyID, e.revoke)
		}}
	}
	set := func(roles []int64) func(ctx context.Context) error {
		return func(ctx context.Context) error { return s.Writer.SetKeyRoles(ctx, c.Account, c.KeyID, roles) }
	}
	return step{
		method: "SetKeyRoles",
		send:   set(wanted),
		fallback: func(ctx context.Context, refused error) func(ctx context.Context) error {
			if !voxapi.InfoOf(voxapi.Code(refused)).IsInvalidRoleSet() {
				return nil
			}
			current, err := s.Directory.KeyByID(ctx, c.Account, c.KeyID)
			missing := without(wanted, current.DirectRoleIDs())
			if err != nil || len(missing) == 0 || len(missing) == len(wanted) {
				return nil
			}
			return set(missing)
		},
	}
}
