package bulk

import (
	"context"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// PlanDelete drafts a bulk change that deletes the targets. The only vendor call reads the console key, to find the
// subuser that owns it. It returns the errors of PlanRoles.
func (s *Service) PlanDelete(ctx context.Context, request operations.Request, targets Targets) (Change, error) {
	if err := s.requireToPlan(request, Change{Kind: Delete, PrincipalKind: targets.Kind}); err != nil {
		return Change{}, err
	}
	return s.planDelete(ctx, request, targets, nil, Change{})
}

// planDelete drafts the deletion of the targets. undone is for an undo; change has what the draft gets besides.
func (s *Service) planDelete(
	ctx context.Context,
	request operations.Request,
	targets Targets,
	undone undoneOperations,
	change Change,
) (Change, error) {
	account, err := s.readAccount(ctx, request, targets.Kind)
	if err != nil {
		return Change{}, err
	}
	chosen, err := s.targets(ctx, request.Account, account, targets)
	if err != nil {
		return Change{}, err
	}
	owner, ownerKnown := access.Ref{}, true
	if targets.Kind == access.Subuser {
		if owner, ownerKnown, err = s.Operations.ConsoleKeyOwner(ctx, request.Account); err != nil {
			return Change{}, err
		}
	}
	items := make([]Item, 0, len(chosen))
	losing := map[access.Ref]bool{}
	warn := map[operations.Warning]bool{}
	change.Kind, change.PrincipalKind, change.Filter = Delete, targets.Kind, targets.filter()
	for _, t := range chosen {
		item := s.deleteItem(account, t, ownerKnown && owner == t.Ref)
		undone.noteLaterChanges(account, t, &item)
		items = append(items, item)
		if item.State != Waiting {
			continue
		}
		if account.isOwner(t.Roles) {
			losing[t.Ref] = true
		}
		if t.Kind == access.Key {
			continue
		}
		// The vendor may delete the keys too.
		change.Privileged = change.Privileged || len(t.Keys) > 0
		warn[operations.WarnKeys] = warn[operations.WarnKeys] || len(t.Keys) > 0 || !t.KeysKnown
		warn[operations.WarnConsoleKeyOwnerUnknown] = !ownerKnown
	}
	warn[operations.WarnLastOwner] = account.leavesNoOwner(losing)
	for _, w := range []operations.Warning{
		operations.WarnLastOwner,
		operations.WarnConsoleKeyOwnerUnknown,
		operations.WarnKeys,
	} {
		if warn[w] {
			change.Warnings = append(change.Warnings, w)
		}
	}
	return s.draft(ctx, request, account, change, items)
}

// deleteItem returns the item of a target that is to be deleted.
func (s *Service) deleteItem(a accountState, t target, ownsConsoleKey bool) Item {
	item := s.newItem(a, t)
	mayDeleteKeys := s.Policy.May(a.operator, policy.KeysDelete)
	switch {
	case item.State == Skipped, t.Kind == access.Key:
	case ownsConsoleKey:
		item.skip("The console key belongs to " + t.Name + ". Set up another console key first.")
	case len(t.Keys) > 0 && !mayDeleteKeys:
		item.skip(
			"Keys belong to " + t.Name + ", and Voximplant does not document what happens to them. Only an operator that can " +
				"delete keys can do this.",
		)
	case len(t.Keys) > 0:
		item.addNote(
			"Keys that belong to " + t.Name + ": " + strings.Join(keyNames(t.Keys), ", ") +
				". They may be deleted too or stay without an owner: Voximplant does not document it.",
		)
	case !t.KeysKnown:
		item.addNote("It is not known whether keys belong to " + t.Name + ".")
	}
	return item
}

// keyNames returns the sorted names of keys, and the id of a key without a name.
func keyNames(keys []access.NamedKey) []string {
	names := make([]string, 0, len(keys))
	for _, key := range keys {
		names = append(names, operations.Confirmation(access.Principal{Ref: access.KeyRef(key.ID), Name: key.Name}))
	}
	slices.Sort(names)
	return names
}
