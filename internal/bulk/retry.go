package bulk

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/operations"
)

// Retry drafts a new run of those rows of an ended one that were not sent, against what the account holds now. It
// fails with policy.Denied, ErrNotFound, Past, operations.Invalid ("rows") when there is none, and as the planning
// does.
func (s *Service) Retry(ctx context.Context, act operations.Act, id string) (Run, error) {
	r, err := s.visible(ctx, act.Operator, id)
	if err != nil {
		return Run{}, err
	}
	if err := s.require(act.Operator, r.Kind); err != nil {
		return Run{}, err
	}
	if !r.Ended() {
		return Run{}, s.past(ctx, id)
	}
	left, err := s.left(ctx, r)
	if err != nil {
		return Run{}, err
	}
	if len(left) == 0 {
		return Run{}, invalid("rows", "Nothing is left to be sent: every row that could be sent was.")
	}
	if r.Kind == Create {
		return s.planCreate(ctx, act, newcomersOf(left), Run{Kind: Create, RetryOf: id})
	}
	targets := Targets{}
	for _, row := range left {
		targets.IDs = append(targets.IDs, row.TargetID)
	}
	if r.Kind == Delete {
		return s.planDelete(ctx, act, targets, id)
	}
	return s.planRoles(ctx, act, targets, idsOf(r.Grant), idsOf(r.Revoke), id)
}

// left are the rows that were not sent.
func (s *Service) left(ctx context.Context, r storedRun) ([]Row, error) {
	marks, err := s.marks(ctx, r, `1 = 1`)
	if err != nil {
		return nil, err
	}
	var open []mark
	for _, m := range marks {
		if m.is(OnlyNotSent, true) {
			open = append(open, m)
		}
	}
	return s.rowsOf(ctx, r, open)
}

// newcomersOf turns rows back into what the file said.
func newcomersOf(rows []Row) []newcomer {
	people := make([]newcomer, 0, len(rows))
	for _, row := range rows {
		p := newcomer{line: row.Line, login: row.Login, description: row.Description}
		for _, role := range row.Roles {
			p.roles = append(p.roles, role.Name)
		}
		people = append(people, p)
	}
	return people
}
