package bulk

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// Retry drafts a new bulk change for the items of an ended one that were not sent, based on the current state of the
// account, with the reason of the ended one. It returns *policy.Denied, ErrNotFound, *StateConflict,
// *operations.Invalid (field "rows") when no item is left, *audit.Mismatch when the bulk change was changed in the
// database, or an error of the planning.
func (s *Service) Retry(ctx context.Context, request operations.Request, id string) (Change, error) {
	c, err := s.visible(ctx, request.Operator, id)
	if err != nil {
		return Change{}, err
	}
	if err := s.Policy.Require(request.Operator, policy.BulkStart); err != nil {
		return Change{}, err
	}
	if !c.Ended() {
		return Change{}, s.stateConflict(ctx, id)
	}
	if _, c, err = s.prove(ctx, id); err != nil {
		return Change{}, err
	}
	if err := s.require(request.Operator, c.Change); err != nil {
		return Change{}, err
	}
	unsent, err := s.unsentItems(ctx, c)
	if err != nil {
		return Change{}, err
	}
	if len(unsent) == 0 {
		return Change{}, invalid("rows", "Nothing is left to send.")
	}
	request.Reason = c.Reason
	if c.Kind == Create {
		return s.planCreate(ctx, request, newSubusersOf(unsent), Change{
			Kind:         Create,
			RetryOf:      id,
			WithoutRoles: c.WithoutRoles,
		})
	}
	targets, rest := Targets{Kind: c.PrincipalKind}, Change{RetryOf: id, UndoOf: c.UndoOf, LeftOut: c.LeftOut}
	for _, item := range unsent {
		targets.Refs = append(targets.Refs, item.Target)
	}
	if c.Kind == Delete {
		return s.planDelete(ctx, request, targets, nil, rest)
	}
	wanted := map[access.Ref]access.Difference{}
	for _, item := range unsent {
		wanted[item.Target] = access.Difference{Grant: idsOf(c.Grant), Revoke: idsOf(c.Revoke)}
		if c.UndoOf != "" { // its items have changes of their own
			wanted[item.Target] = access.Difference{Grant: idsOf(item.Grant), Revoke: idsOf(item.Revoke)}
		}
	}
	return s.planRoles(ctx, request, targets, func(t target) access.Difference { return wanted[t.Ref] }, nil, rest)
}

// unsentItems returns the items that were not sent.
func (s *Service) unsentItems(ctx context.Context, c storedChange) ([]Item, error) {
	statuses, err := s.itemStatuses(ctx, c, `1 = 1`)
	if err != nil {
		return nil, err
	}
	var unsent []itemStatus
	for _, status := range statuses {
		if status.matches(OnlyNotSent, true) {
			unsent = append(unsent, status)
		}
	}
	return s.readItems(ctx, c, unsent)
}

// newSubusersOf converts items back into what the file contained.
func newSubusersOf(items []Item) []newSubuser {
	subusers := make([]newSubuser, 0, len(items))
	for _, item := range items {
		subuser := newSubuser{line: item.Line, login: item.Name, description: item.Description}
		for _, role := range item.Roles {
			subuser.roles = append(subuser.roles, role.Name)
		}
		subusers = append(subusers, subuser)
	}
	return subusers
}
