package handlers

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
)

func TestListSubusers(t *testing.T) {
	t.Parallel()
	t.Run("success", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		got := s.get("editor", "/subusers?q=nov&role=support&sort=keys&desc=1&page=2").
			hasStatus(t, 200).
			contains(t, "anna_novakova", "Účtárna", "boss", "Acme Call Centre", "Ms editor")
		want := directory.Filter{Query: "nov", Role: "support", Sort: "keys", Desc: true, Page: 2, PerPage: 50}
		if diff := cmp.Diff(want, s.directory.lastFilter); diff != "" {
			t.Error(diff)
		}
		if got.field("q") != "nov" || got.doc.Find(`[role="searchbox"], input[type="search"]`).Length() == 0 {
			t.Error("the search box does not hold what was searched for")
		}
		if selected := got.doc.Find(`select[name="role"] option[selected]`).Text(); selected != "Support" {
			t.Errorf("the filter shows %q", selected)
		}
		if got.doc.Find(`a[href="/subusers/new"]`).Length() == 0 || got.doc.Find(`a[href="/subusers/7"]`).Length() == 0 {
			t.Error("a link is missing")
		}
		if s.get("viewer", "/subusers").doc.Find(`a[href="/subusers/new"]`).Length() != 0 {
			t.Error("a viewer is offered to create")
		}
	})
	t.Run("upstream failure without a snapshot", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.directory.err = &directory.ReadError{Kind: directory.Unreachable, Method: "GetSubUsers"}
		s.get("viewer", "/subusers?q=a").hasStatus(t, 502).contains(t, "Voximplant cannot be reached")
	})
	t.Run("upstream failure with a snapshot", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.directory.page.Status.LastError = &directory.ReadError{
			Kind:          directory.RateLimited,
			Code:          340,
			VendorMessage: "Rate limit exceed",
			At:            noon,
		}
		s.get("viewer", "/subusers").
			hasStatus(t, 200).
			contains(t, "anna_novakova", "Voximplant's rate limit is reached", "Rate limit exceed")
	})
	t.Run("nothing read yet", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.directory.page = directory.Page{
			Page:   1,
			Pages:  1,
			Status: directory.Status{Refreshing: true, LoadedRows: 1200},
		}
		s.get("viewer", "/subusers").hasStatus(t, 200).contains(t, "1,200")
	})
	t.Run("misspelt privileged role", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.directory.catalogue.Roles = s.directory.catalogue.Roles[2:]
		s.get("viewer", "/subusers").hasStatus(t, 200).contains(
			t,
			"Every role counts as privileged: the account lacks configured roles",
			"Missing: owner, admin.",
		)
	})
	t.Run("no catalogue", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.directory.catalogue = directory.Catalogue{}
		got := s.get("viewer", "/subusers").
			hasStatus(t, 200).
			contains(t, "anna_novakova", "Every role counts as privileged: the role catalogue is not known")
		if n := got.doc.Find("tbody .chip.marked").Length(); n != 0 {
			t.Errorf("%d roles are marked as privileged, which says nothing when all count as such", n)
		}
		if got.doc.Find(`select[name="role"] option:contains("Owner")`).Length() != 1 {
			t.Error("the filter does not offer the roles held")
		}
	})
}

