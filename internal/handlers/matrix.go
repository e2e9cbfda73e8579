package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/internal/csvsafe"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/roles"
	"github.com/voxwarden/voxwarden/views/ui"
)

// matrixPerPage is how many subusers one page of the matrix has: more make a page that no browser likes.
const matrixPerPage = 200

// showMatrix shows who holds what: subusers down, roles across.
func (a *App) showMatrix(d subuserSearcher) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		filter := subuserFilter(r.URL.Query())
		filter.PerPage = matrixPerPage
		list, err := d.Subusers(r.Context(), a.Account, filter)
		if err != nil {
			return err
		}
		catalogue := a.Directory.Catalogue(r.Context(), a.Account)
		m := roles.Matrix{
			Frame: a.frame(w, r, page.Roles, roles.MatrixHeading), Columns: matrixColumns(catalogue, list.Rows),
			Listing: page.Listing{
				Path:        "/roles/matrix",
				SearchLabel: roles.SearchLabel,
				Placeholder: roles.SearchHint,
				Query:       filter.Query,
				Role:        filter.Role,
				Roles: roleOptions(
					catalogue,
					list.RoleNames,
					filter.Role,
				),
				Sort:        filter.Sort,
				DefaultSort: "login",
				Desc:        filter.Desc,
				RowCount:    len(list.Rows),
				Matches:     list.Matches,
				Total:       list.Total,
				Page:        list.Page,
				Pages:       list.Pages,
				PerPage:     matrixPerPage,
				Freshness:   freshness(list.Status, r.URL.RequestURI()),
			},
		}
		m.Frame.Crumbs, m.Frame.AutoRefresh = []ui.Link{page.Roles.Link()}, autoRefreshSeconds(list.Status)
		if a.Policy.May(stateOf(r).operator, policy.SubusersExport) {
			m.Export = "/roles/matrix.csv"
		}
		for _, s := range list.Rows {
			m.Rows = append(
				m.Rows,
				roles.MatrixRow{Subuser: page.SubuserRef{ID: s.ID, Login: s.Login}, Assignments: matrixCells(s, m.Columns)},
			)
		}
		return a.render(w, r, http.StatusOK, roles.MatrixPage(m))
	}
}

// exportMatrix writes the matrix of all who match as a table.
func (a *App) exportMatrix(d subuserSearcher) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		list, filter, err := a.allMatchingSubusers(r, d)
		if err != nil {
			return err
		}
		columns := matrixColumns(a.Directory.Catalogue(r.Context(), a.Account), list.Rows)
		head := []string{"login"}
		for _, c := range columns {
			head = append(head, csvsafe.Escape(c.Name))
		}
		lines := [][]string{head}
		for _, s := range list.Rows {
			line := []string{csvsafe.Escape(s.Login)}
			for _, held := range matrixCells(s, columns) {
				line = append(line, string(held))
			}
			lines = append(lines, line)
		}
		a.writeExportNotice(r, "roles", len(list.Rows), filter.Query, filter.Role)
		return writeCSV(w, exportFilename("roles", a.Account, list.Status, filter.Role != ""), lines)
	}
}

// matrixColumns are the roles of the catalogue in its order, and then those that somebody holds and it lacks.
func matrixColumns(c directory.Catalogue, rows []directory.Subuser) []page.RoleRef {
	var columns []page.RoleRef
	known := map[int64]bool{}
	add := func(id int64, name string) {
		if !known[id] {
			known[id] = true
			columns = append(columns, page.RoleRef{ID: id, Name: name})
		}
	}
	for _, role := range c.Roles {
		add(role.ID, role.Name)
	}
	for _, s := range rows {
		for _, held := range s.Roles {
			add(held.ID, held.Name)
		}
	}
	return columns
}

// matrixCells says for each column how the subuser holds it.
func matrixCells(s directory.Subuser, columns []page.RoleRef) []roles.AssignmentKind {
	cells := make([]roles.AssignmentKind, 0, len(columns))
	for _, c := range columns {
		if !s.RolesKnown {
			cells = append(cells, roles.Unknown)
			continue
		}
		cells = append(cells, roles.AssignmentKind(assignmentType(s.Roles, c.ID)))
	}
	return cells
}
