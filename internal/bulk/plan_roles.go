package bulk

import (
	"context"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// PlanRoles drafts a bulk change that grants and revokes one set of roles for all targets. Nothing is sent. It returns
// *policy.Denied, *operations.Invalid (fields "roles", "targets" and "reason"), operations.ErrNoCatalogue, *NotLoaded
// or *directory.ReadError.
func (s *Service) PlanRoles(
	ctx context.Context,
	request operations.Request,
	targets Targets,
	grant, revoke []int64,
) (Change, error) {
	if err := s.requireToPlan(request, Change{Kind: Roles, PrincipalKind: targets.Kind}); err != nil {
		return Change{}, err
	}
	wanted := access.Difference{Grant: grant, Revoke: revoke}
	return s.planRoles(ctx, request, targets, func(target) access.Difference { return wanted }, nil, Change{})
}

// planRoles drafts the change of roles that wantedOf returns for each target. undone is for an undo; change
// has what the draft gets besides.
func (s *Service) planRoles(
	ctx context.Context,
	request operations.Request,
	targets Targets,
	wantedOf func(target) access.Difference,
	undone undoneOperations,
	change Change,
) (Change, error) {
	account, err := s.readAccount(ctx, request, targets.Kind)
	if err != nil {
		return Change{}, err
	}
	if !account.catalogue.Known {
		return Change{}, operations.ErrNoCatalogue
	}
	chosen, targetsErr := s.targets(ctx, request.Account, account, targets)
	var grant, revoke []int64
	for _, t := range append(chosen, target{}) { // the roles of a form without targets are checked too
		wanted := wantedOf(t)
		grant = append(grant, access.Without(wanted.Grant, grant)...)
		revoke = append(revoke, access.Without(wanted.Revoke, revoke)...)
	}
	if problem := account.rolesProblem(grant, revoke); problem != "" {
		return Change{}, invalid("roles", problem)
	}
	// Both lists without repetitions: no role is in both.
	wanted := access.NewDifference(revoke, slices.Concat(grant, revoke), grant)
	if err := s.Policy.RequireRoleChange(
		request.Operator,
		account.privileged,
		nil,
		slices.Concat(wanted.Grant, wanted.Revoke),
	); err != nil {
		return Change{}, err
	}
	if targetsErr != nil {
		return Change{}, targetsErr
	}
	keyRoles, err := s.rolesOfKeys(ctx, request.Account)
	if err != nil {
		return Change{}, err
	}
	change.Kind, change.PrincipalKind, change.Filter = Roles, targets.Kind, targets.filter()
	change.Grant, change.Revoke = account.refs(wanted.Grant), account.refs(wanted.Revoke)
	items := make([]Item, 0, len(chosen))
	losing := map[access.Ref]bool{}
	for _, t := range chosen {
		item := s.rolesItem(account, t, wantedOf(t))
		item.addNote(keysKeepRolesNote(t, item.Revoke, keyRoles))
		undone.noteLaterChanges(account, t, &item)
		items = append(items, item)
		losesOwner := slices.ContainsFunc(
			item.Revoke,
			func(r operations.RoleRef) bool { return policy.SameRoleName(r.Name, ownerRole) },
		)
		if item.State == Waiting && losesOwner {
			losing[t.Ref] = true
		}
	}
	if account.leavesNoOwner(losing) {
		change.Warnings = append(change.Warnings, operations.WarnLastOwner)
	}
	return s.draft(ctx, request, account, change, items)
}

// rolesProblem returns a sentence about the selected roles, or "" when they are valid.
func (a accountState) rolesProblem(grant, revoke []int64) string {
	unknown := func(id int64) bool { _, known := a.catalogue.ByID(id); return !known }
	switch {
	case len(grant)+len(revoke) == 0:
		return "Select at least one role to grant or revoke."
	case slices.ContainsFunc(grant, func(id int64) bool { return slices.Contains(revoke, id) }):
		return "A bulk change cannot grant and revoke the same role."
	case slices.ContainsFunc(grant, unknown) || slices.ContainsFunc(revoke, unknown):
		return "A selected role is no longer in the account's catalogue. Select the roles again."
	default:
		return ""
	}
}

// rolesItem returns the item of a target: the wanted grants that the target does not have yet, even by inheritance, and
// the wanted revocations that it has directly. An inherited role cannot be revoked by itself.
func (s *Service) rolesItem(a accountState, t target, wanted access.Difference) Item {
	item := s.newItem(a, t)
	if item.State == Skipped {
		return item
	}
	direct := t.DirectRoleIDs()
	inherited := access.Without(t.RoleIDs(), direct)
	change := access.NewDifference(direct, slices.Concat(wanted.Grant, wanted.Revoke), wanted.Grant)
	item.Grant = a.refs(access.Without(change.Grant, inherited))
	item.Revoke = a.refs(change.Revoke)
	item.PrivilegedGrants = a.privileged.With(t.Reported).PrivilegedGrants(t.RoleIDs(), idsOf(item.Grant))
	switch {
	case len(item.Grant)+len(item.Revoke) == 0:
		item.State = Unchanged
		item.addNote("Nothing to change.")
	case s.Policy.RequireRoleChange(a.operator, a.privileged.With(t.Reported), t.RoleIDs(), idsOf(item.Grant)) != nil:
		item.skip("Together with the other roles this amounts to a privileged role: only an admin can grant it.")
		return item
	}
	for _, role := range a.refs(wanted.Grant) {
		if slices.Contains(inherited, role.ID) {
			item.addNote("Already inherits " + role.Name + " through another role.")
		}
	}
	for _, role := range a.refs(wanted.Revoke) {
		if slices.Contains(inherited, role.ID) {
			item.addNote("Keeps " + role.Name + ", which is inherited through another role.")
		}
	}
	return item
}

// rolesOfKeys returns the direct roles of the keys in the latest listing.
func (s *Service) rolesOfKeys(ctx context.Context, account int64) (map[access.Ref][]int64, error) {
	list, err := s.Directory.List(ctx, account, access.Key, directory.Filter{PerPage: directory.Everything})
	if err != nil {
		return nil, err
	}
	roles := make(map[access.Ref][]int64, len(list.Rows))
	for _, key := range list.Rows {
		roles[key.Ref] = key.DirectRoleIDs()
	}
	return roles, nil
}

// keysKeepRolesNote returns a sentence when the vendor will refuse a revocation, with code 439: keys that belong to the
// subuser have one of the roles.
func keysKeepRolesNote(t target, revoke []operations.RoleRef, keyRoles map[access.Ref][]int64) string {
	var keys []access.NamedKey
	for _, key := range t.Keys {
		isRevoked := func(id int64) bool { return slices.Contains(idsOf(revoke), id) }
		if slices.ContainsFunc(keyRoles[access.KeyRef(key.ID)], isRevoked) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return ""
	}
	return "Voximplant refuses this while keys of " + t.Name + " have such a role: " +
		strings.Join(keyNames(keys), ", ") + ". Revoke it from the keys first."
}
