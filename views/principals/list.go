package principals

import (
	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// List is one page of a filtered list, at /subusers or /keys.
type List struct {
	page.Listing
	Frame     page.Frame
	Kind      access.Kind
	Rows      []Row
	MayCreate bool
	MaySelect bool // whether rows can be selected for a bulk change
}

// Row is one principal of a list.
type Row struct {
	Principal    *access.Principal
	Roles        []page.RoleAssignment // of Principal, as pages show them
	IsConsoleKey bool                  // this server uses the key for the API
}

// SelectTwoMessage asks for two selected rows to compare.
func SelectTwoMessage(kind access.Kind) string {
	return "Select two " + page.InfoOf(kind).Plural + " to compare."
}

// tableColumns returns the heads of the table.
func (m List) tableColumns() []ui.Column {
	var heads []ui.Column
	var sorts []string
	if m.MaySelect {
		heads, sorts = []ui.Column{{Text: "Select"}}, []string{""}
	}
	for _, c := range columns(m.Kind) {
		heads, sorts = append(heads, ui.Column{Text: c.text, Numeric: c.numeric}), append(sorts, c.sort)
	}
	return m.WithSortLinks(heads, sorts)
}

// SortOrders returns the sort orders that a kind's list offers, by their names in URLs.
func SortOrders(kind access.Kind) []string {
	var orders []string
	for _, c := range columns(kind) {
		orders = append(orders, c.sort)
	}
	return orders
}

// changeAllHref is the page for a bulk change of all principals that match the filter.
func (m List) changeAllHref() string {
	q := m.FilterQuery()
	q.Set("all", "1")
	q.Set("of", m.Kind.RouteSegment())
	return "/bulk/new?" + q.Encode()
}

// maxSelected returns how many rows can be selected. Their ids are in an address, so that Back and reloading work, and
// a proxy may refuse one of more than 8 KB. More are changed by a filter.
func (m List) maxSelected() string {
	if m.Kind == access.Key {
		return "180" // ids of 36 characters
	}
	return "500"
}
