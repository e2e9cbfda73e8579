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
func (s *Service) PlanDelete(ctx context.Context, request operations.Request, targets Targets) (Change, error) {
	return s.planDelete(ctx, request, targets, "")
}

func (s *Service) planDelete(
	ctx context.Context,
	request operations.Request,
	targets Targets,
	retryOf string,
) (Change, error) {
	if err := s.require(request.Operator, Delete); err != nil {
		return Change{}, err
	}
	g, err := s.readAccount(ctx, request)
	if err != nil {
		return Change{}, err
	}
	chosen, err := s.targets(ctx, request.Account, g, targets)
	if err != nil {
		return Change{}, err
	}
	owner, ownerKnown, err := s.Operations.ConsoleKeyOwner(ctx, request.Account)
	if err != nil {
		return Change{}, err
	}
	items := make([]Item, 0, len(chosen))
	losing := map[int64]bool{}
	warn := map[operations.Warning]bool{}
	change := Change{Kind: Delete, RetryOf: retryOf}
	for _, t := range chosen {
		item := s.deleteItem(g, t, ownerKnown && owner == t.ID)
		items = append(items, item)
		if item.State != Waiting {
			continue
		}
		if isOwner(t.Roles) {
			losing[t.ID] = true
		}
		change.Privileged = change.Privileged || len(t.Keys) > 0 // they may go too
		warn[operations.WarnKeys] = warn[operations.WarnKeys] || len(t.Keys) > 0 || !t.KeysKnown
		warn[operations.WarnConsoleKeyOwnerUnknown] = !ownerKnown
	}
	warn[operations.WarnLastOwner] = g.leavesNoOwner(losing)
	for _, w := range []operations.Warning{
		operations.WarnLastOwner,
		operations.WarnConsoleKeyOwnerUnknown,
		operations.WarnKeys,
	} {
		if warn[w] {
			change.Warnings = append(change.Warnings, w)
		}
	}
	return s.draft(ctx, request, g, change, items)
}

// deleteItem is one target that is to be deleted. own says that the console's own key is theirs.
func (s *Service) deleteItem(g accountState, t target, ownsConsoleKey bool) Item {
	item := s.newItem(g, t)
	mayKeys := s.Policy.May(g.operator, policy.KeysDelete)
	switch {
	case item.State == Skipped:
	case ownsConsoleKey:
		item.skip(
			"The key that this console runs on belongs to " + t.Login +
				". Give the console another key first; then this one is an ordinary key.",
		)
	case len(t.Keys) > 0 && !mayKeys:
		item.skip(
			"Keys belong to " + t.Login + ", and what becomes of them is not published. Only those who may delete keys " +
				"may do this.",
		)
	case len(t.Keys) > 0:
		names := make([]string, 0, len(t.Keys))
		for _, key := range t.Keys {
			names = append(names, key.Name)
		}
		slices.Sort(names)
		item.addNote("Keys belong to " + t.Login + ": " + strings.Join(
			names,
			", ",
		) + ". What becomes of them is not published.")
	case !t.KeysKnown:
		item.addNote("It is not known whether keys belong to " + t.Login + ".")
	}
	return item
}
