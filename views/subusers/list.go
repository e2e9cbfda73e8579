package subusers

import (
	"net/url"

	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// listing is what the list has in common with others.
func (m List) listing() page.Listing {
	l := page.Listing{
		Path:        "/subusers",
		SearchLabel: "Search subusers",
		Placeholder: "Login, description or role",
		Query:       m.Query,
		Role:        m.Role,
		Roles:       m.Roles,
		Sort:        m.Sort,
		DefaultSort: "login",
		Desc:        m.Desc,
		RowCount:    len(m.Rows),
		Matches:     m.Matches,
		Total:       m.Total,
		Page:        m.Page,
		Pages:       m.Pages,
		PerPage:     m.PerPage,
		Freshness:   m.Freshness,
	}
	if m.MayExport {
		l.Export = "/subusers.csv"
	}
	return l
}

// columns are the heads of the table.
func (m List) columns() []ui.Column {
	columns := []ui.Column{{Text: "Login"}, {Text: "Description"}, {Text: "Roles"}, {Text: "Keys", Numeric: true}}
	sorts := []string{"login", "description", "roles", "keys"}
	if m.MaySelect {
		columns, sorts = append([]ui.Column{{Text: "Select"}}, columns...), append([]string{""}, sorts...)
	}
	return m.listing().WithSortLinks(columns, sorts)
}

// changeAllHref is the page on which one thing is done to everybody who matches.
func (m List) changeAllHref() string {
	q := url.Values{"all": {"1"}}
	if m.Query != "" {
		q.Set("q", m.Query)
	}
	if m.Role != "" {
		q.Set("role", m.Role)
	}
	return "/bulk/new?" + q.Encode()
}

// emptyResult says that no row matches, or that none is known to, and what that means.
func (m List) emptyResult() ui.EmptyProps {
	p := ui.EmptyProps{
		Title: "Nobody matches",
		Text: "Every word must occur in the login, the description or the name of a role. Capitals and accents do " +
			"not matter.",
	}
	if n := m.Freshness.RolesUnknown; n > 0 {
		p.Title = "Nobody is known to match"
		p.Text += " But the roles of " + ui.Count(
			n,
			"subuser",
			"subusers",
		) + " are not known, so no search by role finds them."
	}
	return p
}
