package bulk

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// PlanImport drafts a bulk change that creates a subuser for each line of a file: a CSV table with the columns login,
// description and roles, in any order. Nothing is sent. One file is read at a time, because that takes up to 50 MiB. It
// returns *policy.Denied, *operations.Invalid (field "reason"), *FileProblem, *ReadingDoubt, *NotLoaded,
// ErrDraftTooLarge, ErrTooManyDrafts or *directory.ReadError.
func (s *Service) PlanImport(ctx context.Context, request operations.Request, file ImportFile) (Change, error) {
	if err := s.requireToPlan(request, Change{Kind: Create, PrincipalKind: access.Subuser}); err != nil {
		return Change{}, err
	}
	select {
	case s.importing <- struct{}{}:
		defer func() { <-s.importing }()
	case <-ctx.Done():
		return Change{}, ctx.Err()
	}
	table, err := readFile(file)
	if err != nil {
		return Change{}, err
	}
	return s.planCreate(ctx, request, table.subusers, Change{
		Kind:           Create,
		IgnoredColumns: table.ignoredColumns,
		NoRolesColumn:  len(table.ignoredColumns) > 0 && !table.hasRoles,
	})
}

// planCreate drafts the creation of subusers. The WithoutRoles of the change are those of the one that it retries.
func (s *Service) planCreate(
	ctx context.Context,
	request operations.Request,
	subusers []newSubuser,
	change Change,
) (Change, error) {
	account, err := s.readAccount(ctx, request, access.Subuser)
	if err != nil {
		return Change{}, err
	}
	change.PrincipalKind = access.Subuser
	checker := s.newImportChecker(account)
	confirm := change.NoRolesColumn || change.WithoutRoles.Count > 0
	change.WithoutRoles = WithoutRoles{}
	items := make([]Item, 0, len(subusers))
	for _, subuser := range subusers {
		items = append(items, checker.item(subuser))
	}
	checker.addWithoutRoles(&change, subusers, items, confirm)
	return s.draft(ctx, request, account, change, items)
}
