package handlers

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/go-chi/chi/v5"

	"github.com/voxwarden/voxwarden/internal/bulk"
)

// publicRoute marks a route without sign-in.
const publicRoute = "everybody"

// routeRoles lists every route with the dashboard roles that may use it. A route that is missing fails the test below.
func routeRoles() map[string][]string {
	all := []string{"viewer", "auditor", "editor", "admin"}
	write := []string{"editor", "admin"}
	record := []string{"auditor", "editor", "admin"}
	known := []string{guest, "viewer", "auditor", "editor", "admin"}
	open := []string{publicRoute}
	return map[string][]string{
		"GET /healthz":                    open,
		"HEAD /healthz":                   open,
		"GET /readyz":                     open,
		"HEAD /readyz":                    open,
		"GET /sign-in":                    open,
		"POST /sign-in":                   open,
		"GET /sign-out":                   open,
		"POST /sign-out":                  open,
		"GET /sign-in/callback":           open,
		"GET /sign-in/done":               known,
		"GET /me":                         known,
		"POST /me":                        known,
		"GET /sessions":                   {"admin"},
		"POST /sessions":                  {"admin"},
		"GET /":                           all,
		"POST /refresh":                   all,
		"GET /drift":                      all,
		"GET /search":                     all,
		"GET /drift/{finding}/accept":     {"admin"},
		"POST /drift/{finding}/accept":    {"admin"},
		"GET /subusers":                   all,
		"GET /subusers.csv":               all,
		"GET /subusers/new":               write,
		"POST /subusers/new":              write,
		"GET /subusers/{id}":              all,
		"GET /subusers/{id}/roles":        write,
		"POST /subusers/{id}/roles":       write,
		"GET /subusers/compare":           all,
		"GET /subusers/{id}/edit":         write,
		"POST /subusers/{id}/edit":        write,
		"GET /subusers/{id}/force":        {"admin"},
		"POST /subusers/{id}/force":       {"admin"},
		"GET /subusers/{id}/password":     write,
		"POST /subusers/{id}/password":    write,
		"GET /subusers/{id}/re-issue":     write,
		"POST /subusers/{id}/re-issue":    write,
		"GET /subusers/{id}/delete":       write,
		"POST /subusers/{id}/delete":      write,
		"GET /subusers/import":            write,
		"POST /subusers/import":           write,
		"GET /subusers/import.csv":        write,
		"GET /runs":                       open,
		"GET /runs/*":                     open,
		"GET /bulk":                       record,
		"GET /bulk/new":                   write,
		"POST /bulk/new":                  write,
		"GET /bulk/{bulk}":                record,
		"GET /bulk/{bulk}/start":          write,
		"POST /bulk/{bulk}/start":         write,
		"GET /bulk/{bulk}/stop":           write,
		"POST /bulk/{bulk}/stop":          write,
		"GET /bulk/{bulk}/retry":          write,
		"POST /bulk/{bulk}/retry":         write,
		"GET /bulk/{bulk}/undo":           write,
		"POST /bulk/{bulk}/undo":          write,
		"GET /bulk/{bulk}.csv":            record,
		"GET /keys":                       all,
		"GET /keys.csv":                   all,
		"GET /keys/compare":               all,
		"GET /keys/new":                   {"admin"},
		"POST /keys/new":                  {"admin"},
		"GET /keys/{id}":                  all,
		"GET /keys/{id}/edit":             {"admin"},
		"POST /keys/{id}/edit":            {"admin"},
		"GET /keys/{id}/roles":            {"admin"},
		"POST /keys/{id}/roles":           {"admin"},
		"GET /keys/{id}/delete":           {"admin"},
		"POST /keys/{id}/delete":          {"admin"},
		"GET /roles":                      all,
		"GET /roles/{id}":                 all,
		"GET /roles/finder":               all,
		"GET /roles/matrix":               all,
		"GET /roles/matrix.csv":           all,
		"GET /audit":                      record,
		"GET /audit.csv":                  {"auditor", "admin"},
		"GET /audit.jsonl":                {"auditor", "admin"},
		"GET /audit/{operation}":          record,
		"POST /audit/{operation}":         record,
		"GET /audit/{operation}/resolve":  {"admin"},
		"POST /audit/{operation}/resolve": {"admin"},
	}
}

