package page

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/voxwarden/voxwarden/views/ui"
)

// Listing is what the lists of subusers and keys have in common: what was asked for, and how much of it is shown.
type Listing struct {
	Path        string // of the list
	Export      string // path of the file with exactly what is filtered; "" when it may not be had
	SearchLabel string // accessible name of the search field
	Placeholder string
	Query       string      // what was searched for
	Role        string      // the filter's value; "" any, "-" those without roles
	Roles       []ui.Option // choices of the role filter, without "any role" and "no roles", which are drawn always
	Sort        string      // what it is sorted by; "" means Standard
	DefaultSort string      // what it is sorted by when nothing is asked for
	Desc        bool
	RowCount    int // rows on this page
	Matches     int // how many match the filter
	Total       int // how many there are in the account
	Page        int // from 1
	Pages       int // at least 1
	PerPage     int // rows of a full page; 50 when 0
	Freshness   Freshness
}

// Href is the path of this list with another sort order or page; what is filtered stays.
func (m Listing) Href(sort string, desc bool, page int) string {
	return m.Path + m.query(sort, desc, page)
}

// ExportHref is the path of the file that holds exactly what is filtered, on all pages.
func (m Listing) ExportHref() string { return m.Export + m.query(m.Sort, m.Desc, 1) }

func (m Listing) query(sort string, desc bool, page int) string {
	q := url.Values{}
	set := func(name, value, standard string) {
		if value != standard {
			q.Set(name, value)
		}
	}
	set("q", m.Query, "")
	set("role", m.Role, "")
	if sort != "" {
		set("sort", sort, m.DefaultSort)
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

// WithSortLinks makes the heads of the columns sort the list; sorts are the names of what each sorts by, "" for none.
// Following the one that the list is sorted by turns the order round.
func (m Listing) WithSortLinks(columns []ui.Column, sorts []string) []ui.Column {
	for i, sort := range sorts {
		if sort == "" {
			continue
		}
		sorted := m.Sort == sort || m.Sort == "" && sort == m.DefaultSort
		columns[i].SortHref = m.Href(sort, sorted && !m.Desc, 1)
		switch {
		case sorted && m.Desc:
			columns[i].Sorted = "descending"
		case sorted:
			columns[i].Sorted = "ascending"
		}
	}
	return columns
}

// Pager is the way through the pages.
func (m Listing) Pager() ui.PagerProps {
	p := ui.PagerProps{Page: m.Page, Pages: m.Pages}
	if m.Page > 1 {
		p.First, p.Prev = m.Href(m.Sort, m.Desc, 1), m.Href(m.Sort, m.Desc, m.Page-1)
	}
	if m.Page < m.Pages {
		p.Next, p.Last = m.Href(m.Sort, m.Desc, m.Page+1), m.Href(m.Sort, m.Desc, m.Pages)
	}
	return p
}

// CountText says which of how many are shown: "1–50 of 10,000", and of how many more when a filter is set.
func (m Listing) CountText() string {
	switch {
	case m.Freshness.Cold() || m.Total == 0:
		return ""
	case m.Matches == 0:
		return "0 of " + ui.Number(m.Total)
	}
	first := (m.Page-1)*m.perPage() + 1
	shown := fmt.Sprintf("%s–%s of %s", ui.Number(first), ui.Number(first+m.RowCount-1), ui.Number(m.Matches))
	if m.filtered() {
		shown += fmt.Sprintf(" found, %s in all", ui.Number(m.Total))
	}
	return shown
}

func (m Listing) perPage() int {
	if m.PerPage > 0 {
		return m.PerPage
	}
	return 50
}

func (m Listing) filtered() bool { return m.Query != "" || m.Role != "" }

// roleOptions are the choices of the filter, with those that are always there first.
func (m Listing) roleOptions() []ui.Option {
	options := []ui.Option{
		{Value: "", Text: "Any role", Selected: m.Role == ""},
		{Value: "-", Text: "Without roles", Selected: m.Role == "-"},
	}
	return append(options, m.Roles...)
}
