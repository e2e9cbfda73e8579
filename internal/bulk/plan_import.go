package bulk

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/operations"
)

// PlanImport drafts a run that creates a subuser for each line of a file: a table in CSV with the columns login,
// description and roles, in any order. Nothing is sent. It fails with policy.Denied, FileProblem, Cold or a
// directory.Trouble.
func (s *Service) PlanImport(ctx context.Context, act operations.Act, file []byte) (Run, error) {
	if err := s.require(act.Operator, Create); err != nil {
		return Run{}, err
	}
	t, err := readFile(file)
	if err != nil {
		return Run{}, err
	}
	return s.planCreate(ctx, act, t.people, Run{Kind: Create, Ignored: t.ignored})
}

// planCreate drafts a run that creates newcomers.
func (s *Service) planCreate(ctx context.Context, act operations.Act, people []newcomer, run Run) (Run, error) {
	if err := s.require(act.Operator, Create); err != nil {
		return Run{}, err
	}
	g, err := s.survey(ctx, act)
	if err != nil {
		return Run{}, err
	}
	j := s.newJudge(g)
	rows := make([]Row, 0, len(people))
	for _, p := range people {
		rows = append(rows, j.row(p))
	}
	return s.draft(ctx, act, g, run, rows)
}
