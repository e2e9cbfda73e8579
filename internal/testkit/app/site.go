package app

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/handlers"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/session"
	"github.com/voxwarden/voxwarden/static"
)

// Site is a World with its pages, served on a loopback address or in memory. Visitors sign in as in the demo unless
// Options.SignIn is set.
type Site struct {
	*World
	URL       string // with the path of Options.Base, without a slash at the end
	Sessions  *session.Store
	transport http.RoundTripper // nil means the network
	server    *httptest.Server
}

// NewSite starts a simulated vendor and a console with pages, and stops both at the end of the test.
func NewSite(t testing.TB, o Options) *Site {
	t.Helper()
	if o.Policy == nil {
		o.Policy = demoPolicy()
	}
	world := NewWorld(t, o)
	server := httptest.NewUnstartedServer(nil)
	var transport http.RoundTripper
	if o.InMemory {
		_ = server.Listener.Close() // it has no connections yet
		pipe := newPipeListener()
		server.Listener, transport = pipe, pipe.transport()
	}
	base := &url.URL{Scheme: "http", Host: server.Listener.Addr().String(), Path: o.Base}
	sessions, err := session.New(session.Options{
		DB:      world.DB,
		Keys:    []config.Secret{config.NewSecret(strings.Repeat("k", 64))},
		BaseURL: base,
		Idle:    time.Hour,
		Max:     2 * time.Hour,
		Address: handlers.ClientAddress,

		NewestEvent:   audit.NewestSeqSQL,
		RecordRefusal: handlers.RecordRefusal(world.AuditLog),
	})
	if err != nil {
		t.Fatal(err)
	}
	signIn := o.SignIn
	if signIn == nil {
		signIn = demoSignIn
	}
	method := signIn(base, sessions)
	world.Bulk.Operators = sessions
	if asking, ok := method.Identity.(bulk.Operators); ok {
		world.Bulk.Operators = asking
	}
	var catchUp func(ctx context.Context, newest int64)
	if world.DB.Postgres() {
		catchUp = func(ctx context.Context, newest int64) {
			world.Lifecycle.CatchUp(world.Operations.CatchUp(ctx, world.Account, newest))
		}
	}
	var measure func(method, route string, status int, took time.Duration)
	if o.Metrics != nil {
		measure = o.Metrics.Request
	}
	server.Config.Handler, err = handlers.New(handlers.Options{
		Directory:       world.Directory,
		Operations:      world.Operations,
		Bulk:            world.Bulk,
		AuditLog:        world.AuditLog,
		Drift:           world.Drift,
		Policy:          world.Policy,
		Sessions:        sessions,
		Identity:        method.Identity,
		Demo:            method.Demo,
		Provider:        method.Provider,
		TrustedProxies:  method.TrustedProxies,
		ProxySignOutURL: method.ProxySignOutURL,
		Vendor:          func() handlers.VendorStatus { return handlers.VendorStatus{} },
		CatchUp:         catchUp,
		Static:          static.Handler(),
		Logger:          world.options.Logger,
		Measure:         measure,
		Account:         world.Account,
		ConsoleKeyID:    world.ConsoleKey,
		APIURL:          "https://api.voximplant.com/platform_api",
		Environment:     "Test",
		Version:         "test",
		BaseURL:         base,
		PanelLoginURL:   "https://panel.example/login",
		PrivilegedRoles: privileged(),
		ReconcileAfter:  world.Operations.ReconcileAfter,
		RequestTimeout:  o.RequestTimeout,
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Start()
	runCtx, stop := context.WithCancel(context.Background())
	var runner sync.WaitGroup
	if !o.InMemory { // a bubble's time stands still while two goroutines wait for the database
		runner.Go(func() { world.Bulk.Run(runCtx) })
	}
	site := &Site{World: world, URL: base.String(), Sessions: sessions, transport: transport, server: server}
	t.Cleanup(func() {
		stop()
		runner.Wait()
		site.server.Close()
		world.Close()
	})
	return site
}

// StopServing makes the site refuse connections, as during a restart, after the requests in progress.
func (s *Site) StopServing() { s.server.Close() }

// ServeAgain serves the site at the same address again.
func (s *Site) ServeAgain(t testing.TB) {
	t.Helper()
	again := httptest.NewUnstartedServer(s.server.Config.Handler)
	_ = again.Listener.Close()
	var err error
	if again.Listener, err = net.Listen("tcp", s.server.Listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	again.Start()
	s.server = again
}

// SignInMethod is a way of signing in, with what the handlers need of it.
type SignInMethod struct {
	Identity        handlers.Identity
	Demo            handlers.Demo
	Provider        handlers.Provider
	TrustedProxies  []netip.Prefix
	ProxySignOutURL string
}

func demoSignIn(_ *url.URL, sessions *session.Store) SignInMethod {
	demo := identity.Demo{Sessions: sessions}
	return SignInMethod{Identity: demo, Demo: demo}
}

// demoPolicy maps the groups of the demo's operators.
func demoPolicy() *policy.Policy {
	groups := map[policy.DashboardRole][]string{}
	for _, role := range policy.DashboardRoles() {
		groups[role] = []string{"demo-" + string(role)}
	}
	return policy.New(policy.Mapping{Groups: groups}, privileged())
}

// Visitor is an operator with a browser that runs no JavaScript.
type Visitor struct {
	t      testing.TB
	site   *Site
	client *http.Client
}

// Page is a response as a visitor sees it.
type Page struct {
	*goquery.Document
	Status int
	Path   string // after redirects
	Header http.Header
	Body   string
}

// NewVisitor returns a visitor without a session.
func (s *Site) NewVisitor(t testing.TB) *Visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Visitor{t: t, site: s, client: &http.Client{Jar: jar, Transport: s.transport}}
}

// Visit returns a visitor who has signed in with a dashboard role.
func (s *Site) Visit(t testing.TB, role policy.DashboardRole) *Visitor {
	t.Helper()
	v := s.NewVisitor(t)
	if p := v.Post("/sign-in", url.Values{"role": {string(role)}}); p.Status != http.StatusOK {
		t.Fatalf("signing in as %s: %d", role, p.Status)
	}
	return v
}

// Get opens a page and follows redirects.
func (v *Visitor) Get(path string) Page {
	v.t.Helper()
	response, err := v.client.Get(v.site.URL + path)
	return v.page(response, err)
}

// Request sends a request with a Cookie header, "" for none, and returns the status. It follows no redirect.
func (s *Site) Request(t testing.TB, method, path, cookie string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if cookie != "" {
		request.Header.Set("Cookie", cookie)
	}
	transport := s.transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode
}

// Post sends a form and follows redirects.
func (v *Visitor) Post(path string, form url.Values) Page {
	v.t.Helper()
	response, err := v.client.PostForm(v.site.URL+path, form)
	return v.page(response, err)
}

// Upload sends a form with a file, nil for none, and follows redirects.
func (v *Visitor) Upload(path string, form url.Values, file []byte) Page {
	v.t.Helper()
	var body bytes.Buffer // writing to it never fails
	parts := multipart.NewWriter(&body)
	for name, values := range form {
		for _, value := range values {
			_ = parts.WriteField(name, value)
		}
	}
	if file != nil {
		part, _ := parts.CreateFormFile("file", "people.csv")
		_, _ = part.Write(file)
	}
	_ = parts.Close()
	response, err := v.client.Post(v.site.URL+path, parts.FormDataContentType(), &body)
	return v.page(response, err)
}

// FormValues returns the values that a browser would send for the unchanged form that posts to action.
func (p Page) FormValues(t testing.TB, action string) url.Values {
	t.Helper()
	form := p.Find(`form[method=post]`).FilterFunction(func(_ int, form *goquery.Selection) bool {
		return strings.TrimSuffix(form.AttrOr("action", ""), "?sent") == action
	}).First()
	if form.Length() == 0 {
		t.Fatalf("%s has no form for %s:\n%s", p.Path, action, p.Body)
	}
	values := url.Values{}
	form.Find("input[name], textarea[name]").Each(func(_ int, field *goquery.Selection) {
		kind, _ := field.Attr("type")
		_, checked := field.Attr("checked")
		_, disabled := field.Attr("disabled")
		if disabled || (kind == "checkbox" || kind == "radio") && !checked {
			return
		}
		value := field.AttrOr("value", "")
		if goquery.NodeName(field) == "textarea" {
			value = field.Text()
		}
		values.Add(field.AttrOr("name", ""), value)
	})
	return values
}

func (v *Visitor) page(response *http.Response, err error) Page {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	document, err := goquery.NewDocumentFromReader(strings.NewReader(string(body)))
	if err != nil {
		v.t.Fatal(err)
	}
	return Page{
		Document: document,
		Status:   response.StatusCode,
		Path:     response.Request.URL.RequestURI(),
		Header:   response.Header,
		Body:     string(body),
	}
}

// Cookie returns the visitor's session cookies as a request header, for tests that send requests themselves.
func (v *Visitor) Cookie() http.Header {
	v.t.Helper()
	base, err := url.Parse(v.site.URL)
	if err != nil {
		v.t.Fatal(err)
	}
	header := http.Header{}
	for _, cookie := range v.client.Jar.Cookies(base) {
		header.Add("Cookie", cookie.String())
	}
	return header
}

// TransferSize returns the bytes of a response's body on the wire, compressed if the site compresses it.
func (v *Visitor) TransferSize(path string) int {
	v.t.Helper()
	request, err := http.NewRequest(http.MethodGet, v.site.URL+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", "gzip")
	response, err := v.client.Do(request)
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return len(body)
}
