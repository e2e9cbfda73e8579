package subusers

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// TestListLinks: sorting and leafing keep what is filtered, sorting begins at the first page, and addresses
// say only what differs from the standard list.
func TestListLinks(t *testing.T) {
	t.Parallel()
	m := List{Query: "a&b", Role: "-", Sort: "roles", Desc: true, Page: 2, Pages: 3}
	tests := []struct{ got, want string }{
		{m.columns()[0].SortHref, "/subusers?q=a%26b&role=-"},
		{m.columns()[2].SortHref, "/subusers?q=a%26b&role=-&sort=roles"},
		{m.columns()[3].SortHref, "/subusers?q=a%26b&role=-&sort=keys"},
		{m.columns()[2].Sorted, "descending"},
		{m.columns()[0].Sorted, ""},
		{exportListing(m).ExportHref(), "/subusers.csv?desc=1&q=a%26b&role=-&sort=roles"},
		{List{}.columns()[0].SortHref, "/subusers?desc=1"},
		{List{}.columns()[0].Sorted, "ascending"},
		{exportListing(List{}).ExportHref(), "/subusers.csv"},
		{List{Desc: true}.columns()[0].SortHref, "/subusers"},
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
	if diff := cmp.Diff(want, m.listing().Pager()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(ui.PagerProps{Page: 1, Pages: 1}, List{Page: 1, Pages: 1}.listing().Pager()); diff != "" {
		t.Error(diff)
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	read := page.Freshness{AsOf: time.Date(2026, time.November, 23, 12, 3, 4, 0, time.UTC)}
	rows := func(n int) []Row { return make([]Row, n) }
	tests := []struct {
		m    List
		want string
	}{
		{List{}, ""},
		{List{Freshness: read}, ""},
		{List{Freshness: read, Total: 14, Matches: 14, Page: 1, Rows: rows(14)}, "1–14 of 14"},
		{List{Freshness: read, Total: 10000, Matches: 10000, Page: 200, Rows: rows(50)}, "9,951–10,000 of 10,000"},
		{
			List{Freshness: read, Total: 10000, Matches: 51, Page: 2, Rows: rows(1), Query: "a"},
			"51–51 of 51 found, 10,000 in all",
		},
		{List{Freshness: read, Total: 10000, Query: "a"}, "0 of 10,000"},
	}
	for _, tt := range tests {
		if got := tt.m.listing().CountText(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

// exportListing is a list that may be exported.
func exportListing(m List) page.Listing {
	m.MayExport = true
	return m.listing()
}
