package browser

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// delayVendor delays the vendor's next response to a method long enough for a second click.
func delayVendor(site *apptest.Site, method string) {
	site.Sim.AddFault(voxsim.Fault{Method: method, Kind: voxsim.SlowDrip, Delay: 700 * time.Millisecond})
}

// expectEitherHeading waits for the first heading, of the page with the outcome. Without JavaScript it may also be the
// second, of the operation: the browser drops the response to the first click and shows that to the second.
func (p *testPage) expectEitherHeading(first, second string) {
	p.t.Helper()
	p.waitUntil(func() (bool, string) {
		return p.count("heading", first)+p.count("heading", second) > 0, "for the page " + first + " or " + second
	})
	if p.js {
		p.expectHeading(first)
	}
}

// TestSecondClickOnAnotherPage: the second click of a double click that led to the review does not apply the change,
// wherever the buttons are.
func TestSecondClickOnAnotherPage(t *testing.T) {
	t.Parallel()
	const login = "lukasz_wisniew"
	site := apptest.NewSite(t, apptest.Options{})
	p := newTestPage(t, site, true).signInAs(policy.Editor, subuserPath(t, site, login, "/roles"))
	p.expectHeading("Roles of " + login)
	p.reviewRoles(login, "CallHistory")
	x, y := p.clickPoint("button", "Apply changes")
	p.do(chromedp.MouseClickXY(x, y, chromedp.ClickCount(2)))
	p.press("button", "Back to the form")
	p.expectHeading("Roles of " + login)
	p.expectWrites(0)
	p.reviewRoles(login)
	p.press("button", "Apply changes")
	p.expectHeading(login)
	p.expectWrites(1)
}

// TestReloadOutcome: reloading the page with the outcome of a change does not repeat the change.
func TestReloadOutcome(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		const login = "david_sedlak" // CallListManager, Support
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Editor, subuserPath(t, site, login, "/roles"))
		p.expectHeading("Roles of " + login)
		p.reviewRoles(login, "Support", "Payer")
		site.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.Refuse})
		p.press("button", "Apply changes")
		p.expectHeading("The roles of " + login + " were changed in part")
		p.reload()
		if js {
			p.expectHeading("Roles of " + login) // the page at this address
		} else {
			p.expectHeading("Change of roles: " + login) // the form was sent again, which leads to its operation
		}
		p.expectRoles(login, "CallListManager")
		p.expectWrites(1)
	})
}
