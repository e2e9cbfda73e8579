package bulk

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/operations"
)

// PlanImport drafts a run that creates a subuser for each line of a file: a table in CSV with the columns login,
// description and roles, in any order. Nothing is sent. It fails with policy.Denied, FileProblem, Cold or a
// directory.LastError.
func (s *Service) PlanImport(ctx context.Context, request operations.Request, file []byte) (Change, error) {
	if err := s.require(request.Operator, Create); err != nil {
		return Change{}, err
	}
	table, err := readFile(file)
	if err != nil {
		return Change{}, err
	}
	return s.planCreate(ctx, request, table.subusers, Change{Kind: Create, IgnoredColumns: table.ignoredColumns})
}

// planCreate drafts a run that creates newcomers.
func (s *Service) planCreate(
	ctx context.Context,
	request operations.Request,
	subusers []newSubuser,
	change Change,
) (Change, error) {
	if err := s.require(request.Operator, Create); err != nil {
		return Change{}, err
	}
	g, err := s.readAccount(ctx, request)
	if err != nil {
		return Change{}, err
	}
	j := s.newImportChecker(g)
	items := make([]Item, 0, len(subusers))
	for _, p := range subusers {
		items = append(items, j.item(p))
	}
	return s.draft(ctx, request, g, change, items)
}
