package principals

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// Sorting and paging keep the filter, sorting begins at the first page, and URLs contain only what differs from the
// standard list.
func TestListLinksKeepTheFilter(t *testing.T) {
	t.Parallel()
	list := func(l page.Listing) List {
		l.Path, l.DefaultSort = "/subusers", "name"
		return List{Kind: access.Subuser, Listing: l}
	}
	m := list(page.Listing{Query: "a&b", Role: "-", Sort: "roles", Desc: true, Page: 2, Pages: 3, Export: "/subusers.csv"})
	standard := list(page.Listing{Export: "/subusers.csv"})
	tests := []struct{ got, want string }{
		{m.tableColumns()[0].SortHref, "/subusers?q=a%26b&role=-"},
		{m.tableColumns()[2].SortHref, "/subusers?q=a%26b&role=-&sort=roles"},
		{m.tableColumns()[3].SortHref, "/subusers?q=a%26b&role=-&sort=keys"},
		{m.tableColumns()[2].Sorted, "descending"},
		{m.tableColumns()[0].Sorted, ""},
		{m.ExportHref(), "/subusers.csv?desc=1&q=a%26b&role=-&sort=roles"},
		{standard.tableColumns()[0].SortHref, "/subusers?desc=1"},
		{standard.tableColumns()[0].Sorted, "ascending"},
		{standard.ExportHref(), "/subusers.csv"},
		{list(page.Listing{Desc: true}).tableColumns()[0].SortHref, "/subusers"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
	filter := "q=a%26b&role=-&sort=roles"
	want := ui.PagerProps{
		Page:  2,
		Pages: 3,
		First: "/subusers?desc=1&" + filter,
		Prev:  "/subusers?desc=1&" + filter,
		Next:  "/subusers?desc=1&page=3&" + filter,
		Last:  "/subusers?desc=1&page=3&" + filter,
	}
	if diff := cmp.Diff(want, m.Pager()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(ui.PagerProps{Page: 1, Pages: 1}, page.Listing{Page: 1, Pages: 1}.Pager()); diff != "" {
		t.Error(diff)
	}
}

func TestCountText(t *testing.T) {
	t.Parallel()
	read := page.Freshness{AsOf: time.Date(2026, time.November, 23, 12, 3, 4, 0, time.UTC)}
	tests := []struct {
		m    page.Listing
		want string
	}{
		{page.Listing{}, ""},
		{page.Listing{Freshness: read}, ""},
		{page.Listing{Freshness: read, Total: 14, Matches: 14, Page: 1, RowCount: 14}, "1–14 of 14"},
		{
			page.Listing{Freshness: read, Total: 10000, Matches: 10000, Page: 200, RowCount: 50},
			"9,951–10,000 of 10,000",
		},
		{
			page.Listing{Freshness: read, Total: 10000, Matches: 51, Page: 2, RowCount: 1, Query: "a"},
			"51–51 of 51 found, 10,000 in all",
		},
		{page.Listing{Freshness: read, Total: 10000, Query: "a"}, "0 of 10,000"},
	}
	for _, tt := range tests {
		if got := tt.m.CountText(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}
