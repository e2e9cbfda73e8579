package page

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/voxwarden/voxwarden/views/ui"
)

// Listing is the filter, the sort order and the page of a list of subusers or keys.
type Listing struct {
	Path           string // of the list
	Export         string // path of the export, which has the same filter; "" without permission
	Of             string // value of the parameter "of" at Path; "" without one
	SearchLabel    string // accessible name of the search field
	Placeholder    string
	Query          string      // search text
	Role           string      // role filter; "" for any, "-" for no roles
	Roles          []ui.Option // choices of the role filter, without "Any role" and "Without roles"
	Owner          string      // filter of keys by owner: "", OwnerGone or OwnerUnknown
	Undescribed    bool        // only rows without a description
	Privileged     bool        // only rows with a privileged role
	MayFilterOwner bool        // the list has filters by owner
	Sort           string      // sort column; "" means DefaultSort
	DefaultSort    string      // sort column when none is requested
	Desc           bool
	RowCount       int // rows on this page
	Matches        int // rows that match the filter
	Total          int // rows in the account
	Page           int // from 1
	Pages          int // at least 1
	PerPage        int // rows of a full page; 50 when 0
	Freshness      Freshness
}

// Href returns the path of this list with another sort order or page and the same filter.
func (m Listing) Href(sort string, desc bool, page int) string {
	return m.Path + m.query(sort, desc, page)
}

// ExportHref returns the path of the export with the same filter and all pages.
func (m Listing) ExportHref() string { return m.Export + m.query(m.Sort, m.Desc, 1) }

// SemicolonSeparator is the value of the parameter separator of an export with semicolons between the columns.
const SemicolonSeparator = "semicolon"

// WithSemicolons returns the path of an export with semicolons between the columns.
func WithSemicolons(export string) string {
	joint := "?"
	if strings.Contains(export, "?") {
		joint = "&"
	}
	return export + joint + "separator=" + SemicolonSeparator
}

// FilterQuery returns the parameters of the filter in the address of the list.
func (m Listing) FilterQuery() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"of": m.Of, "q": m.Query, "role": m.Role, "owner": m.Owner} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if m.Undescribed {
		q.Set("description", NoDescription)
	}
	if m.Privileged {
		q.Set("privileged", "1")
	}
	return q
}

func (m Listing) query(sort string, desc bool, page int) string {
	q := m.FilterQuery()
	set := func(name, value, standard string) {
		if value != standard {
			q.Set(name, value)
		}
	}
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

// WithSortLinks returns the columns with links that sort the list. sorts holds the sort name of each column, "" for
// none. The link of the current sort column reverses the order.
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

// Pager returns the links to the other pages.
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

// CountText returns the range of rows: "1–50 of 10,000", and with a filter "1–12 of 12 found, 10,000 in all".
func (m Listing) CountText() string {
	switch {
	case m.Freshness.Cold() || m.Total == 0:
		return ""
	case m.Matches == 0 && m.Freshness.MayLackMatches(m.Role != "" || m.Privileged):
		return "none known, " + ui.Number(m.Total) + " in all"
	case m.Matches == 0:
		return "0 of " + ui.Number(m.Total)
	}
	first := (m.Page-1)*m.perPage() + 1
	shown := fmt.Sprintf("%s–%s of %s", ui.Number(first), ui.Number(first+m.RowCount-1), ui.Number(m.Matches))
	if m.Filtered() {
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

// Filtered reports whether the list has a filter.
func (m Listing) Filtered() bool {
	return m.Query != "" || m.Role != "" || m.Owner != "" || m.Undescribed || m.Privileged
}

// Values of the parameters owner and description in the address of a list.
const (
	OwnerGone     = "gone"    // keys that have outlived the subuser that they belonged to
	OwnerUnknown  = "unknown" // keys of which no subuser is known
	NoDescription = "none"
)

// Filters in the audit log.
const (
	NoDescriptionFilter = "description: " + NoDescription
	PrivilegedFilter    = "privileged roles"
)

// chips returns the filters of the list that can be set with one click, and the path without any of them, "" when none
// is set.
func (m Listing) chips() (chips []ui.FilterChip, clear string) {
	add := func(text string, set bool, toggle func(*Listing)) {
		other := m
		toggle(&other)
		chips = append(chips, ui.FilterChip{Text: text, Href: other.Href(m.Sort, m.Desc, 1), Set: set})
		if set {
			cleared := m
			cleared.Role, cleared.Owner, cleared.Undescribed, cleared.Privileged = "", "", false, false
			clear = cleared.Href(m.Sort, m.Desc, 1)
		}
	}
	choice := func(text string, field func(*Listing) *string, value string) {
		set := *field(&m) == value
		add(text, set, func(l *Listing) {
			*field(l) = value
			if set {
				*field(l) = ""
			}
		})
	}
	add("Privileged", m.Privileged, func(l *Listing) { l.Privileged = !l.Privileged })
	choice("Without roles", func(l *Listing) *string { return &l.Role }, "-")
	add("Without description", m.Undescribed, func(l *Listing) { l.Undescribed = !l.Undescribed })
	if m.MayFilterOwner {
		owner := func(l *Listing) *string { return &l.Owner }
		choice("Owner unknown", owner, OwnerUnknown)
		choice("Owner deleted", owner, OwnerGone)
	}
	return chips, clear
}

// roleOptions returns the choices of the role filter, starting with "Any role" and "Without roles".
func (m Listing) roleOptions() []ui.Option {
	return slices.Concat([]ui.Option{
		{Value: "", Text: "Any role", Selected: m.Role == ""},
		{Value: "-", Text: "Without roles", Selected: m.Role == "-"},
	}, m.Roles)
}
