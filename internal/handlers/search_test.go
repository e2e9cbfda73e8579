package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/search"
)

// hits returns the results as "group: text", in their order.
func (p *response) hits() []string {
	var hits []string
	p.doc.Find("#results section").Each(func(_ int, section *goquery.Selection) {
		title := section.Find("h2").Text()
		section.Find("li a").Each(func(_ int, a *goquery.Selection) { hits = append(hits, title+": "+a.Text()) })
	})
	return hits
}

func TestSearch(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for query, want := range map[string][]string{
		"anna":      {"Subusers: anna_novakova"},
		" ÁNNA ":    {"Subusers: anna_novakova"},
		"reports":   {"Keys: Reports"},
		"ówner":     {"Roles: Owner"},
		"new":       {"Actions: New subuser", "Actions: New key"},
		"excel":     {"Actions: Import subusers"},
		"audit":     {"Pages: Audit log"},
		"sessions":  {"Pages: Sessions"},
		"zeppelin":  nil,
		"anna zepp": nil,
	} {
		page := s.get("admin", "/search?"+url.Values{"q": {query}}.Encode()).hasStatus(t, http.StatusOK)
		if got := page.hits(); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
		if len(want) == 0 {
			page.contains(t, "Nothing found", "0 results")
		}
	}
	page := s.get("admin", "/search?q=anna")
	if href := page.doc.Find("#results a").AttrOr("href", ""); href != "/subusers/7" {
		t.Errorf("the result leads to %q", href)
	}
	if got := s.get("admin", "/search").hits(); !slices.Contains(got, "Pages: Overview") ||
		slices.ContainsFunc(got, func(hit string) bool { return strings.HasPrefix(hit, "Subusers:") }) {
		t.Errorf("without a query: %q", got)
	}
}

// A search leads only to pages that the operator may open, and to all of those.
func TestSearchLeadsWhereTheOperatorMayGo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, role := range policy.DashboardRoles() {
		page := s.get(string(role), "/search")
		for _, d := range search.Destinations() {
			shown := page.doc.Find(`#results a[href="`+d.Href+`"]`).Length() == 1
			opens := s.get(string(role), d.Href).Code == http.StatusOK
			if shown != opens {
				t.Errorf("%s, %s: shown %v, opens %v", role, d.Href, shown, opens)
			}
		}
	}
}

// A result of thousands is not one page.
func TestSearchIsBounded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.directory.page.Rows = principalsWith(10_000, access.RoleAssignment{ID: 1, Name: "Owner", Direct: true})
	s.directory.catalogue.Roles = nil
	for id := range int64(1_000) {
		s.directory.catalogue.Roles = append(s.directory.catalogue.Roles, access.Role{ID: id + 1, Name: "agent role"})
	}
	page := s.get("viewer", "/search?q=agent").hasStatus(t, http.StatusOK)
	page.contains(t, "11,000 results", "All 10,000 subusers", "and 992 more")
	if got := len(page.hits()); got != 2*maxHits {
		t.Errorf("%d results", got)
	}
	if page.doc.Find(`#results a[href="/subusers?q=agent"]`).Length() != 1 {
		t.Error("no link to all subusers")
	}
}

func TestSearchWithHostileTexts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, query := range []string{
		hostile, "\x00\xff", "%", "_", ".*", "\u202e", `"'><script>`, strings.Repeat("a ", 5_000), strings.Repeat("é", 9_999),
	} {
		page := s.get("admin", "/search?"+url.Values{"q": {query}}.Encode()).hasStatus(t, http.StatusOK)
		if page.doc.Find("[data-hostile], #results script, #results img").Length() != 0 {
			t.Errorf("%.20q gets into the page as elements", query)
		}
		if got := page.Body.Len(); got > maxPageBytes {
			t.Errorf("%.20q: %d bytes", query, got)
		}
	}
	s.directory.page.Rows[0].Name, s.directory.page.Rows[0].Description = "x"+hostile, hostile
	page := s.get("admin", "/search?q=x").hasStatus(t, http.StatusOK)
	if page.doc.Find("[data-hostile]").Length() != 0 {
		t.Error("a subuser gets into the page as elements")
	}
}

// What was read before the vendor failed is found, with the time when it was read.
func TestSearchOfOutdatedData(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.directory.page.Status.AsOf = time.Now().Add(-time.Hour)
	s.directory.page.Status.LastError = &directory.ReadError{Kind: directory.Unreachable}
	page := s.get("viewer", "/search?q=anna").hasStatus(t, http.StatusOK)
	page.contains(t, "Voximplant cannot be reached. These results were read at")
	if got := page.hits(); !slices.Equal(got, []string{"Subusers: anna_novakova"}) {
		t.Errorf("%q", got)
	}
}

// What was not read may match.
func TestSearchOfWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	down := &directory.ReadError{Kind: directory.Unreachable}
	for name, change := range map[string]func(d *fakeDirectory){
		"nothing read yet": func(d *fakeDirectory) { d.page = directory.Page{Status: directory.Status{Refreshing: true}} },
		"vendor down":      func(d *fakeDirectory) { d.page, d.err = directory.Page{}, down },
		"no keys":          func(d *fakeDirectory) { d.noKeys = true },
		"no catalogue":     func(d *fakeDirectory) { d.catalogue = directory.Catalogue{} },
	} {
		s := newSite(t)
		change(s.directory)
		page := s.get("admin", "/search?q=zeppelin").hasStatus(t, http.StatusOK)
		page.contains(t, "0 results, some may be missing").excludes(t, "Nothing found")
		if got := s.get("admin", "/search?q=audit").hits(); !slices.Equal(got, []string{"Pages: Audit log"}) {
			t.Errorf("%s: %q", name, got)
		}
	}
}
