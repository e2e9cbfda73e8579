package handlers

import (
	"context"
	"net/http"
	"strconv"

	"github.com/voxwarden/voxwarden/internal/csvsafe"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// subuserSearcher answers all subusers that match.
type subuserSearcher interface {
	Subusers(ctx context.Context, account int64, f directory.SubuserFilter) (directory.SubuserPage, error)
}

// exportNotReadyError is the error of an export that would be empty because nothing was read yet.
type exportNotReadyError struct{ loadedRows int }

func (*exportNotReadyError) Error() string { return "nothing was read yet that could be exported" }

// exportSubusers writes exactly what the list is filtered to, on all pages, in the list's order. The name of the
// file says when it was read, and whether it may lack rows: whoever keeps the file for a review sees it there.
func (a *App) exportSubusers(d subuserSearcher) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		list, filter, err := a.allMatchingSubusers(r, d)
		if err != nil {
			return err
		}
		lines := [][]string{{"id", "login", "description", "direct roles", "inherited roles", "keys"}}
		for _, row := range list.Rows {
			lines = append(lines, subuserCSVRow(row))
		}
		a.writeExportNotice(r, "subusers", len(list.Rows), filter.Query, filter.Role)
		return writeCSV(w, exportFilename("subusers", a.Account, list.Status, filter.Role != ""), lines)
	}
}

// allMatchingSubusers answers all who match what a request filters by, on all pages.
func (a *App) allMatchingSubusers(
	r *http.Request,
	d subuserSearcher,
) (list directory.SubuserPage, filter directory.SubuserFilter, err error) {
	filter = subuserFilter(r.URL.Query())
	filter.Page, filter.PerPage = 1, directory.Everything
	list, err = d.Subusers(r.Context(), a.Account, filter)
	if err == nil && list.Status.Cold() {
		err = &exportNotReadyError{loadedRows: list.Status.LoadedRows}
	}
	return list, filter, err
}

// subuserCSVRow is one subuser as cells. What is not known is written as "not known", never as nothing.
func subuserCSVRow(s directory.Subuser) []string {
	direct, inherited, keys := "not known", "not known", "not known"
	if s.RolesKnown {
		direct, inherited = joinRoles(s.Roles, true), joinRoles(s.Roles, false)
	}
	if s.KeysKnown {
		keys = strconv.Itoa(len(s.Keys))
	}
	return []string{
		strconv.FormatInt(s.ID, 10),
		csvsafe.Escape(s.Login),
		csvsafe.Escape(s.Description),
		csvsafe.Escape(direct),
		csvsafe.Escape(inherited),
		keys,
	}
}
