package handlers

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/voxwarden/voxwarden/internal/directory"
)

func TestRefresh(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post("viewer", "/refresh", url.Values{"return": {"/subusers?q=a"}}).redirectsTo(t, "/subusers?q=a")
	s.post("viewer", "/refresh", url.Values{"return": {"//evil.example"}}).redirectsTo(t, "/")
	if s.directory.refreshes != 2 {
		t.Errorf("refreshed %d times", s.directory.refreshes)
	}
}

// After a failure the directory waits before it calls the vendor again. "Try again" does not wait.
func TestTryAgainRefreshes(t *testing.T) {
	t.Parallel()
	for kind, status := range map[directory.ErrorKind]int{
		directory.Unreachable: 502,
		directory.RateLimited: 429,
		directory.KeyRefused:  503,
		directory.Slow:        504,
	} {
		s := newSite(t)
		s.directory.err = &directory.ReadError{Kind: kind, Method: "GetSubUsers"}
		got := s.get("viewer", "/subusers?q=a").hasStatus(t, status)
		again := got.doc.Find(`main form[action="/refresh"][method="post"]`)
		if again.Find(`input[name="return"]`).AttrOr("value", "") != "/subusers?q=a" ||
			again.Find("button").Text() != "Try again" {
			t.Errorf("%s: there is no way to try again", kind)
		}
	}
	s := newSite(t)
	s.directory.catalogue = directory.Catalogue{LastError: &directory.ReadError{Kind: directory.Slow}}
	if n := s.get(
		"viewer",
		"/roles",
	).doc.Find(`main form[action="/refresh"] button:contains("Try again")`).Length(); n != 1 {
		t.Errorf("%d ways to read the catalogue again", n)
	}
	s.operations.err = &directory.ReadError{Kind: directory.RateLimited}
	got := s.post("editor", "/subusers/7/roles", validRolesForm("review")).hasStatus(t, http.StatusTooManyRequests)
	if got.doc.Find(`form[action="/refresh"]`).Length() != 0 {
		t.Error("a form that failed is offered to be tried again without what was filled in")
	}
}

// A page reloads while the account is being read, and stops when that has ended, also with an error.
func TestPagesAutoRefreshWhileLoading(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/", "/subusers", "/roles", "/roles/1"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			for name, c := range map[string]struct {
				status directory.Status
				want   string // seconds
			}{
				"done":   {directory.Status{AsOf: noon}, ""},
				"failed": {directory.Status{AsOf: noon, LastError: &directory.ReadError{Kind: directory.Slow}}, ""},
				"anew":   {directory.Status{AsOf: noon, Refreshing: true}, "2"},
				"anew after fault": {
					directory.Status{AsOf: noon, Refreshing: true, LastError: &directory.ReadError{Kind: directory.Slow}},
					"2",
				},
				// The page waits a second for the first list already.
				"first": {directory.Status{Refreshing: true, LoadedRows: 40}, "1"},
				"first, again": {
					directory.Status{Refreshing: true, LastError: &directory.ReadError{Kind: directory.Slow}},
					"1",
				},
			} {
				s := newSite(t)
				s.directory.page.Status, s.directory.counts.Status = c.status, c.status
				got := s.get("viewer", path).hasStatus(t, 200)
				script, noScript := "", ""
				if c.want != "" {
					script, noScript = "every "+c.want+"s", `<meta http-equiv="refresh" content="`+c.want+`">`
				}
				if trigger := got.doc.Find("[data-refresh]").AttrOr("hx-trigger", ""); trigger != script {
					t.Errorf("%s: %q, want %q", name, trigger, script)
				}
				if meta := got.doc.Find("noscript").Text(); meta != noScript {
					t.Errorf("%s, without the script: %q, want %q", name, meta, noScript)
				}
			}
		})
	}
}