// routes lists the router's routes but those of the static files, as "METHOD /pattern".
func (s *site) routes() []string {
	var routes []string
	err := chi.Walk(
		s.handler.(chi.Routes),
		func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
			if route != "/static/*" {
				routes = append(routes, method+" "+route)
			}
			return nil
		},
	)
	if err != nil {
		s.t.Fatal(err)
	}
	return routes
}

// routeRequest returns a request for a route with ids that exist.
func routeRequest(route string) *http.Request {
	method, path, _ := strings.Cut(route, " ")
	path = strings.NewReplacer(
		"/keys/{id}", "/keys/"+fakeKeyID,
		"{id}", "7",
		"{bulk}", strings.Repeat("r", 26),
		"{operation}", strings.Repeat("a", 26),
		"{finding}", findingID,
	).Replace(path)
	if path == "/roles/7" {
		path = "/roles/1"
	}
	if method == http.MethodPost {
		return newPost(path, url.Values{"step": {"review"}, "role": {"3"}})
	}
	return httptest.NewRequest(method, path, nil)
}

// mutations returns the number of calls that change something.
func (s *site) mutations() int {
	o := s.operations
	return len(
		o.created,
	) + len(
		o.changed,
	) + len(
		o.resolved,
	) + len(
		o.commands,
	) + s.bulk.mutations() + len(
		s.drift.accepted,
	) + s.directory.refreshes + s.sessions.signOuts + len(
		s.sessions.endCalls,
	)
}

func TestRoutesByDashboardRole(t *testing.T) {
	t.Parallel()
	table := routeRoles()
	listed := newSite(t).routes()
	for route := range table {
		if !slices.Contains(listed, route) {
			t.Errorf("%s is in the table but not in the router", route)
		}
	}
	for _, route := range listed {
		allowed, known := table[route]
		if !known {
			t.Errorf("%s is not in the table: say who may use it", route)
			continue
		}
		for _, role := range []string{anonymous, guest, "viewer", "auditor", "editor", "admin"} {
			t.Run(route+" as "+role, func(t *testing.T) {
				t.Parallel()
				s := newSite(t)
				got := s.do(role, routeRequest(route))
				switch {
				case slices.Contains(allowed, publicRoute) || slices.Contains(allowed, role):
					if got.Code == http.StatusForbidden || got.Code == http.StatusUnauthorized || got.Code >= 500 ||
						strings.HasPrefix(got.Header().Get("Location"), "/sign-in?") {
						t.Errorf("status %d: %.300s", got.Code, got.text())
					}
				case role == anonymous && strings.HasPrefix(route, "GET "):
					if got.Code != http.StatusSeeOther || !strings.HasPrefix(got.Header().Get("Location"), "/sign-in") {
						t.Errorf("status %d, leads to %q", got.Code, got.Header().Get("Location"))
					}
				case role == anonymous:
					got.hasStatus(t, http.StatusUnauthorized)
				default:
					got.hasStatus(t, http.StatusForbidden)
				}
				if s.mutations() > 0 && !slices.Contains(allowed, role) && !slices.Contains(allowed, publicRoute) {
					t.Error("a refused request changed something")
				}
			})
		}
	}
}

func TestGuestSeesNoRoleMessage(t *testing.T) {
	t.Parallel()
	newSite(t).get(guest, "/").hasStatus(t, http.StatusForbidden).contains(t, "you have no role in this console")
}

func TestCrossSiteFormsAreRefused(t *testing.T) {
	t.Parallel()
	for _, route := range newSite(t).routes() {
		if !strings.HasPrefix(route, "POST ") {
			continue
		}
		for name, headers := range map[string]map[string]string{
			"cross-site":   {"Sec-Fetch-Site": "cross-site"},
			"sibling":      {"Sec-Fetch-Site": "same-site"},
			"other origin": {"Origin": "https://evil.example"},
			"null origin":  {"Origin": "null"},
		} {
			t.Run(route+" "+name, func(t *testing.T) {
				t.Parallel()
				s := newSite(t)
				r := routeRequest(route)
				r.Header.Del("Sec-Fetch-Site")
				for key, value := range headers {
					r.Header.Set(key, value)
				}
				s.do("admin", r).hasStatus(t, http.StatusForbidden).contains(t, "sent from another site")
				if s.mutations() > 0 || s.sessions.signedIn.Authenticated() {
					t.Error("the form was acted upon")
				}
			})
		}
	}
}

