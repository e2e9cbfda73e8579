package operations

import (
	"context"
	"slices"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// ChangeKeyRoles grants and revokes a key's roles, as ChangeSubuserRoles does a subuser's.
type ChangeKeyRoles struct {
	Act
	KeyID   string
	Base    []int64 // the direct roles that the form was drawn from
	Offered []int64 // the roles that the form offered
	Ticked  []int64
}

// asSubuser is the same change as one of a subuser, for what both have in common.
func (c ChangeKeyRoles) asSubuser() ChangeSubuserRoles {
	return ChangeSubuserRoles{Act: c.Act, Base: c.Base, Offered: c.Offered, Ticked: c.Ticked}
}

// Change is what the form wants; see ChangeSubuserRoles.
func (c ChangeKeyRoles) Change() (grant, revoke []int64) { return c.asSubuser().Change() }

// TicksFor carries the change over to a newer base; see ChangeSubuserRoles.
func (c ChangeKeyRoles) TicksFor(base []int64) []int64 { return c.asSubuser().TicksFor(base) }

// Code is the act as calls of the Management API: SetKeyRoles gets all roles that are wanted, since it is not published
// whether it adds or replaces.
func (c ChangeKeyRoles) Code() []VendorCall {
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
	d, err := s.difference(ctx, c.asSubuser(), form)
	if err == nil && d.Own &&
		mayLoseOwner(d.Catalogue, s.Directory.ListsParentRoles(c.Account), form.Base, d.GrantIDs, d.RevokeIDs) {
		d.Blocked = ownKeyNeedsOwner
	}
	return d, err
}

// ChangeKeyRoles makes the change. Errors as for ChangeSubuserRoles, and OwnKey.
func (s *Service) ChangeKeyRoles(ctx context.Context, c ChangeKeyRoles) (Outcome, error) {
	target := audit.Target{Kind: audit.KeyTarget, ID: c.KeyID}
	return s.onTarget(
		ctx,
		c.Act,
		audit.ChangeKeyRoles,
		target,
		policy.KeysRoles,
		func(ctx context.Context, seen int64) (Outcome, error) {
			readCtx, done := context.WithTimeout(ctx, readingLimit)
			defer done()
			diff, err := s.PreviewKeyRoles(readCtx, c)
			if err != nil {
				return Outcome{}, err
			}
			if diff.Blocked != "" {
				return Outcome{}, &OwnKey{Sentence: diff.Blocked}
			}
			if err := s.invalid(rolesProblems(c.asSubuser(), diff), c.Reason); err != nil {
				return Outcome{}, err
			}
			target.Name = diff.Key.Name
			p := plan{
				act:    c.Act,
				action: audit.ChangeKeyRoles,
				target: target,
				guard:  audit.Guard{Locks: []string{keyLock(c.KeyID)}, LastSeq: &seen},
			}
			p.intent = Intent{
				Name: diff.Key.Name, Before: refs(diff.Catalogue, diff.Key.DirectRoleIDs()),
				Grant: refs(diff.Catalogue, diff.GrantIDs), Revoke: refs(diff.Catalogue, diff.RevokeIDs),
			}
			how := performance{key: diff.Key, unasked: func(v verdict) Unasked {
				return unasked(diff.Key.Roles, v.holder.roles(), p.intent, diff.Catalogue)
			}}
			for _, e := range p.intent.effects() {
				how.steps = append(
					how.steps,
					s.keyRolesStep(c, e, slices.Concat(without(diff.Key.DirectRoleIDs(), diff.RevokeIDs), diff.GrantIDs)),
				)
			}
			return s.act(ctx, p, how)
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
		other: func(ctx context.Context, refused error) func(ctx context.Context) error {
			if voxapi.Code(refused) != voxapi.CodeInvalidRoleSet {
				return nil
			}
			now, err := s.Directory.KeyByID(ctx, c.Account, c.KeyID)
			missing := without(wanted, now.DirectRoleIDs())
			if err != nil || len(missing) == 0 || len(missing) == len(wanted) {
				return nil
			}
			return set(missing)
		},
	}
}