func TestListFilterIgnoresInvalidInput(t *testing.T) {
	t.Parallel()
	standard := directory.Filter{Sort: "name", Page: 1, PerPage: 50}
	for _, query := range []string{
		"", "page=0", "page=-1", "page=x", "page=99999999999999999999", "page=1e3", "sort=password",
		"sort=name;drop", "sort=login", "sort=owner", "desc=yes", "q=%00", "q=%zz", "q=+++", "x=y",
	} {
		values, _ := url.ParseQuery(query)
		if diff := cmp.Diff(standard, listFilter(access.Subuser, values)); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
	long := listFilter(access.Subuser, url.Values{"q": {strings.Repeat("ž", 5000)}})
	if got := len([]rune(long.Query)); got != maxQuery {
		t.Errorf("a long search has %d letters", got)
	}
}

func FuzzListFilter(f *testing.F) {
	for _, seed := range []string{"q=anna&page=2", "page=-1", "sort=x&desc=1", "role=%ff", "q=%F0%9F%98%80"} {
		f.Add(seed)
	}
	s := newSite(&testing.T{})
	f.Fuzz(func(t *testing.T, query string) {
		s.t = t
		r := routeRequest("GET /subusers")
		r.URL.RawQuery = query
		got := s.do("viewer", r)
		asked := s.directory.lastFilter
		if got.Code != 200 || asked.Page < 1 || asked.PerPage != perPage ||
			strings.ToValidUTF8(asked.Query+asked.Role, "") != asked.Query+asked.Role {
			t.Fatalf("%q: %d, %+v", query, got.Code, asked)
		}
	})
}

// The list of the keys that outlived their owner keeps that filter in every link and in the search.
// TestListChips adds and removes the filters of a list with its chips.
func TestListChips(t *testing.T) {
	t.Parallel()
	tests := []struct {
		path   string
		filter directory.Filter
		chips  []string // text and address
	}{
		{
			path:   "/subusers?q=a&sort=roles",
			filter: directory.Filter{Query: "a", Sort: "roles"},
			chips: []string{
				"Privileged /subusers?privileged=1&q=a&sort=roles",
				"Without roles /subusers?q=a&role=-&sort=roles",
				"Without description /subusers?description=none&q=a&sort=roles",
			},
		},
		{
			path:   "/subusers?role=-&description=none&page=2&owner=unknown",
			filter: directory.Filter{Role: "-", Sort: "name", Page: 2, WithoutDescription: true},
			chips: []string{
				"Privileged /subusers?description=none&privileged=1&role=-",
				"Remove filter Without roles /subusers?description=none",
				"Remove filter Without description /subusers?role=-",
				"Clear filters /subusers",
			},
		},
		{
			path:   "/keys?owner=unknown",
			filter: directory.Filter{Sort: "name", OwnerUnknown: true},
			chips: []string{
				"Privileged /keys?owner=unknown&privileged=1",
				"Without roles /keys?owner=unknown&role=-",
				"Without description /keys?description=none&owner=unknown",
				"Remove filter Owner unknown /keys",
				"Owner deleted /keys?owner=gone",
				"Clear filters /keys",
			},
		},
		{
			path:   "/keys?privileged=1&sort=created",
			filter: directory.Filter{Sort: "created", Privileged: true},
			chips: []string{
				"Remove filter Privileged /keys?sort=created",
				"Without roles /keys?privileged=1&role=-&sort=created",
				"Without description /keys?description=none&privileged=1&sort=created",
				"Owner unknown /keys?owner=unknown&privileged=1&sort=created",
				"Owner deleted /keys?owner=gone&privileged=1&sort=created",
				"Clear filters /keys?sort=created",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.directory.page.Matches = 60
			got := s.get("editor", tt.path).hasStatus(t, 200)
			want := tt.filter
			want.Page, want.PerPage = max(want.Page, 1), 50
			if diff := cmp.Diff(want, s.directory.lastFilter); diff != "" {
				t.Errorf("filter (-want +got):\n%s", diff)
			}
			chips := got.doc.Find(`[aria-label="Filters"] a`).Map(func(_ int, a *goquery.Selection) string {
				return strings.Join(strings.Fields(a.Text()), " ") + " " + a.AttrOr("href", "")
			})
			if diff := cmp.Diff(tt.chips, chips); diff != "" {
				t.Errorf("chips (-want +got):\n%s", diff)
			}
		})
	}
}

func TestListKeysThatOutlivedTheirOwner(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.directory.keyFacts = &access.Facts{
		FirstSeen: noon,
		LastOwner: &access.LastOwner{Ref: access.SubuserRef(7), Login: "anna_novakova", Until: noon},
	}
	got := s.get("viewer", "/keys?owner=gone&sort=created").
		hasStatus(t, 200).
		contains(t, "Remove filter Owner deleted", "last known: anna_novakova, until 23 Nov 2026", "before 23 Nov 2026")
	want := directory.Filter{Sort: "created", Page: 1, PerPage: 50, OutlivedOwner: true}
	if diff := cmp.Diff(want, s.directory.lastFilter); diff != "" {
		t.Error(diff)
	}
	if got.field("owner") != "gone" || got.doc.Find(`a[href="/keys.csv?owner=gone&sort=created"]`).Length() == 0 ||
		got.doc.Find(`th a[href="/keys?owner=gone"]`).Length() == 0 {
		t.Error("the search, the export or a sort order loses the filter")
	}
	if got.doc.Find(`a[href="/keys?sort=created"]:contains("Clear filters")`).Length() == 0 {
		t.Error("no link to all keys")
	}
	s.get("viewer", "/subusers?owner=gone").hasStatus(t, 200)
	if s.directory.lastFilter.OutlivedOwner {
		t.Error("subusers are filtered")
	}
	s.get("viewer", "/keys?owner=someone").hasStatus(t, 200).excludes(t, "Remove filter")
	s.directory.keyFacts.LastOwner.Until = time.Time{}
	got = s.get("viewer", "/keys").contains(t, "last known: anna_novakova")
	if got.doc.Find(`td a[href="/subusers/7"]`).Length() == 0 {
		t.Error("no link to a last known owner that may exist")
	}
}
