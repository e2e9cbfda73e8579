package apptest

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/handlers"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/session"
	"github.com/voxwarden/voxwarden/static"
)

// Site is a whole console with its pages, served on a loopback address, in demo.
type Site struct {
	*World
	URL string
}

// NewSite starts a vendor and a console with pages. The test's end stops both.
func NewSite(t testing.TB, o Options) *Site {
	t.Helper()
	o.Policy = demoPolicy()
	world := NewWorld(t, o)
	server := httptest.NewUnstartedServer(nil)
	base := &url.URL{Scheme: "http", Host: server.Listener.Addr().String()}
	sessions, err := session.New(session.Options{DB: world.DB, Keys: []config.Secret{config.NewSecret(strings.Repeat("k", 64))}, Idle: time.Hour, Max: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	demo := identity.Demo{}
	server.Config.Handler, err = handlers.New(handlers.Options{
		Directory: world.Directory, Operations: world.Operations, Runs: world.Bulk, Record: world.Record, Policy: world.Policy,
		Sessions: sessions, Identity: demo, Demo: demo, Vendor: func() handlers.VendorStatus { return handlers.VendorStatus{} },
		Static: static.Handler(), Logger: world.options.Logger, Account: world.Account, KeyID: world.OwnKey, APIURL: "https://api.voximplant.com/platform_api", Environment: "Test",
		Version: "test", BaseURL: base, PanelLoginURL: "https://panel.example/login", PrivilegedRoles: privileged(), SettleAfter: world.Operations.SettleAfter,
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Start()
	working, stop := context.WithCancel(context.Background())
	var runner sync.WaitGroup
	runner.Go(func() { world.Bulk.Run(working) })
	t.Cleanup(func() {
		stop()
		runner.Wait()
		server.Close()
		world.Close()
	})
	return &Site{World: world, URL: server.URL}
}

// demoPolicy maps the groups of the demo's people.
func demoPolicy() *policy.Policy {
	groups := map[policy.DashboardRole][]string{}
	for _, role := range policy.DashboardRoles() {
		groups[role] = []string{"demo-" + string(role)}
	}
	return policy.New(policy.Mapping{Groups: groups}, privileged())
}

// Visitor is somebody with a browser of their own that knows no JavaScript.
type Visitor struct {
	t      testing.TB
	site   *Site
	client *http.Client
}

// Page is an answer as a visitor sees it.
type Page struct {
	*goquery.Document
	Status int
	Path   string // after redirects
	Header http.Header
	Body   string
}

// Visit signs somebody in with a dashboard role.
func (s *Site) Visit(t testing.TB, role policy.DashboardRole) *Visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &Visitor{t: t, site: s, client: &http.Client{Jar: jar}}
	if p := v.Post("/sign-in", url.Values{"role": {string(role)}}); p.Status != http.StatusOK {
		t.Fatalf("signing in as %s: %d", role, p.Status)
	}
	return v
}

// Get opens a page.
func (v *Visitor) Get(path string) Page {
	v.t.Helper()
	response, err := v.client.Get(v.site.URL + path)
	return v.page(response, err)
}

// Post sends a form.
func (v *Visitor) Post(path string, form url.Values) Page {
	v.t.Helper()
	response, err := v.client.PostForm(v.site.URL+path, form)
	return v.page(response, err)
}

// Fill reads the form of a page that posts to a path, as the browser would send it untouched.
func (p Page) Fill(t testing.TB, action string) url.Values {
	t.Helper()
	form := p.Find(`form[method=post][action="` + action + `"]`).First()
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
	return Page{Document: document, Status: response.StatusCode, Path: response.Request.URL.RequestURI(), Header: response.Header, Body: string(body)}
}

// Cookie is the visitor's session as a request header, for tools that send requests themselves.
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

// Weigh is how many bytes the body of an answer has on the wire, compressed if the site does that.
func (v *Visitor) Weigh(path string) int {
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
