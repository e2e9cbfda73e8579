package handlers

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// noon is the time of all tests.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// accountID is the account of all tests.
const accountID = 1234567

// anonymous is the role of a visitor without sign-in, guest of an operator without a dashboard role.
const (
	anonymous = ""
	guest     = "guest"
)

// site is a console over fakes, and a browser in front of it.
type site struct {
	t          *testing.T
	handler    http.Handler
	directory  *fakeDirectory
	operations *fakeOperations
	bulk       *fakeBulk
	auditLog   *fakeAuditLog
	drift      *fakeDrift
	sessions   *fakeSessions
	log        *bytes.Buffer
}

func newSite(t *testing.T, change ...func(*Options)) *site {
	t.Helper()
	rules := policy.New(policy.Mapping{Groups: map[policy.DashboardRole][]string{
		policy.Admin: {
			"demo-admin",
		}, policy.Editor: {"demo-editor"}, policy.Auditor: {"demo-auditor"}, policy.Viewer: {"demo-viewer"},
	}}, []string{"Owner", "Admin"})
	s := &site{
		t:          t,
		directory:  newFakeDirectory(),
		operations: &fakeOperations{policy: rules},
		bulk:       newFakeBulk(),
		auditLog:   &fakeAuditLog{},
		drift: &fakeDrift{
			count:    1,
			compared: map[access.Kind]time.Time{access.Subuser: noon, access.Key: noon},
		},
		sessions: &fakeSessions{},
		log:      &bytes.Buffer{},
	}
	s.operations.directory = s.directory
	o := Options{
		Directory:  s.directory,
		Operations: s.operations,
		Bulk:       s.bulk,
		AuditLog:   s.auditLog,
		Drift:      s.drift,
		Policy:     rules,
		Sessions:   s.sessions,
		Identity:   fakeIdentity{s.sessions},
		Demo:       identity.Demo{},
		Vendor:     func() VendorStatus { return VendorStatus{} },
		Static: http.HandlerFunc(func(
			w http.ResponseWriter,
			_ *http.Request,
		) {
			_, _ = io.WriteString(w, "static")
		}),
		Logger:          slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Account:         accountID,
		ConsoleKeyID:    func() string { return "3f0c1d9e-0000-4000-8000-000000000001" },
		APIURL:          "https://api.voximplant.com/platform_api",
		Environment:     "Demo",
		Version:         "test",
		BaseURL:         &url.URL{Scheme: "http", Host: "example.com"},
		PanelLoginURL:   "https://panel.example/login",
		PrivilegedRoles: []string{"Owner", "Admin"},
		ReconcileAfter:  5 * time.Minute,
		Now:             func() time.Time { return noon },
	}
	for _, c := range change {
		c(&o)
	}
	handler, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	s.handler = handler
	return s
}

// response is the response of a request.
type response struct {
	*httptest.ResponseRecorder
	doc *goquery.Document
}

// do sends a request as an operator with a dashboard role.
func (s *site) do(role string, r *http.Request) *response {
	s.t.Helper()
	if role != anonymous {
		r.AddCookie(&http.Cookie{Name: "role", Value: role})
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		s.t.Fatal(err)
	}
	return &response{ResponseRecorder: w, doc: doc}
}

func (s *site) get(role, path string) *response {
	s.t.Helper()
	return s.do(role, httptest.NewRequest(http.MethodGet, path, nil))
}

// post sends a form as a page of the console does.
func (s *site) post(role, path string, form url.Values) *response {
	s.t.Helper()
	return s.do(role, newPost(path, form))
}

func newPost(path string, form url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

// hasStatus fails the test unless the response has this status.
func (a *response) hasStatus(t *testing.T, status int) *response {
	t.Helper()
	if a.Code != status {
		t.Fatalf("status %d, want %d; body: %.600s", a.Code, status, a.text())
	}
	return a
}

// contains fails the test unless the page shows these texts.
func (a *response) contains(t *testing.T, texts ...string) *response {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.text(), text) {
			t.Errorf("the page does not say %q; it says: %.1500s", text, a.text())
		}
	}
	return a
}

// excludes fails the test if the response contains any of these texts, also in headers.
func (a *response) excludes(t *testing.T, texts ...string) *response {
	t.Helper()
	var headers strings.Builder
	_ = a.Header().Write(&headers)
	for _, text := range texts {
		if strings.Contains(a.Body.String(), text) || strings.Contains(headers.String(), text) {
			t.Errorf("the answer has %q in it", text)
		}
	}
	return a
}

// redirectsTo fails the test unless the response redirects there by GET.
func (a *response) redirectsTo(t *testing.T, path string) *response {
	t.Helper()
	a.hasStatus(t, http.StatusSeeOther)
	if got := a.Header().Get("Location"); got != path {
		t.Errorf("leads to %q, want %q", got, path)
	}
	return a
}

// text returns the text of the page with single spaces.
func (a *response) text() string { return strings.Join(strings.Fields(a.doc.Text()), " ") }

// field returns the value of a form field.
func (a *response) field(name string) string {
	value, _ := a.doc.Find(`[name="` + name + `"]`).First().Attr("value")
	return value
}

// fields returns all values of a form field; of check boxes, those that are checked.
func (a *response) fields(name string) []string {
	var values []string
	a.doc.Find(`input[name="` + name + `"]`).Each(func(_ int, s *goquery.Selection) {
		_, checked := s.Attr("checked")
		if kind, _ := s.Attr("type"); kind != "checkbox" || checked {
			value, _ := s.Attr("value")
			values = append(values, value)
		}
	})
	return values
}