// A form must contain the token of its session.
func TestFormsWithWrongTokenAreRefused(t *testing.T) {
	t.Parallel()
	for _, route := range newSite(t).routes() {
		if !strings.HasPrefix(route, "POST ") {
			continue
		}
		s := newSite(t)
		s.sessions.wrongToken = true
		r := routeRequest(route)
		if route == "POST /subusers/import" {
			r = uploadRequest(t, map[string]string{"rows": "login\nsomebody"})
		}
		s.do("admin", r).hasStatus(t, http.StatusForbidden).contains(
			t,
			"This form is from another sign-in",
			"Nothing was changed",
		)
		if s.mutations() > 0 || s.sessions.signedIn.Authenticated() {
			t.Errorf("%s: the form was acted upon", route)
		}
	}
}

// Every page with a form contains the token.
func TestFormsContainToken(t *testing.T) {
	t.Parallel()
	forms := 0
	for _, route := range newSite(t).routes() {
		newSite(t).do("admin", routeRequest(route)).doc.Find("form[method=post]").Each(func(_ int, form *goquery.Selection) {
			forms++
			if token, _ := form.Find(`input[type=hidden][name=token]`).Attr("value"); token != "form-token" {
				t.Errorf("%s: the form for %s has the token %q", route, form.AttrOr("action", ""), token)
			}
		})
	}
	if forms < 50 {
		t.Errorf("only %d forms were seen", forms)
	}
}

func TestOversizedAndBrokenForms(t *testing.T) {
	t.Parallel()
	for _, route := range newSite(t).routes() {
		if !strings.HasPrefix(route, "POST ") {
			continue
		}
		t.Run(route, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			if route == "POST /subusers/import" {
				return // multipart form, see TestImportOnlyChecksFile
			}
			large := newPost(routeRequest(route).URL.Path, url.Values{"reason": {strings.Repeat("x", maxFormBytes)}})
			s.do("admin", large).hasStatus(t, http.StatusRequestEntityTooLarge).contains(t, "too large")
			broken := newPost(routeRequest(route).URL.Path, nil)
			broken.Header.Set("Content-Type", "multipart/form-data; boundary=x")
			s.do("admin", broken).hasStatus(t, http.StatusBadRequest).contains(t, "cannot be read")
		})
	}
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
			"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options":     "nosniff",
		"Referrer-Policy":            "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin",
		"Cache-Control":              "no-store",
		"Strict-Transport-Security":  "",
	}
	requests := []*http.Request{
		httptest.NewRequest(http.MethodGet, "/nowhere", nil),
		httptest.NewRequest(http.MethodDelete, "/", nil),
	}
	for _, route := range s.routes() {
		requests = append(requests, routeRequest(route))
	}
	for _, r := range requests {
		got := s.do("admin", r)
		for name, value := range want {
			if got.Header().Get(name) != value {
				t.Errorf("%s %s: %s is %q, want %q", r.Method, r.URL.Path, name, got.Header().Get(name), value)
			}
		}
		kind := got.Header().Get("Content-Type")
		if strings.HasPrefix(kind, "text/") && !strings.HasSuffix(kind, "; charset=utf-8") {
			t.Errorf("%s %s: Content-Type is %q", r.Method, r.URL.Path, kind)
		}
		if len(got.Header().Get("X-Request-Id")) != requestIDLength {
			t.Errorf("%s %s: request id %q", r.Method, r.URL.Path, got.Header().Get("X-Request-Id"))
		}
	}
	https := newSite(t, func(o *Options) { o.BaseURL = &url.URL{Scheme: "https", Host: "example.com"} })
	if got := https.get(anonymous, "/healthz").Header().Get("Strict-Transport-Security"); got == "" {
		t.Error("no Strict-Transport-Security behind https")
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("viewer", "/nowhere").hasStatus(t, http.StatusNotFound).contains(t, "There is no such page")
	s.get(anonymous, "/subusers/7/nowhere").hasStatus(t, http.StatusNotFound)
	for path, allow := range map[string]string{
		"/subusers":     "GET",
		"/refresh":      "POST",
		"/subusers/new": "GET, POST",
		"/healthz":      "GET, HEAD",
	} {
		got := s.do("admin", httptest.NewRequest(http.MethodDelete, path, nil)).hasStatus(t, http.StatusMethodNotAllowed)
		if got.Header().Get("Allow") != allow {
			t.Errorf("%s: Allow is %q, want %q", path, got.Header().Get("Allow"), allow)
		}
	}
}

