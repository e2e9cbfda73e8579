package operations

import (
	"context"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// ChangeRoles grants and revokes direct roles of a principal.
type ChangeRoles struct {
	Request
	Ref     access.Ref
	Base    []int64 // the direct roles that the form was built from
	Offered []int64 // the roles that the form offered
	Ticked  []int64
	// Confirm is the typed login. It is needed with Force, and when Owner is revoked from the last subuser who has it.
	Confirm string
	// Force revokes the roles of a subuser from all its keys, too. Without it the vendor refuses the change, with code
	// 439, when one of the keys has such a role. It needs a permission of its own.
	Force  bool
	Warned []Warning // with Force: the warnings that the page showed
}

// Difference returns the roles to grant and to revoke.
func (c ChangeRoles) Difference() access.Difference {
	return access.NewDifference(c.Base, c.Offered, c.Ticked)
}

// RebaseTicked returns the roles to tick on a form with a newer base: the same change, without undoing what another
// person changed in between.
func (c ChangeRoles) RebaseTicked(base []int64) []int64 { return c.Difference().Apply(base) }

func (c ChangeRoles) verb() Verb {
	if c.Force {
		return VerbForce
	}
	return VerbRoles
}

// VendorCalls returns the calls that the change makes.
func (c ChangeRoles) VendorCalls() []VendorCall {
	d := c.Difference()
	if c.Ref.Kind == access.Key {
		if len(d.Grant) > 0 {
			d.Grant = d.Apply(c.Base) // see keyRolesStep
		}
		return roleCalls(idParam(c.Ref), "RemoveKeyRoles", "SetKeyRoles", d)
	}
	var force []Param
	if c.Force {
		force = []Param{{Name: "force", Value: "true"}}
	}
	return roleCalls(idParam(c.Ref), "RemoveSubUserRoles", "SetSubUserRoles", d, force...)
}

// PreviewRoles reads the principal and returns what the change would do. Nothing is written or sent. It fails with
// Conflict, policy.Denied, ErrNoCatalogue, directory.ErrNotFound, a *directory.ReadError or the error of the context.
func (s *Service) PreviewRoles(ctx context.Context, c ChangeRoles) (Difference, error) {
	if err := s.requireVerb(c.Operator, c.Ref.Kind, c.verb()); err != nil {
		return Difference{}, err
	}
	return s.previewRoles(ctx, c, s.forDrawing(c.Account))
}

func (s *Service) previewRoles(
	ctx context.Context,
	c ChangeRoles,
	readCatalogue catalogueReader,
) (Difference, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	form, err := s.readRolesForm(ctx, c.Operator, c.Account, c.Ref, readCatalogue)
	if err != nil {
		return Difference{}, err
	}
	return s.previewForm(ctx, c, form)
}

// PreviewForm is PreviewRoles for a form that was just built. It does not read the principal again.
func (s *Service) PreviewForm(ctx context.Context, c ChangeRoles, form RolesForm) (Difference, error) {
	if err := s.requireVerb(c.Operator, c.Ref.Kind, c.verb()); err != nil {
		return Difference{}, err
	}
	return s.previewForm(ctx, c, form)
}

func (s *Service) previewForm(ctx context.Context, c ChangeRoles, form RolesForm) (Difference, error) {
	change := c.Difference()
	changed := slices.Concat(change.Grant, change.Revoke)
	if err := s.requirePrivilege(c.Operator, form.Catalogue, form.Principal, changed); err != nil {
		return Difference{}, err
	}
	if !form.Catalogue.Known {
		return Difference{}, ErrNoCatalogue
	}
	if !access.SameRoles(form.Base, c.Base) || len(access.Without(changed, form.Offered())) > 0 {
		return Difference{}, conflict(c, form)
	}
	d := newDifference(form, change)
	d.PrivilegedGrants = s.privilegedGrants(form.Catalogue, form.Principal, change.Grant)
	switch {
	case c.Ref.Kind == access.Subuser:
		d.LastOwner = s.isLastOwner(ctx, c.Account, c.Ref, change.Revoke, form.Catalogue)
	case form.IsConsoleKey &&
		mayLoseOwner(form.Catalogue, s.Directory.ListsParentRoles(c.Account), form.Base, change):
		d.BlockedReason = consoleKeyNeedsOwner
	}
	if c.Force {
		return s.addForceImpact(ctx, c, d)
	}
	return d, nil
}

// conflict returns the error of a form with an outdated base, with what the change would do to the present roles.
func conflict(c ChangeRoles, form RolesForm) *Conflict {
	change := access.NewDifference(form.Base, form.Offered(), c.RebaseTicked(form.Base))
	return &Conflict{
		BaseRoles:   form.Catalogue.Names(c.Base),
		CurrentForm: form,
		Diff:        newDifference(form, change),
	}
}

// ChangeRoles makes the change. It fails as PreviewRoles does, and with Invalid, Repeated, IDMismatch, Busy,
// ConsoleKeyProtected, FormOutdated, policy.StaleSignIn or ErrAuditLogUnavailable. An error means that nothing was
// sent; the Outcome reports what happened after that.
func (s *Service) ChangeRoles(ctx context.Context, c ChangeRoles) (Outcome, error) {
	return s.executeOnTarget(ctx, c.Request, c.verb(), c.Ref, func(ctx context.Context, p plan) (Outcome, error) {
		diff, err := s.previewRoles(ctx, c, s.forDecision(c.Request))
		if err != nil {
			return Outcome{}, err
		}
		switch {
		case diff.BlockedReason != "":
			return Outcome{}, &ConsoleKeyProtected{Message: diff.BlockedReason}
		case missingFrom(c.Warned, diff.Warnings):
			return Outcome{}, &FormOutdated{}
		}
		if err := s.formError(rolesProblems(c, diff), c.Reason, diff.PrivilegedGrants); err != nil {
			return Outcome{}, err
		}
		p.planRoles(diff)
		return s.start(ctx, p, s.rolesExecution(c, p, diff))
	})
}

// planRoles adds the intent to the plan, and the locks beside that of the principal.
func (p *plan) planRoles(diff Difference) {
	p.target.Name = diff.Principal.Name
	p.intent = newIntent(diff.Principal)
	p.intent.Before = roleRefs(diff.Catalogue, diff.Principal.DirectRoleIDs())
	p.intent.Grant = roleRefs(diff.Catalogue, diff.Change.Grant)
	p.intent.Revoke = roleRefs(diff.Catalogue, diff.Change.Revoke)
	for _, key := range diff.Keys {
		p.intent.Keys = append(p.intent.Keys, KeyRef{ID: key.ID, Name: key.Name})
		p.guard.Locks = append(p.guard.Locks, principalLock(key.Ref))
	}
	revokesOwner := slices.ContainsFunc(p.intent.Revoke, func(r RoleRef) bool {
		return isOwnerRole(diff.Catalogue, r.ID, r.Name)
	})
	if revokesOwner && diff.Principal.Kind == access.Subuser {
		p.guard.Locks = append(p.guard.Locks, ownersLock)
	}
}

func (s *Service) rolesExecution(c ChangeRoles, p plan, diff Difference) execution {
	exec := execution{
		before: diff.Principal,
		unrequestedChanges: func(after access.Principal) UnrequestedChanges {
			return unrequestedChanges(diff.Principal, after, p.intent, diff.Catalogue)
		},
	}
	for _, e := range p.intent.effects() {
		if c.Ref.Kind == access.Key {
			exec.steps = append(exec.steps, s.keyRolesStep(c, e, diff.Change.Apply(diff.Principal.DirectRoleIDs())))
		} else {
			exec.steps = append(exec.steps, s.subuserRolesStep(c, e))
		}
	}
	if slices.Contains(p.guard.Locks, ownersLock) && !diff.LastOwner {
		exec.checkLocked = func(ctx context.Context, _ audit.Operation) string {
			if s.isLastOwner(ctx, c.Account, c.Ref, diff.Change.Revoke, diff.Catalogue) {
				return becameLastOwner
			}
			return ""
		}
	}
	return exec
}

// rolesProblems returns what is wrong with the form, by field.
func rolesProblems(c ChangeRoles, d Difference) map[string]string {
	problems := map[string]string{}
	login := d.Principal.Name
	typed := strings.EqualFold(strings.TrimSpace(c.Confirm), login)
	switch {
	case d.Change.IsEmpty():
		problems["roles"] = "Nothing to change: tick a role to grant it, or untick one to revoke it."
	case c.Force && len(d.Change.Revoke) == 0:
		problems["roles"] = "Nothing to revoke: force is only for revoking roles."
	case d.LastOwner && !typed:
		problems["confirm"] = "Type the login " + login + " to confirm that no subuser will have Owner."
	case c.Force && !typed:
		problems["confirm"] = "Type the login " + login + " to confirm."
	}
	return problems
}

// subuserRolesStep returns the call for one effect on a subuser.
func (s *Service) subuserRolesStep(c ChangeRoles, e effect) step {
	id := c.Ref.SubuserID()
	if len(e.revoke) > 0 {
		return step{method: "RemoveSubUserRoles", send: func(ctx context.Context) error {
			return s.Writer.RemoveSubUserRoles(ctx, c.Account, id, e.revoke, c.Force)
		}}
	}
	return step{method: "SetSubUserRoles", send: func(ctx context.Context) error {
		return s.Writer.SetSubUserRoles(ctx, c.Account, id, e.grant)
	}}
}

// keyRolesStep returns the call for one effect on a key. The vendor does not document whether SetKeyRoles adds or
// replaces roles, so it gets all direct roles that are wanted. A vendor that adds may refuse those that the key has
// already, with code 435; then only the missing ones are sent.
func (s *Service) keyRolesStep(c ChangeRoles, e effect, wanted []int64) step {
	if len(e.revoke) > 0 {
		return step{method: "RemoveKeyRoles", send: func(ctx context.Context) error {
			return s.Writer.RemoveKeyRoles(ctx, c.Account, c.Ref.ID, e.revoke)
		}}
	}
	set := func(roles []int64) func(ctx context.Context) error {
		return func(ctx context.Context) error { return s.Writer.SetKeyRoles(ctx, c.Account, c.Ref.ID, roles) }
	}
	return step{
		method: "SetKeyRoles",
		send:   set(wanted),
		fallback: func(ctx context.Context, refused error) func(ctx context.Context) error {
			if !voxapi.InfoOf(voxapi.Code(refused)).IsInvalidRoleSet() {
				return nil
			}
			current, err := s.Directory.ByID(ctx, c.Account, c.Ref)
			missing := access.Without(wanted, current.DirectRoleIDs())
			if err != nil || len(missing) == 0 || len(missing) == len(wanted) {
				return nil
			}
			return set(missing)
		},
	}
}
