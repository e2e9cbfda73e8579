package subusers

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/voxwarden/voxwarden/views/ui"
)

// href is the path of this list with another sort order or page; what is filtered stays.
func (m List) href(sort string, desc bool, page int) string {
	return "/subusers" + m.query(sort, desc, page)
}

// exportHref is the path of the file that holds exactly what is filtered, on all pages.
func (m List) exportHref() string { return "/subusers.csv" + m.query(m.Sort, m.Desc, 1) }

func (m List) query(sort string, desc bool, page int) string {
	q := url.Values{}
	set := func(name, value, standard string) {
		if value != standard {
			q.Set(name, value)
		}
	}
	set("q", m.Query, "")
	set("role", m.Role, "")
	if sort != "" {
		set("sort", sort, "login")
	}
	if desc {
		q.Set("desc", "1")
	}
	set("page", strconv.Itoa(page), "1")
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// columns are the heads of the table. Following the one that the list is sorted by turns the order round.
func (m List) columns() []ui.Column {
	columns := []ui.Column{{Text: "Login"}, {Text: "Description"}, {Text: "Roles"}, {Text: "Keys", Numeric: true}}
	for i, sort := range []string{"login", "description", "roles", "keys"} {
		sorted := m.Sort == sort || (m.Sort == "" && sort == "login")
		columns[i].SortHref = m.href(sort, sorted && !m.Desc, 1)
		switch {
		case sorted && m.Desc:
			columns[i].Sorted = "descending"
		case sorted:
			columns[i].Sorted = "ascending"
		}
	}
	return columns
}

// pager is the way through the pages.
func (m List) pager() ui.PagerProps {
	p := ui.PagerProps{Page: m.Page, Pages: m.Pages}
	if m.Page > 1 {
		p.First, p.Prev = m.href(m.Sort, m.Desc, 1), m.href(m.Sort, m.Desc, m.Page-1)
	}
	if m.Page < m.Pages {
		p.Next, p.Last = m.href(m.Sort, m.Desc, m.Page+1), m.href(m.Sort, m.Desc, m.Pages)
	}
	return p
}

// count says which of how many are shown: "1–50 of 10,000", and of how many more when a filter is set.
func (m List) count() string {
	switch {
	case m.Freshness.Cold() || m.All == 0:
		return ""
	case m.Matches == 0:
		return "0 of " + ui.Number(m.All)
	}
	first := (m.Page-1)*m.perPage() + 1
	shown := fmt.Sprintf("%s–%s of %s", ui.Number(first), ui.Number(first+len(m.Rows)-1), ui.Number(m.Matches))
	if m.filtered() {
		shown += fmt.Sprintf(" found, %s in all", ui.Number(m.All))
	}
	return shown
}

// nobody says that no row matches, or that none is known to, and what that means.
func (m List) nobody() (title, text string) {
	title, text = "Nobody matches", "Every word must occur in the login, the description or the name of a role. Capitals and accents do not matter."
	if n := m.Freshness.RolesUnknown; n > 0 {
		title = "Nobody is known to match"
		text += " But the roles of " + ui.Count(n, "subuser", "subusers") + " are not known, so no search by role finds them."
	}
	return title, text
}

func (m List) perPage() int {
	if m.PerPage > 0 {
		return m.PerPage
	}
	return 50
}

func (m List) filtered() bool { return m.Query != "" || m.Role != "" }

// roleOptions are the choices of the filter, with those that are always there first.
func (m List) roleOptions() []ui.Option {
	options := []ui.Option{
		{Value: "", Text: "Any role", Selected: m.Role == ""},
		{Value: "-", Text: "Without roles", Selected: m.Role == "-"},
	}
	return append(options, m.Roles...)
}
