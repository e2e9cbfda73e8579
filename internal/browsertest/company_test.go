package browsertest

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/idptest"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/session"
)

// jana's password at her company.
const janasPassword = "Correct-Horse-1"

// company is a console behind the sign-in of a company, which knows Jana. She logged in there so long ago as later
// says.
type company struct {
	site     *apptest.Site
	provider *idptest.Provider
	ago      atomic.Int64 // time.Duration
}

func newCompany(t *testing.T, groups ...string) *company {
	t.Helper()
	c := &company{}
	c.provider = idptest.New(
		t,
		idptest.Options{Now: func() time.Time { return time.Now().Add(-time.Duration(c.ago.Load())) }},
	)
	c.provider.AddUser(
		idptest.User{
			Username:      "jana",
			Password:      janasPassword,
			Name:          "Jana Dvořáková",
			Email:         "jana@example.com",
			EmailVerified: true,
			Groups:        groups,
		},
	)
	rules := policy.New(policy.Mapping{Groups: map[policy.DashboardRole][]string{
		policy.Viewer: {"staff"}, policy.Editor: {"phone-ops"}, policy.Admin: {"phone-admins"},
	}}, []string{"Owner", "Admin"})
	c.site = apptest.NewSite(
		t,
		apptest.Options{Policy: rules, SignIn: func(base *url.URL, sessions *session.Store) apptest.Way {
			oidc, err := identity.NewOIDC(identity.OIDCOptions{
				Issuer: c.provider.URL, ClientID: c.provider.ClientID, ClientSecret: config.NewSecret(c.provider.ClientSecret),
				Reauthenticate: true, BaseURL: base, Sessions: sessions,
			})
			if err != nil {
				t.Fatal(err)
			}
			return apptest.Way{Identity: oidc, Provider: oidc}
		}},
	)
	c.provider.SetRedirect(c.site.URL+"/sign-in/callback", c.site.URL+"/sign-out")
	return c
}

// visitor opens a browser that may also ask the company's sign-in.
func (c *company) visitor(t *testing.T, js bool) *person {
	t.Helper()
	p := newPerson(t, c.site, js)
	p.notes.also = strings.TrimPrefix(c.provider.URL, "http://")
	return p
}

// logIn fills in the company's own form.
func (p *person) logIn() {
	p.t.Helper()
	p.at("Log in")
	p.fill("Username", "jana")
	p.fill("Password", janasPassword)
	p.press("button", "Log in")
}

// TestCompanySignIn: whoever opens a page signs in at their company and is on that page; what the console knows of them
// stands on their own page; signing out leads to the company's sign-out too.
func TestCompanySignIn(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		c := newCompany(t, "staff", "phone-ops")
		p := c.visitor(t, js)
		p.open("/subusers?q=anna")
		p.logIn()
		p.at("Subusers")
		if got := p.address(); got != "/subusers?q=anna" {
			t.Errorf("after signing in: %s", got)
		}
		p.openMenu()
		p.press("link", "Your sign-in")
		p.at("Your sign-in")
		p.sees("jana@example.com", "phone-ops", "Create subusers.")
		p.signOut()
		p.at("Signed out")
		p.follow("Sign out of your company's service (opens in a new tab)")
		p.at("Signed out")
		if got := p.address(); !strings.HasPrefix(got, "/sign-out") {
			t.Errorf("after signing out at the company: %s", got)
		}
		p.press("link", "Sign in again")
		p.at("Log in") // the company's session is over too
	})
}

// follow opens a link that would open in a new tab, in this one.
func (p *person) follow(name string) {
	p.t.Helper()
	node, err := chromedp.Call(
		p.tab,
		dom.DescribeNode,
		dom.DescribeNodeParams{BackendNodeID: p.find("link", name).BackendDOMNodeID},
	)
	if err != nil {
		p.t.Fatal(err)
	}
	for i := 0; i+1 < len(node.Node.Attributes); i += 2 {
		if node.Node.Attributes[i] == "href" {
			p.do(chromedp.Navigate(node.Node.Attributes[i+1]))
			return
		}
	}
	p.t.Fatalf("the link %q leads nowhere", name)
}

// TestCompanyStranger: somebody whom the company knows and the console does not is told what to tell whom.
func TestCompanyStranger(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		c := newCompany(t, "kitchen")
		p := c.visitor(t, js)
		p.open("/subusers")
		p.logIn()
		p.at("You may not do this")
		p.answered(http.StatusForbidden)
		p.sees("you have no role in this console")
		p.press("link", "Your sign-in")
		p.at("Your sign-in")
		p.sees("You have no role here yet", "kitchen")
	})
}

// TestCompanyStepUp: a privileged act wants a recent sign-in. Who comes too late confirms in another tab, and sends the
// same form again.
func TestCompanyStepUp(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		c := newCompany(t, "phone-admins")
		c.ago.Store(int64(10 * time.Minute))
		p := c.visitor(t, js)
		p.open("/keys/new")
		p.logIn()
		p.at("New key")
		p.sees("Confirm that it is you first")
		p.fill("Name", "nightly_reports")
		p.fill("Reason", "OPS-46 reports")
		p.press("button", "Create key")
		p.at("Confirm that it is you")
		p.answered(http.StatusUnauthorized)
		p.wrote(0)

		c.ago.Store(0)
		other := p.anotherTab()
		other.notes.also = p.notes.also
		other.open("/sign-in?again=1&return=/sign-in/done")
		other.logIn() // although the company still knew her
		other.at("You are signed in")
		p.back()
		p.at("New key")
		p.formHolds("OPS-46 reports")
		p.press("button", "Create key")
		p.at("Key nightly_reports was created")
		p.wrote(1)
	})
}