// A page with a secret must not be compressed: its length tells something of the secret beside a text that an attacker
// chose.
func TestCompression(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for range 100 { // so many that the exported table is worth compressing
		s.directory.page.Rows = append(s.directory.page.Rows, s.directory.page.Rows[0])
	}
	// A page below the smallest size is never compressed. Vary shows whether a larger one would be.
	compressed := func(r *http.Request) string {
		r.Header.Set("Accept-Encoding", "gzip")
		got := s.do("editor", r).Header()
		if got.Get("Content-Encoding") == "" && got.Get("Vary") != "" {
			return "varies"
		}
		return got.Get("Content-Encoding")
	}
	for path, want := range map[string]string{
		"/subusers":            "gzip",
		"/subusers.csv":        "gzip",
		"/subusers/new":        "",
		"/subusers/7/password": "",
		"/subusers/7/re-issue": "",
		"/keys/new":            "",
		"/sign-out":            "",
	} {
		if got := compressed(httptest.NewRequest(http.MethodGet, path, nil)); got != want {
			t.Errorf("GET %s: %q, want %q", path, got, want)
		}
	}
	s.bulk.change.Kind = bulk.Create
	for _, path := range []string{
		"/sign-out", // links to the provider with the ID token
		"/subusers/new",
		"/subusers/7/password",
		"/subusers/7/re-issue",
		"/keys/new",
		"/bulk/" + s.bulk.change.ID + "/start",
	} {
		if got := compressed(newPost(path, url.Values{})); got != "" {
			t.Errorf("POST %s: %q, want no compression", path, got)
		}
	}
}

// A response is compressed only for a browser that accepts gzip (RFC 9110, 12.5.3), and caches are told that it varies.
func TestAcceptEncoding(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for accept, want := range map[string]string{
		"":                                   "",
		"gzip":                               "gzip",
		"GZIP":                               "gzip",
		"gzip, deflate, br, zstd":            "gzip",
		"deflate, gzip;q=0.5":                "gzip",
		"br;q=1.0, gzip ; q=0.001":           "gzip",
		"*":                                  "gzip",
		"identity;q=0, *;q=0.5":              "gzip",
		"gzip;q=0":                           "",
		"gzip; q=0.000, *":                   "",
		"*, gzip;q=0":                        "",
		"*;q=0":                              "",
		"gzip;q=none":                        "",
		"identity":                           "",
		"identity;q=1, *;q=0":                "",
		"deflate":                            "",
		"br, zstd":                           "",
		"bgzip":                              "",
		"gzip-not, x;gzip":                   "",
		", ,":                                "",
		"gzip;q=1.0, identity; q=0.5, *;q=0": "gzip",
	} {
		r := httptest.NewRequest(http.MethodGet, "/subusers", nil)
		r.AddCookie(&http.Cookie{Name: "role", Value: "editor"})
		r.Header.Set("Accept-Encoding", accept)
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		response := w.Result()
		if got := response.Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: Content-Encoding is %q, want %q", accept, got, want)
		}
		if got := response.Header.Get("Vary"); got != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: Vary is %q", accept, got)
		}
		var body io.Reader = response.Body
		if response.Header.Get("Content-Encoding") == "gzip" {
			zipped, err := gzip.NewReader(body)
			if err != nil {
				t.Errorf("Accept-Encoding %q: %v", accept, err)
				continue
			}
			body = zipped
		}
		page, err := io.ReadAll(body)
		if err != nil || !strings.Contains(string(page), "</html>") {
			t.Errorf("Accept-Encoding %q: the page is %d bytes, error %v", accept, len(page), err)
		}
	}
}

// Compression makes a few hundred bytes no faster to transfer.
func TestSmallResponsesAreNotCompressed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := httptest.NewRequest(http.MethodGet, "/subusers/import.csv", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	got := s.do("editor", r).hasStatus(t, http.StatusOK)
	size := got.Body.Len()
	if size == 0 || size >= 1000 {
		t.Fatalf("the template has %d bytes: no small response", size)
	}
	if encoding := got.Header().Get("Content-Encoding"); encoding != "" {
		t.Errorf("Content-Encoding is %q", encoding)
	}
	if length := got.Header().Get("Content-Length"); length != strconv.Itoa(size) {
		t.Errorf("Content-Length is %q, want %d", length, size)
	}
}
