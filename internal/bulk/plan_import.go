package bulk

import (
	"context"
	"errors"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// PlanImport drafts a bulk change that creates a subuser for each line of a file: a CSV table with the columns login,
// description and roles, in any order. Nothing is sent. A file for which it returns a *ReadingDoubt is stored. One file
// is read at a time, because that takes up to 50 MiB. It returns *policy.Denied, *operations.Invalid (field "reason"),
// *FileProblem, *ReadingDoubt, *NotLoaded, ErrDraftTooLarge, ErrTooManyDrafts or *directory.ReadError.
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
	if file.ID != "" {
		var err error
		if file.Content, err = s.storedFile(ctx, request.Operator.ID(), file.ID); err != nil {
			return Change{}, err
		}
	}
	table, err := readFile(file)
	if doubt, ok := errors.AsType[*ReadingDoubt](err); ok {
		if doubt.FileID = file.ID; file.ID == "" {
			var storeErr error
			if doubt.FileID, storeErr = s.storeFile(ctx, request.Operator.ID(), file.Content); storeErr != nil {
				return Change{}, storeErr
			}
		}
	}
	if err != nil {
		return Change{}, err
	}
	change, err := s.planCreate(ctx, request, table.subusers, Change{
		Kind:           Create,
		IgnoredColumns: table.ignoredColumns,
		NoRolesColumn:  len(table.ignoredColumns) > 0 && !table.hasRoles,
	})
	if err == nil && file.ID != "" {
		s.logError(ctx, "an imported file could not be deleted", s.deleteFile(ctx, file.ID))
	}
	return change, err
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
