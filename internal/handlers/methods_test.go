package handlers

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
)

// countingIdentity counts the requests that it identifies.
type countingIdentity struct {
	Identity
	count int
}

func (i *countingIdentity) Identify(w http.ResponseWriter, r *http.Request) (operator.Operator, error) {
	i.count++
	return i.Identity.Identify(w, r)
}

// countingProvider counts the sign-ins that it begins and finishes.
type countingProvider struct {
	fakeProvider
	count int
}

func (p *countingProvider) Begin(w http.ResponseWriter, r *http.Request, back string, again bool) (string, error) {
	p.count++
	return p.fakeProvider.Begin(w, r, back, again)
}

func (p *countingProvider) Finish(w http.ResponseWriter, r *http.Request) (operator.Operator, string, error) {
	p.count++
	return p.fakeProvider.Finish(w, r)
}

// inertRequests are changes of a GET that make it a request that must not act.
func inertRequests() map[string]func(r *http.Request) {
	method := func(name string) func(*http.Request) { return func(r *http.Request) { r.Method = name } }
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	return map[string]func(r *http.Request){
		"HEAD":      method(http.MethodHead),
		"OPTIONS":   method(http.MethodOptions),
		"TRACE":     method(http.MethodTrace),
		"PROPFIND":  method("PROPFIND"),
		"REPORT":    method("REPORT"),
		"QUERY":     method("QUERY"),
		"head":      method("head"),
		"prefetch":  header("Sec-Purpose", "prefetch"),
		"prerender": header("Sec-Purpose", "prefetch;prerender"),
		"Chrome":    header("Purpose", "prefetch"),
		"Safari":    header("X-Purpose", "preview"),
		"Firefox":   header("X-Moz", "prefetch"),
	}
}

// TestSafeMethodsDoNothing sends requests that are safe by definition, or that a browser makes in advance, to every
// page, to unknown paths and to paths outside of the console's. None identifies the operator, which can begin a session
// or ask the provider, and none reaches the provider, the audit log, the message for the next page or a cookie.
func TestSafeMethodsDoNothing(t *testing.T) {
	t.Parallel()
	pages := []string{"/nowhere", "/subusers/7/nowhere", "//", "/sign-in/callback?state=x&code=y", "/subusers.csv?q=a"}
	for _, route := range newSite(t).routes() {
		if strings.HasPrefix(route, "GET ") && route != "GET /healthz" && route != "GET /readyz" {
			pages = append(pages, routeRequest(route).URL.Path)
		}
	}
	for _, base := range []string{"", "/console"} {
		for name, change := range inertRequests() {
			t.Run(name+" "+base, func(t *testing.T) {
				t.Parallel()
				for _, path := range pages {
					for _, prefix := range []string{"", base} {
						requireInert(t, base, prefix+path, change)
					}
				}
			})
		}
	}
}

// requireInert sends one changed request to a new site, and fails the test when it did something.
func requireInert(t *testing.T, base, path string, change func(*http.Request)) {
	t.Helper()
	provider, identified := &countingProvider{}, &countingIdentity{}
	s := newSite(t, func(o *Options) {
		o.Demo, o.Provider, o.BaseURL = nil, provider, &url.URL{Scheme: "http", Host: "example.com", Path: base}
		identified.Identity, o.Identity = o.Identity, identified
	})
	s.sessions.flash = &session.Flash{Text: "for the next page"}
	r := httptest.NewRequest(http.MethodGet, path, nil)
	change(r)
	got := s.do("admin", r)
	if provider.count+identified.count+s.mutations()+s.operations.formCount+len(s.auditLog.notices) > 0 ||
		s.sessions.flash == nil || got.Header().Get("Set-Cookie") != "" || got.Code < 400 && path != base {
		t.Errorf("%s %s: status %d, provider %d, identified %d, notices %v, message left: %v",
			r.Method, path, got.Code, provider.count, identified.count, s.auditLog.notices, s.sessions.flash != nil)
	}
}

// TestMethodsOfHealthChecks requests what machines use. A page responds to HEAD with the methods that it supports.
func TestMethodsOfHealthChecks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for path, want := range map[string]int{
		"/healthz":       http.StatusOK,
		"/readyz":        http.StatusOK,
		"/static/app.js": http.StatusOK,
		"/subusers":      http.StatusMethodNotAllowed,
		"/nowhere":       http.StatusNotFound,
	} {
		got := s.do(anonymous, httptest.NewRequest(http.MethodHead, path, nil)).hasStatus(t, want)
		if want == http.StatusMethodNotAllowed && got.Header().Get("Allow") != "GET" {
			t.Errorf("%s: Allow is %q", path, got.Header().Get("Allow"))
		}
	}
	// A page that is opened, also with htmx, has another purpose.
	open := httptest.NewRequest(http.MethodGet, "/subusers", nil)
	open.Header.Set("Sec-Purpose", "")
	s.do("admin", open).hasStatus(t, http.StatusOK)
}
