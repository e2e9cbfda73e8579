package bulk

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/operations"
)

// Retry drafts a new run of those rows of an ended one that were not sent, against what the account holds now. It
// fails with policy.Denied, ErrNotFound, Past, operations.Invalid ("rows") when there is none, and as the planning
// does.
func (s *Service) Retry(ctx context.Context, request operations.Request, id string) (Change, error) {
	r, err := s.visible(ctx, request.Operator, id)
	if err != nil {
		return Change{}, err
	}
	if err := s.require(request.Operator, r.Kind); err != nil {
		return Change{}, err
	}
	if !r.Ended() {
		return Change{}, s.stateConflict(ctx, id)
	}
	unsent, err := s.unsentItems(ctx, r)
	if err != nil {
		return Change{}, err
	}
	if len(unsent) == 0 {
		return Change{}, invalid("rows", "Nothing is left to be sent: every row that could be sent was.")
	}
	if r.Kind == Create {
		return s.planCreate(ctx, request, newSubusersOf(unsent), Change{Kind: Create, RetryOf: id})
	}
	targets := Targets{}
	for _, item := range unsent {
		targets.IDs = append(targets.IDs, item.TargetID)
	}
	if r.Kind == Delete {
		return s.planDelete(ctx, request, targets, id)
	}
	return s.planRoles(ctx, request, targets, idsOf(r.Grant), idsOf(r.Revoke), id)
}

// unsentItems are the rows that were not sent.
func (s *Service) unsentItems(ctx context.Context, r storedChange) ([]Item, error) {
	statuses, err := s.itemStatuses(ctx, r, `1 = 1`)
	if err != nil {
		return nil, err
	}
	var unsent []itemStatus
	for _, m := range statuses {
		if m.matches(OnlyNotSent, true) {
			unsent = append(unsent, m)
		}
	}
	return s.readItems(ctx, r, unsent)
}

// newSubusersOf turns rows back into what the file said.
func newSubusersOf(items []Item) []newSubuser {
	subusers := make([]newSubuser, 0, len(items))
	for _, item := range items {
		p := newSubuser{line: item.Line, login: item.Login, description: item.Description}
		for _, role := range item.Roles {
			p.roles = append(p.roles, role.Name)
		}
		subusers = append(subusers, p)
	}
	return subusers
}
