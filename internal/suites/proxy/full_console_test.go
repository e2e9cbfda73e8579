package proxy

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/session"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// newFullConsole starts the real console, in the place of startStubConsole. Editors are in the group ops.
func newFullConsole(t *testing.T) *apptest.Site {
	t.Helper()
	trusted := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	groups := map[policy.DashboardRole][]string{policy.Editor: {"ops"}, policy.Admin: {"admins"}}
	signIn := func(_ *url.URL, sessions *session.Store) apptest.SignInMethod {
		proxy, err := identity.NewProxyHeader(identity.ProxyHeaderOptions{
			User:           "X-Auth-Request-User",
			Email:          "X-Auth-Request-Email",
			Groups:         "X-Auth-Request-Groups",
			TrustedProxies: trusted,
			Sessions:       sessions,
		})
		if err != nil {
			t.Fatal(err)
		}
		return apptest.SignInMethod{Identity: proxy, TrustedProxies: trusted, ProxySignOutURL: "/oauth2/sign_out"}
	}
	return apptest.NewSite(t, apptest.Options{
		Policy: policy.New(policy.Mapping{Groups: groups}, []string{"Owner", "Admin"}),
		SignIn: signIn,
	})
}

// visitor is a browser that connects to an address as console.example.com.
type visitor struct {
	t      *testing.T
	client *http.Client
}

func newVisitor(t *testing.T, source, address, user string) visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(&url.URL{Scheme: "http", Host: "console.example.com"}, []*http.Cookie{{Name: ssoCookie, Value: user}})
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}}
	transport := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, address)
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return visitor{t: t, client: &http.Client{Jar: jar, Transport: transport}}
}

// do opens a page, or sends form if it is not nil.
func (v visitor) do(path string, form url.Values, headers ...string) (int, *goquery.Document) {
	v.t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	address, body := "http://console.example.com"+path, strings.NewReader(form.Encode())
	request, err := http.NewRequestWithContext(v.t.Context(), method, address, body)
	if err != nil {
		v.t.Fatal(err)
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := v.client.Do(request)
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	doc, err := goquery.NewDocumentFromReader(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode, doc
}

// TestFullConsoleThroughNginx uses the console behind nginx with identities from the sign-in server, and with forged
// ones.
func TestFullConsoleThroughNginx(t *testing.T) {
	t.Parallel()
	site := newFullConsole(t)
	console := strings.TrimPrefix(site.URL, "http://")
	nginx := startNginx(t, console, startSSO(t).Listener.Addr().String(), "")

	anna := newVisitor(t, "127.0.0.1", nginx, "anna")
	status, page := anna.do("/subusers/new", nil)
	if status != http.StatusOK || !strings.Contains(page.Find(".menu-label").Text(), "anna") {
		t.Fatalf("an editor: status %d, %s", status, page.Find("main").Text())
	}
	form := url.Values{}
	page.Find(`form[action="/subusers/new?sent"] input[type=hidden]`).Each(func(_ int, field *goquery.Selection) {
		form.Add(field.AttrOr("name", ""), field.AttrOr("value", ""))
	})
	form.Set("login", "through_nginx")
	token := form.Get("token")
	form.Del("token")
	if status, page := anna.do("/subusers/new", form); status != http.StatusForbidden || len(site.Sim.Ledger()) != 0 {
		t.Errorf("without the token: status %d, %s", status, page.Find("h1").Text())
	}
	form.Set("token", token)
	if status, page := anna.do("/subusers/new", form); status != http.StatusOK || len(site.Sim.Ledger()) != 1 {
		t.Errorf("with the token: status %d, %s", status, page.Find("h1").Text())
	}
	// A program without the cookies of Anna's browser has its own session, with another token than the form.
	if status, _ := newVisitor(t, "127.0.0.1", nginx, "anna").do("/subusers/new", form); status != http.StatusForbidden {
		t.Errorf("the form with another session: status %d", status)
	}
	_, page = anna.do("/me", nil, "X-Forwarded-For", "203.0.113.66")
	if text := page.Find("main").Text(); !strings.Contains(text, "127.0.0.1") || strings.Contains(text, "203.0.113.66") {
		t.Errorf("the address of the session: %s", text)
	}

	bert := newVisitor(t, "127.0.0.1", nginx, "bert")
	if status, page := bert.do("/", nil, "X-Auth-Request-Groups", "admins"); status != http.StatusForbidden {
		t.Errorf("a visitor without groups who sends some: status %d, %s", status, page.Find("h1").Text())
	}
	direct := newVisitor(t, "127.0.0.2", console, "anna")
	status, page = direct.do("/subusers", nil, "X-Auth-Request-User", "anna", "X-Auth-Request-Groups", "admins")
	if status != http.StatusUnauthorized || strings.Contains(page.Text(), "anna_novakova") {
		t.Errorf("without nginx, from another address: status %d, %s", status, page.Find("h1").Text())
	}
	status, page = anna.do("/sign-out", url.Values{"token": {formToken(anna)}})
	if status != http.StatusOK || page.Find(`a[href="/oauth2/sign_out"]`).Length() != 1 {
		t.Errorf("signing out: status %d, %s", status, page.Find("main").Text())
	}
}

// formToken returns the form token of the visitor's session.
func formToken(v visitor) string {
	v.t.Helper()
	_, page := v.do("/me", nil)
	return page.Find("input[name=token]").First().AttrOr("value", "")
}
