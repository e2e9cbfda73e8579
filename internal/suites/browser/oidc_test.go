package browser

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/session"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	idptest "github.com/voxwarden/voxwarden/internal/testkit/idp"
)

// janasPassword is Jana's password at the provider.
const janasPassword = "Correct-Horse-1"

// oidcFixture is a console with OpenID Connect, and a provider with the user jana.
type oidcFixture struct {
	site     *apptest.Site
	provider *idptest.Provider
	loginAge atomic.Int64 // how long ago a login at the provider claims to be; a time.Duration
}

func newOIDCFixture(t *testing.T, groups ...string) *oidcFixture {
	t.Helper()
	c := &oidcFixture{}
	c.provider = idptest.New(t, idptest.Options{
		Now: func() time.Time { return time.Now().Add(-time.Duration(c.loginAge.Load())) },
	})
	c.provider.AddUser(idptest.User{
		Username:      "jana",
		Password:      janasPassword,
		Name:          "Jana Dvořáková",
		Email:         "jana@example.com",
		EmailVerified: true,
		Groups:        groups,
	})
	mapping := policy.Mapping{Groups: map[policy.DashboardRole][]string{
		policy.Viewer: {"staff"},
		policy.Editor: {"phone-ops"},
		policy.Admin:  {"phone-admins"},
	}}
	signIn := func(base *url.URL, sessions *session.Store) apptest.SignInMethod {
		oidc, err := identity.NewOIDC(identity.OIDCOptions{
			Issuer:         c.provider.URL,
			ClientID:       c.provider.ClientID,
			ClientSecret:   config.NewSecret(c.provider.ClientSecret),
			Reauthenticate: true,
			BaseURL:        base,
			Sessions:       sessions,
		})
		if err != nil {
			t.Fatal(err)
		}
		return apptest.SignInMethod{Identity: oidc, Provider: oidc}
	}
	c.site = apptest.NewSite(t, apptest.Options{
		Policy: policy.New(mapping, []string{"Owner", "Admin"}),
		SignIn: signIn,
	})
	c.provider.SetRedirect(c.site.URL+"/sign-in/callback", c.site.URL+"/sign-out")
	return c
}

// newPage opens a tab that may also send requests to the provider.
func (c *oidcFixture) newPage(t *testing.T, js bool) *testPage {
	t.Helper()
	p := newTestPage(t, c.site, js)
	p.log.alsoAllowed = strings.TrimPrefix(c.provider.URL, "http://")
	return p
}

// logInAtProvider fills in the provider's form.
func (p *testPage) logInAtProvider() {
	p.t.Helper()
	p.expectHeading("Log in")
	p.fill("Username", "jana")
	p.fill("Password", janasPassword)
	p.press("button", "Log in")
}

// TestOIDCSignIn: opening a page leads to the provider, and after the login back to the page. "Your sign-in" shows what
// the provider sent. Signing out also leads to the provider's sign-out.
func TestOIDCSignIn(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		c := newOIDCFixture(t, "staff", "phone-ops")
		p := c.newPage(t, js)
		p.open("/subusers?q=anna")
		p.logInAtProvider()
		p.expectHeading("Subusers")
		if got := p.address(); got != "/subusers?q=anna" {
			t.Errorf("after signing in: %s", got)
		}
		p.openMenu()
		p.press("link", "Your sign-in")
		p.expectHeading("Your sign-in")
		p.expectText("jana@example.com", "phone-ops", "Create subusers.")
		p.signOut()
		p.expectHeading("Signed out")
		p.openInSameTab("Sign out of your company's service (opens in a new tab)")
		p.expectHeading("Signed out")
		if got := p.address(); !strings.HasPrefix(got, "/sign-out") {
			t.Errorf("after signing out at the provider: %s", got)
		}
		p.press("link", "Sign in again")
		p.expectHeading("Log in") // the provider's session has ended too
	})
}

// openInSameTab opens a link that would open in a new tab, in this one.
func (p *testPage) openInSameTab(name string) {
	p.t.Helper()
	params := dom.DescribeNodeParams{BackendNodeID: p.find("link", name).BackendDOMNodeID}
	node, err := chromedp.Call(p.tab, dom.DescribeNode, params)
	if err != nil {
		p.t.Fatal(err)
	}
	for i := 0; i+1 < len(node.Node.Attributes); i += 2 {
		if node.Node.Attributes[i] == "href" {
			p.do(chromedp.Navigate(node.Node.Attributes[i+1]))
			return
		}
	}
	p.t.Fatalf("the link %q has no href", name)
}

// TestOIDCOperatorWithoutRole: an operator without a dashboard role is refused, and sees their groups at "Your
// sign-in".
func TestOIDCOperatorWithoutRole(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		c := newOIDCFixture(t, "kitchen")
		p := c.newPage(t, js)
		p.open("/subusers")
		p.logInAtProvider()
		p.expectHeading("You may not do this")
		p.expectStatus(http.StatusForbidden)
		p.expectText("you have no role in this console")
		p.press("link", "Your sign-in")
		p.expectHeading("Your sign-in")
		p.expectText("You have no role in this console yet", "kitchen")
	})
}

// TestOIDCRecentSignIn: a privileged operation requires a recent sign-in. The operator signs in again in another tab
// and sends the same form again.
func TestOIDCRecentSignIn(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		c := newOIDCFixture(t, "phone-admins")
		c.loginAge.Store(int64(10 * time.Minute))
		p := c.newPage(t, js)
		p.open("/keys/new")
		p.logInAtProvider()
		p.expectHeading("New key")
		p.expectText("Confirm your identity first")
		p.fill("Name", "nightly_reports")
		p.fill("Reason", "OPS-46 reports")
		p.press("button", "Create key")
		p.expectHeading("Confirm your identity")
		p.expectStatus(http.StatusUnauthorized)
		p.expectWrites(0)

		c.loginAge.Store(0)
		other := p.anotherTab()
		other.log.alsoAllowed = p.log.alsoAllowed
		other.open("/sign-in?again=1&return=/sign-in/done")
		other.logInAtProvider() // although the provider still has a session
		other.expectHeading("You are signed in")
		p.back()
		p.expectHeading("New key")
		p.expectForm("OPS-46 reports")
		p.press("button", "Create key")
		p.expectHeading("Key nightly_reports was created")
		p.expectWrites(1)
	})
}
