package operations

import (
	"context"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// ChangeSubuserRoles grants and revokes roles. Grant = Ticked ∩ Offered − Base; revoke = (Offered ∩ Base) − Ticked.
type ChangeSubuserRoles struct {
	Act
	SubuserID int64
	Base      []int64 // the direct roles that the form was drawn from
	Offered   []int64 // the roles that the form offered
	Ticked    []int64
	Confirm   string // the typed login, needed when Owner is taken from the last subuser who has it, and always with Force
	// Force takes the roles from all keys of the subuser too. Without it the vendor refuses, with code 439, when one of
	// the keys holds one. It wants its own permission.
	Force  bool
	Warned []Warning // with Force: the warnings that the page showed
}

// Code is the act as calls of the Management API.
func (c ChangeSubuserRoles) Code() []VendorCall {
	grant, revoke := c.Change()
	var force []Param
	if c.Force {
		force = []Param{{Name: "force", Value: "true"}}
	}
	return roleCalls(
		Param{Name: "subuser_id", Value: formatID(c.SubuserID)},
		"RemoveSubUserRoles",
		"SetSubUserRoles",
		revoke,
		grant,
		force...)
}

// Change is what the form wants: the roles to grant and those to revoke, each at most once.
func (c ChangeSubuserRoles) Change() (grant, revoke []int64) {
	for _, id := range c.Offered {
		ticked, held := slices.Contains(c.Ticked, id), slices.Contains(c.Base, id)
		switch {
		case ticked && !held && !slices.Contains(grant, id):
			grant = append(grant, id)
		case held && !ticked && !slices.Contains(revoke, id):
			revoke = append(revoke, id)
		}
	}
	return grant, revoke
}

// TicksFor carries the change, not the ticks, over to a newer base: what somebody else has granted since then
// was never seen by this operator, and stays.
func (c ChangeSubuserRoles) TicksFor(base []int64) []int64 {
	grant, revoke := c.Change()
	ticks := slices.Clone(base)
	for _, id := range grant {
		if !slices.Contains(ticks, id) {
			ticks = append(ticks, id)
		}
	}
	return slices.DeleteFunc(ticks, func(id int64) bool { return slices.Contains(revoke, id) })
}

// PreviewSubuserRoles says what the change would do, against a fresh reading; nothing is written or sent.
// It fails with Invalid, Conflict, policy.Denied, ErrNoCatalogue, directory.ErrNotFound or a directory.LastError.
func (s *Service) PreviewSubuserRoles(ctx context.Context, c ChangeSubuserRoles) (Difference, error) {
	if err := s.Policy.Require(c.Operator, c.permission()); err != nil {
		return Difference{}, err
	}
	form, err := s.SubuserRolesForm(ctx, c.Operator, c.Account, c.SubuserID)
	if err != nil {
		return Difference{}, err
	}
	diff, err := s.difference(ctx, c, form)
	if err != nil || !c.Force {
		return diff, err
	}
	return s.force(ctx, c, diff)
}

// permission is what the change needs.
func (c ChangeSubuserRoles) permission() policy.Permission {
	if c.Force {
		return policy.SubusersForce
	}
	return policy.SubusersRoles
}

// action is what the record calls the change.
func (c ChangeSubuserRoles) action() audit.Action {
	if c.Force {
		return audit.ForceSubuserRoles
	}
	return audit.ChangeSubuserRoles
}

// ChangeSubuserRoles makes the change. Errors as for PreviewSubuserRoles, and Repeated, Foreign, Busy and
// ErrRecord, with Force also OwnKey; each means that nothing was sent. What happened after that is in the Outcome.
func (s *Service) ChangeSubuserRoles(ctx context.Context, c ChangeSubuserRoles) (Outcome, error) {
	target := audit.Target{Kind: audit.SubuserTarget, ID: formatID(c.SubuserID)}
	return s.onTarget(
		ctx,
		c.Act,
		c.action(),
		target,
		c.permission(),
		func(ctx context.Context, seen int64) (Outcome, error) {
			return s.tryChangeRoles(ctx, c, target, seen)
		},
	)
}

// tryChangeRoles makes one attempt from the fresh reading on. It fails with audit.ErrConflict when the
// reading was outdated before the intent was written.
func (s *Service) tryChangeRoles(
	ctx context.Context,
	c ChangeSubuserRoles,
	target audit.Target,
	seen int64,
) (Outcome, error) {
	readCtx, done := context.WithTimeout(ctx, readingLimit)
	defer done()
	diff, err := s.PreviewSubuserRoles(readCtx, c)
	if err != nil {
		return Outcome{}, err
	}
	if err := s.forceProblems(c, diff); err != nil {
		return Outcome{}, err
	}
	if err := s.invalid(rolesProblems(c, diff), c.Reason); err != nil {
		return Outcome{}, err
	}
	p := s.planRoles(c, target, diff, seen)
	how := performance{before: diff.Subuser, unasked: func(v verdict) Unasked {
		return unasked(diff.Subuser.Roles, v.holder.roles(), p.intent, diff.Catalogue)
	}}
	for _, e := range p.intent.effects() {
		how.steps = append(how.steps, s.rolesStep(c, e))
	}
	if slices.Contains(p.guard.Locks, ownersLock) && !diff.LastOwner {
		how.still = func(ctx context.Context, _ audit.Operation) string {
			if s.lastOwner(ctx, c.Account, c.SubuserID, diff.RevokeIDs, diff.Catalogue) {
				return lostLastOwner
			}
			return ""
		}
	}
	return s.act(ctx, p, how)
}

// planRoles writes down what is to be done and what must not be touched by others meanwhile.
func (s *Service) planRoles(c ChangeSubuserRoles, target audit.Target, diff Difference, seen int64) plan {
	target.Name = diff.Subuser.Login
	p := plan{act: c.Act, action: c.action(), target: target}
	p.guard = audit.Guard{Locks: []string{subuserLock(c.SubuserID)}, LastSeq: &seen}
	p.intent = Intent{
		Login: diff.Subuser.Login, Before: refs(diff.Catalogue, diff.Subuser.DirectRoleIDs()),
		Grant: refs(diff.Catalogue, diff.GrantIDs), Revoke: refs(diff.Catalogue, diff.RevokeIDs),
	}
	for _, key := range diff.Keys {
		p.intent.Keys = append(p.intent.Keys, KeyRef{ID: key.ID, Name: key.Name})
		p.guard.Locks = append(p.guard.Locks, keyLock(key.ID))
	}
	if slices.ContainsFunc(p.intent.Revoke, func(r RoleRef) bool { return isOwner(r.Name) }) {
		p.guard.Locks = append(p.guard.Locks, ownersLock)
	}
	return p
}

// difference works out the change: Grant = Ticked ∩ Offered − Base, Revoke = (Offered ∩ Base) − Ticked.
func (s *Service) difference(ctx context.Context, c ChangeSubuserRoles, form RolesForm) (Difference, error) {
	if !form.Catalogue.Known {
		return Difference{}, ErrNoCatalogue
	}
	grant, revoke := c.Change()
	privileged := s.PrivilegedRoles(form.Catalogue)
	if err := s.Policy.RequireRoleChange(c.Operator, privileged, form.heldIDs(), slices.Concat(grant, revoke)); err != nil {
		return Difference{}, err
	}
	offered := form.Offered()
	moved := !sameSet(form.Base, c.Base) ||
		slices.ContainsFunc(slices.Concat(grant, revoke), func(id int64) bool { return !slices.Contains(offered, id) })
	if moved {
		return Difference{}, conflict(c, form)
	}
	d := newDifference(form, grant, revoke)
	d.LastOwner = form.Key.ID == "" && s.lastOwner(ctx, c.Account, c.SubuserID, d.RevokeIDs, form.Catalogue)
	return d, nil
}

// newDifference puts a change beside the roles that are held.
func newDifference(form RolesForm, grant, revoke []int64) Difference {
	d := Difference{
		Subuser:   form.Subuser,
		Key:       form.Key,
		Own:       form.Own,
		Catalogue: form.Catalogue,
		GrantIDs:  grant,
		RevokeIDs: revoke,
	}
	kept := slices.DeleteFunc(slices.Clone(form.Base), func(id int64) bool { return slices.Contains(revoke, id) })
	d.Grant, d.Revoke, d.Keep = form.Catalogue.Names(grant), form.Catalogue.Names(revoke), form.Catalogue.Names(kept)
	d.Brings, d.Takes = along(form, kept, grant, revoke)
	d.NothingToDo = len(grant)+len(revoke) == 0
	return d
}

// conflict says what the change would do to the roles as they now are, as far as this operator may.
func conflict(c ChangeSubuserRoles, form RolesForm) *Conflict {
	rebased := ChangeSubuserRoles{Base: form.Base, Offered: form.Offered(), Ticked: c.TicksFor(form.Base)}
	grant, revoke := rebased.Change()
	return &Conflict{Then: form.Catalogue.Names(c.Base), Now: form, Diff: newDifference(form, grant, revoke)}
}

// rolesProblems says what is wrong with the form, by field.
func rolesProblems(c ChangeSubuserRoles, d Difference) map[string]string {
	problems := map[string]string{}
	typed := strings.EqualFold(strings.TrimSpace(c.Confirm), d.Subuser.Login)
	switch {
	case d.NothingToDo:
		problems["roles"] = "Nothing to change: tick a role to grant it, or untick one to revoke it."
	case c.Force && len(d.RevokeIDs) == 0:
		problems["roles"] = "Nothing to take away: force is for revoking roles only."
	case d.LastOwner && !typed:
		problems["confirm"] = "Type the login " + d.Subuser.Login + " to confirm that no subuser will have Owner any more."
	case c.Force && !typed:
		problems["confirm"] = "Type the login " + d.Subuser.Login + " to confirm."
	}
	return problems
}

// rolesStep is the call for one effect.
func (s *Service) rolesStep(c ChangeSubuserRoles, e effect) step {
	if len(e.revoke) > 0 {
		return step{method: "RemoveSubUserRoles", send: func(ctx context.Context) error {
			return s.Writer.RemoveSubUserRoles(ctx, c.Account, c.SubuserID, e.revoke, c.Force)
		}}
	}
	return step{method: "SetSubUserRoles", send: func(ctx context.Context) error {
		return s.Writer.SetSubUserRoles(ctx, c.Account, c.SubuserID, e.grant)
	}}
}
