package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/roles"
	"github.com/voxwarden/voxwarden/views/ui"
)

const (
	// matrixPerPage is the number of principals on one page of the matrix. Browsers render more of them slowly.
	matrixPerPage = 200
	// matrixCellsPerPage makes the pages shorter when the catalogue has hundreds of roles.
	matrixCellsPerPage = 20_000
)

// showMatrix shows the role assignments of all principals of a kind: principals down, roles across.
func (a *App) showMatrix(d principalLister) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		kind := kindOf(r.URL.Query())
		if err := a.Policy.Require(stateOf(r).operator, infoOf(kind).view); err != nil {
			return err
		}
		filter := listFilter(kind, r.URL.Query())
		catalogue := d.Catalogue(r.Context(), a.Account)
		filter.PerPage = max(1, min(matrixPerPage, matrixCellsPerPage/max(1, len(catalogue.Roles))))
		list, err := d.List(r.Context(), a.Account, kind, filter)
		if err != nil {
			return err
		}
		m := roles.Matrix{
			Listing: listing(r, kind, list, filter, catalogue),
			Kind:    kind,
			Frame:   a.frame(r, page.Roles, roles.MatrixHeading),
			Columns: matrixColumns(catalogue, list.Rows),
			Allows:  roleSentences(catalogue),
		}
		m.Path = "/roles/matrix"
		if kind != access.Subuser {
			m.Of = kind.RouteSegment()
		}
		m.Frame.Crumbs, m.Frame.AutoRefresh = []ui.Link{page.Roles.Link()}, autoRefreshSeconds(list.Status)
		if a.Policy.May(stateOf(r).operator, infoOf(kind).export) {
			m.Export = m.Path + ".csv"
		}
		for _, p := range list.Rows {
			m.Rows = append(m.Rows, roles.MatrixRow{Principal: page.RefOf(p), Assignments: matrixCells(p, m.Columns)})
		}
		return a.render(w, r, http.StatusOK, roles.MatrixPage(m))
	}
}

// roleSentences returns what the roles of a catalogue allow, without those about which nothing is published.
func roleSentences(c directory.Catalogue) []roles.RoleSentence {
	var sentences []roles.RoleSentence
	for _, role := range c.Roles {
		if published, found := publishedRole(role); found {
			sentences = append(sentences, roles.RoleSentence{
				Role: page.RoleRef{ID: role.ID, Name: role.Name}, Sentence: published.Sentence,
			})
		}
	}
	return sentences
}

// exportMatrix writes the matrix of all principals of a kind that match the filter. Names of keys are not unique, so
// their ids are written too.
func (a *App) exportMatrix(d principalLister) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		kind := kindOf(r.URL.Query())
		if err := a.Policy.Require(stateOf(r).operator, infoOf(kind).export); err != nil {
			return err
		}
		list, filter, err := a.allMatching(r, kind, d)
		if err != nil {
			return err
		}
		columns := matrixColumns(d.Catalogue(r.Context(), a.Account), list.Rows)
		head, what := []string{"login"}, "roles"
		if kind == access.Key {
			head, what = []string{"name", "id"}, "key-roles"
		}
		for _, c := range columns {
			head = append(head, c.Name)
		}
		lines := [][]string{head}
		for _, p := range list.Rows {
			line := []string{p.Name}
			if kind == access.Key {
				line = append(line, p.ID)
			}
			for _, assignment := range matrixCells(p, columns) {
				line = append(line, string(assignment))
			}
			lines = append(lines, line)
		}
		a.writeExportNotice(r, what, len(list.Rows), filter)
		return writeCSV(w, r, a.exportFilename(what, list, filter), lines)
	}
}

// matrixColumns returns the roles of the catalogue in its order, then assigned roles that the catalogue lacks.
func matrixColumns(c directory.Catalogue, rows []access.Principal) []page.RoleRef {
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
	for _, p := range rows {
		for _, role := range p.Roles {
			add(role.ID, role.Name)
		}
	}
	return columns
}

// matrixCells returns how a principal has the role of each column.
func matrixCells(p access.Principal, columns []page.RoleRef) []roles.AssignmentKind {
	assigned := make(map[int64]roles.AssignmentKind, len(p.Roles))
	for _, role := range p.Roles {
		switch {
		case role.Direct:
			assigned[role.ID] = roles.Direct
		case assigned[role.ID] == roles.NotAssigned:
			assigned[role.ID] = roles.Inherited
		}
	}
	cells := make([]roles.AssignmentKind, 0, len(columns))
	for _, c := range columns {
		if !p.RolesKnown {
			cells = append(cells, roles.Unknown)
			continue
		}
		cells = append(cells, assigned[c.ID])
	}
	return cells
}
