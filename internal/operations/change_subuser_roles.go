package operations

import (
	"context"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// ChangeSubuserRoles grants and revokes roles. Grant = Ticked ∩ Offered − Base; revoke = (Offered ∩ Base) − Ticked.
type ChangeSubuserRoles struct {
	Request
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

// VendorCalls is the act as calls of the Management API.
func (c ChangeSubuserRoles) VendorCalls() []VendorCall {
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
		ticked, inBase := slices.Contains(c.Ticked, id), slices.Contains(c.Base, id)
		switch {
		case ticked && !inBase && !slices.Contains(grant, id):
			grant = append(grant, id)
		case inBase && !ticked && !slices.Contains(revoke, id):
			revoke = append(revoke, id)
		}
	}
	return grant, revoke
}

// RebaseTicked carries the change, not the ticks, over to a newer base: what somebody else has granted since then
// was never seen by this operator, and stays.
func (c ChangeSubuserRoles) RebaseTicked(base []int64) []int64 {
	grant, revoke := c.Change()
	ticked := slices.Clone(base)
	for _, id := range grant {
		if !slices.Contains(ticked, id) {
			ticked = append(ticked, id)
		}
	}
	return slices.DeleteFunc(ticked, func(id int64) bool { return slices.Contains(revoke, id) })
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
	return s.addForceImpact(ctx, c, diff)
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
	target := audit.Target{Ref: access.Ref{Kind: access.Subuser, ID: formatID(c.SubuserID)}}
	return s.executeOnTarget(
		ctx,
		c.Request,
		c.action(),
		target,
		c.permission(),
		func(ctx context.Context, lastSeq int64) (Outcome, error) {
			return s.tryChangeRoles(ctx, c, target, lastSeq)
		},
	)
}

// tryChangeRoles makes one attempt from the fresh reading on. It fails with audit.ErrConflict when the
// reading was outdated before the intent was written.
func (s *Service) tryChangeRoles(
	ctx context.Context,
	c ChangeSubuserRoles,
	target audit.Target,
	lastSeq int64,
) (Outcome, error) {
	readCtx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	diff, err := s.PreviewSubuserRoles(readCtx, c)
	if err != nil {
		return Outcome{}, err
	}
	if err := s.checkForce(c, diff); err != nil {
		return Outcome{}, err
	}
	if err := s.formError(rolesProblems(c, diff), c.Reason); err != nil {
		return Outcome{}, err
	}
	p := s.planRoles(c, target, diff, lastSeq)
	exec := execution{subuserBefore: diff.Subuser, unrequestedChanges: func(v evaluation) UnrequestedChanges {
		return unrequestedChanges(diff.Subuser.Roles, v.principal.roles(), p.intent, diff.Catalogue)
	}}
	for _, e := range p.intent.effects() {
		exec.steps = append(exec.steps, s.rolesStep(c, e))
	}
	if slices.Contains(p.guard.Locks, ownersLock) && !diff.LastOwner {
		exec.checkLocked = func(ctx context.Context, _ audit.Operation) string {
			if s.isLastOwner(ctx, c.Account, c.SubuserID, diff.RevokeIDs, diff.Catalogue) {
				return becameLastOwner
			}
			return ""
		}
	}
	return s.start(ctx, p, exec)
}

// planRoles writes down what is to be done and what must not be touched by others meanwhile.
func (s *Service) planRoles(c ChangeSubuserRoles, target audit.Target, diff Difference, lastSeq int64) plan {
	target.Name = diff.Subuser.Login
	p := plan{request: c.Request, action: c.action(), target: target}
	p.guard = audit.Guard{Locks: []string{subuserLock(c.SubuserID)}, LastSeq: &lastSeq}
	p.intent = Intent{
		Login: diff.Subuser.Login, Before: roleRefs(diff.Catalogue, diff.Subuser.DirectRoleIDs()),
		Grant: roleRefs(diff.Catalogue, diff.GrantIDs), Revoke: roleRefs(diff.Catalogue, diff.RevokeIDs),
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
	if err := s.Policy.RequireRoleChange(
		c.Operator,
		privileged,
		form.roleIDs(),
		slices.Concat(grant, revoke),
	); err != nil {
		return Difference{}, err
	}
	offered := form.Offered()
	outdated := !sameSet(form.Base, c.Base) ||
		slices.ContainsFunc(slices.Concat(grant, revoke), func(id int64) bool { return !slices.Contains(offered, id) })
	if outdated {
		return Difference{}, conflict(c, form)
	}
	d := newDifference(form, grant, revoke)
	d.LastOwner = form.Key.ID == "" && s.isLastOwner(ctx, c.Account, c.SubuserID, d.RevokeIDs, form.Catalogue)
	return d, nil
}

// newDifference puts a change beside the roles that are held.
func newDifference(form RolesForm, grant, revoke []int64) Difference {
	d := Difference{
		Subuser:      form.Subuser,
		Key:          form.Key,
		IsConsoleKey: form.IsConsoleKey,
		Catalogue:    form.Catalogue,
		GrantIDs:     grant,
		RevokeIDs:    revoke,
	}
	kept := slices.DeleteFunc(slices.Clone(form.Base), func(id int64) bool { return slices.Contains(revoke, id) })
	d.Grant, d.Revoke, d.Keep = form.Catalogue.Names(grant), form.Catalogue.Names(revoke), form.Catalogue.Names(kept)
	d.AlsoGranted, d.AlsoRevoked = impliedChanges(form, kept, grant, revoke)
	d.NothingToDo = len(grant)+len(revoke) == 0
	return d
}

// conflict says what the change would do to the roles as they now are, as far as this operator may.
func conflict(c ChangeSubuserRoles, form RolesForm) *Conflict {
	rebased := ChangeSubuserRoles{Base: form.Base, Offered: form.Offered(), Ticked: c.RebaseTicked(form.Base)}
	grant, revoke := rebased.Change()
	return &Conflict{BaseRoles: form.Catalogue.Names(c.Base), CurrentForm: form, Diff: newDifference(form, grant, revoke)}
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
