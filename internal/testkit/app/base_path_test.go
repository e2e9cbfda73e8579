package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// TestCrawlUnderBasePath crawls a console that is served under a path: no link, form, asset or redirect leads out of
// it.
func TestCrawlUnderBasePath(t *testing.T) {
	t.Parallel()
	site := apptest.NewSite(t, apptest.Options{Base: "/phones/voxwarden"})
	visitor := site.Visit(t, policy.Admin)
	pages := 0
	visitor.Crawl(t, 250, func(page apptest.Page) {
		pages++
		if page.Status != http.StatusOK {
			t.Errorf("%s: status %d", page.Path, page.Status)
		}
		if !strings.HasPrefix(page.Path, "/phones/voxwarden/") {
			t.Errorf("%s is not under the path", page.Path)
		}
		for _, address := range page.Addresses() {
			ours := strings.HasPrefix(address, "/phones/voxwarden/") || strings.HasPrefix(address, "#") ||
				strings.HasPrefix(address, "?")
			if !ours && !strings.HasPrefix(address, "https://") {
				t.Errorf("%s links to %s, which is not under the path", page.Path, address)
			}
		}
	}, "/", "/subusers", "/keys", "/roles", "/bulk", "/me", "/sessions", "/subusers/new", "/subusers/import")
	if pages < 100 {
		t.Errorf("only %d pages were seen", pages)
	}
	form := visitor.Get("/subusers/new").FormValues(t, "/phones/voxwarden/subusers/new")
	form.Set("login", "by_a_path")
	if page := visitor.Post("/subusers/new", form); page.Status != http.StatusOK ||
		!strings.Contains(page.Body, "by_a_path") {
		t.Errorf("creating a subuser: status %d: %.300s", page.Status, page.Body)
	}
}

// TestRequestsOutsideBasePath checks that of the paths outside of the base path only the health checks exist.
func TestRequestsOutsideBasePath(t *testing.T) {
	t.Parallel()
	site := apptest.NewSite(t, apptest.Options{Base: "/phones"})
	root := strings.TrimSuffix(site.URL, "/phones")
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for path, want := range map[string]struct {
		status   int
		location string
	}{
		"/healthz":                {200, ""},
		"/readyz":                 {200, ""},
		"/phones/healthz":         {200, ""},
		"/phones":                 {303, "/phones/"},
		"/phones/":                {303, "/phones/sign-in"},
		"/phones/subusers?q=a":    {303, "/phones/sign-in?return=%2Fsubusers%3Fq%3Da"},
		"/":                       {404, ""},
		"/subusers":               {404, ""},
		"/phonesubusers":          {404, ""},
		"/phones2/subusers":       {404, ""},
		"/static/app.css":         {404, ""},
		"/phones//evil.example":   {404, ""},
		"/phones/%2fevil.example": {404, ""},
		"/phon%65s/subusers":      {404, ""},
	} {
		answer, err := browser.Get(root + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != want.status || answer.Header.Get("Location") != want.location {
			t.Errorf(
				"%s: %d to %q, want %d to %q",
				path,
				answer.StatusCode,
				answer.Header.Get("Location"),
				want.status,
				want.location,
			)
		}
		if answer.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: no content policy", path)
		}
		if answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept", path)
		}
	}
}
