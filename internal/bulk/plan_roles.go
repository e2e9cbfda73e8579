package bulk

import (
	"context"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// PlanRoles drafts a run that grants and revokes one set of roles for all targets: a row for each, with what it would
// change for this one. Nothing is sent. It fails with policy.Denied, operations.Invalid ("roles", "targets"),
// operations.ErrNoCatalogue, Cold or a directory.LastError.
func (s *Service) PlanRoles(
	ctx context.Context,
	request operations.Request,
	targets Targets,
	grant, revoke []int64,
) (Change, error) {
	return s.planRoles(ctx, request, targets, grant, revoke, "")
}

func (s *Service) planRoles(
	ctx context.Context,
	request operations.Request,
	targets Targets,
	grant, revoke []int64,
	retryOf string,
) (Change, error) {
	if err := s.require(request.Operator, Roles); err != nil {
		return Change{}, err
	}
	g, err := s.readAccount(ctx, request)
	if err != nil {
		return Change{}, err
	}
	if !g.catalogue.Known {
		return Change{}, operations.ErrNoCatalogue
	}
	grant, revoke = unique(grant), unique(revoke)
	if problem := g.rolesProblem(grant, revoke); problem != "" {
		return Change{}, invalid("roles", problem)
	}
	if err := s.Policy.RequireRoleChange(request.Operator, g.privileged, nil, slices.Concat(grant, revoke)); err != nil {
		return Change{}, err
	}
	chosen, err := s.targets(ctx, request.Account, g, targets)
	if err != nil {
		return Change{}, err
	}
	change := Change{Kind: Roles, Grant: g.refs(grant), Revoke: g.refs(revoke), RetryOf: retryOf}
	items := make([]Item, 0, len(chosen))
	losing := map[int64]bool{}
	for _, t := range chosen {
		item := s.rolesItem(g, t, grant, revoke)
		items = append(items, item)
		if item.State == Waiting &&
			slices.ContainsFunc(item.Revoke, func(r operations.RoleRef) bool { return policy.SameRoleName(r.Name, ownerRole) }) {
			losing[t.ID] = true
		}
	}
	if g.leavesNoOwner(losing) {
		change.Warnings = append(change.Warnings, operations.WarnLastOwner)
	}
	return s.draft(ctx, request, g, change, items)
}

// rolesProblem says what is wrong with the roles that were chosen, "" when nothing is.
func (g accountState) rolesProblem(grant, revoke []int64) string {
	all := slices.Concat(grant, revoke)
	switch {
	case len(all) == 0:
		return "Nothing to change: choose a role to grant or to revoke."
	case len(unique(all)) < len(all):
		return "A role cannot be granted and revoked in one run."
	case slices.ContainsFunc(all, func(id int64) bool { _, known := g.catalogue.ByID(id); return !known }):
		return "A chosen role is no longer offered. Look at the roles again."
	default:
		return ""
	}
}

// rolesItem is what the change is for one target: what is held already is not granted again, and what is held only
// through another role cannot be taken away by itself.
func (s *Service) rolesItem(g accountState, t target, grant, revoke []int64) Item {
	item := s.newItem(g, t)
	if item.State == Skipped {
		return item
	}
	direct := t.DirectRoleIDs()
	inherited := slices.DeleteFunc(t.RoleIDs(), func(id int64) bool { return slices.Contains(direct, id) })
	item.Grant = g.refs(without(without(grant, direct), inherited))
	item.Revoke = g.refs(
		slices.DeleteFunc(slices.Clone(revoke), func(id int64) bool { return !slices.Contains(direct, id) }),
	)
	switch {
	case len(item.Grant)+len(item.Revoke) == 0:
		item.State = Unchanged
		item.addNote("Nothing to change.")
	case s.Policy.RequireRoleChange(g.operator, g.privileged, t.RoleIDs(), idsOf(item.Grant)) != nil:
		item.skip("Together with what is held, this change comes to a privileged role: only an admin may make it.")
		return item
	}
	for _, id := range grant {
		if slices.Contains(inherited, id) {
			item.addNote("Has " + name(g.catalogue, id) + " already, through another role.")
		}
	}
	for _, id := range revoke {
		if slices.Contains(inherited, id) {
			item.addNote("Keeps " + name(g.catalogue, id) + ", which comes through another role.")
		}
	}
	return item
}

func name(c directory.Catalogue, id int64) string { return strings.Join(c.Names([]int64{id}), "") }

// unique are the ids without repetitions, in their order.
func unique(ids []int64) []int64 {
	var out []int64
	for _, id := range ids {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// without are the ids of a that are not in b.
func without(a, b []int64) []int64 {
	return slices.DeleteFunc(slices.Clone(a), func(id int64) bool { return slices.Contains(b, id) })
}
