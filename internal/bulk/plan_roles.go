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
// operations.ErrNoCatalogue, Cold or a directory.Trouble.
func (s *Service) PlanRoles(
	ctx context.Context,
	act operations.Act,
	targets Targets,
	grant, revoke []int64,
) (Run, error) {
	return s.planRoles(ctx, act, targets, grant, revoke, "")
}

func (s *Service) planRoles(
	ctx context.Context,
	act operations.Act,
	targets Targets,
	grant, revoke []int64,
	retryOf string,
) (Run, error) {
	if err := s.require(act.Operator, Roles); err != nil {
		return Run{}, err
	}
	g, err := s.survey(ctx, act)
	if err != nil {
		return Run{}, err
	}
	if !g.catalogue.Known {
		return Run{}, operations.ErrNoCatalogue
	}
	grant, revoke = unique(grant), unique(revoke)
	if problem := g.rolesProblem(grant, revoke); problem != "" {
		return Run{}, invalid("roles", problem)
	}
	if err := s.Policy.MayChange(act.Operator, g.privileged, nil, slices.Concat(grant, revoke)); err != nil {
		return Run{}, err
	}
	chosen, err := s.targets(ctx, act.Account, g, targets)
	if err != nil {
		return Run{}, err
	}
	run := Run{Kind: Roles, Grant: g.refs(grant), Revoke: g.refs(revoke), RetryOf: retryOf}
	rows := make([]Row, 0, len(chosen))
	losing := map[int64]bool{}
	for _, t := range chosen {
		row := s.rolesRow(g, t, grant, revoke)
		rows = append(rows, row)
		if row.State == Waiting &&
			slices.ContainsFunc(row.Revoke, func(r operations.RoleRef) bool { return policy.SameRole(r.Name, ownerRole) }) {
			losing[t.ID] = true
		}
	}
	if g.leavesNoOwner(losing) {
		run.Warnings = append(run.Warnings, operations.WarnLastOwner)
	}
	return s.draft(ctx, act, g, run, rows)
}

// rolesProblem says what is wrong with the roles that were chosen, "" when nothing is.
func (g ground) rolesProblem(grant, revoke []int64) string {
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

// rolesRow is what the change is for one target: what is held already is not granted again, and what is held only
// through another role cannot be taken away by itself.
func (s *Service) rolesRow(g ground, t target, grant, revoke []int64) Row {
	row := s.row(g, t)
	if row.State == Skipped {
		return row
	}
	direct := t.DirectIDs()
	inherited := slices.DeleteFunc(t.HeldIDs(), func(id int64) bool { return slices.Contains(direct, id) })
	row.Grant = g.refs(without(without(grant, direct), inherited))
	row.Revoke = g.refs(
		slices.DeleteFunc(slices.Clone(revoke), func(id int64) bool { return !slices.Contains(direct, id) }),
	)
	switch {
	case len(row.Grant)+len(row.Revoke) == 0:
		row.State = Idle
		row.say("Nothing to change.")
	case s.Policy.MayChange(g.operator, g.privileged, t.HeldIDs(), idsOf(row.Grant)) != nil:
		row.skip("Together with what is held, this change comes to a privileged role: only an admin may make it.")
		return row
	}
	for _, id := range grant {
		if slices.Contains(inherited, id) {
			row.say("Has " + name(g.catalogue, id) + " already, through another role.")
		}
	}
	for _, id := range revoke {
		if slices.Contains(inherited, id) {
			row.say("Keeps " + name(g.catalogue, id) + ", which comes through another role.")
		}
	}
	return row
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
