package bulk

import (
	"context"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// PlanDelete drafts a run that deletes the targets. It reads the console's own key, and nothing else of the vendor.
// Errors as for PlanRoles.
func (s *Service) PlanDelete(ctx context.Context, act operations.Act, targets Targets) (Run, error) {
	return s.planDelete(ctx, act, targets, "")
}

func (s *Service) planDelete(ctx context.Context, act operations.Act, targets Targets, retryOf string) (Run, error) {
	if err := s.require(act.Operator, Delete); err != nil {
		return Run{}, err
	}
	g, err := s.survey(ctx, act)
	if err != nil {
		return Run{}, err
	}
	chosen, err := s.targets(ctx, act.Account, g, targets)
	if err != nil {
		return Run{}, err
	}
	owner, ownerKnown, err := s.Acts.OwnKeyOwner(ctx, act.Account)
	if err != nil {
		return Run{}, err
	}
	rows := make([]Row, 0, len(chosen))
	losing := map[int64]bool{}
	warn := map[operations.Warning]bool{}
	run := Run{Kind: Delete, RetryOf: retryOf}
	for _, t := range chosen {
		row := s.deleteRow(g, t, ownerKnown && owner == t.ID)
		rows = append(rows, row)
		if row.State != Waiting {
			continue
		}
		if isOwner(t.Roles) {
			losing[t.ID] = true
		}
		run.Privileged = run.Privileged || len(t.Keys) > 0 // they may go too
		warn[operations.WarnKeys] = warn[operations.WarnKeys] || len(t.Keys) > 0 || !t.KeysKnown
		warn[operations.WarnOwnKeyUnknown] = !ownerKnown
	}
	warn[operations.WarnLastOwner] = g.leavesNoOwner(losing)
	for _, w := range []operations.Warning{operations.WarnLastOwner, operations.WarnOwnKeyUnknown, operations.WarnKeys} {
		if warn[w] {
			run.Warnings = append(run.Warnings, w)
		}
	}
	return s.draft(ctx, act, g, run, rows)
}

// deleteRow is one target that is to be deleted. own says that the console's own key is theirs.
func (s *Service) deleteRow(g ground, t target, own bool) Row {
	row := s.row(g, t)
	mayKeys := s.Policy.May(g.operator, policy.KeysDelete)
	switch {
	case row.State == Skipped:
	case own:
		row.skip(
			"The key that this console runs on belongs to " + t.Login +
				". Give the console another key first; then this one is an ordinary key.",
		)
	case len(t.Keys) > 0 && !mayKeys:
		row.skip(
			"Keys belong to " + t.Login + ", and what becomes of them is not published. Only those who may delete keys " +
				"may do this.",
		)
	case len(t.Keys) > 0:
		names := make([]string, 0, len(t.Keys))
		for _, key := range t.Keys {
			names = append(names, key.Name)
		}
		slices.Sort(names)
		row.say("Keys belong to " + t.Login + ": " + strings.Join(names, ", ") + ". What becomes of them is not published.")
	case !t.KeysKnown:
		row.say("It is not known whether keys belong to " + t.Login + ".")
	}
	return row
}
