package browsertest

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// slowly makes the vendor's next answer to this method take long enough for a second click.
func slowly(site *apptest.Site, method string) {
	site.Sim.AddFault(voxsim.Fault{Method: method, Kind: voxsim.SlowDrip, Delay: 700 * time.Millisecond})
}

// atEither waits for the page that tells what came of an act. Without JavaScript a browser drops the first answer for
// that to the second click, which is the operation.
func (p *person) atEither(first, second string) {
	p.t.Helper()
	p.wait(func() (bool, string) {
		return p.count("heading", first)+p.count("heading", second) > 0, "for the page " + first + " or " + second
	})
	if p.js {
		p.at(first)
	}
}

// TestSecondClickOnAnotherPage: a double click whose first half led to the review does not apply it with its second
// half, wherever on the page the buttons are.
func TestSecondClickOnAnotherPage(t *testing.T) {
	t.Parallel()
	const login = "lukasz_wisniew"
	site := apptest.NewSite(t, apptest.Options{})
	p := newPerson(t, site, true).signedIn(policy.Editor, pathOf(t, site, login, "/roles"))
	p.at("Roles of " + login)
	p.review(login, "CallHistory")
	x, y := p.spot("button", "Apply changes")
	p.do(chromedp.MouseClickXY(x, y, chromedp.ClickCount(2)))
	p.press("button", "Back to the form")
	p.at("Roles of " + login)
	p.wrote(0)
	p.review(login)
	p.press("button", "Apply changes")
	p.at(login)
	p.wrote(1)
}

// TestReloadOutcome: reloading the page that tells what came of a change does not make it again.
func TestReloadOutcome(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		const login = "david_sedlak" // CallListManager, Support
		site := apptest.NewSite(t, apptest.Options{})
		p := newPerson(t, site, js).signedIn(policy.Editor, pathOf(t, site, login, "/roles"))
		p.at("Roles of " + login)
		p.review(login, "Support", "Payer")
		site.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.Refuse})
		p.press("button", "Apply changes")
		p.at("The roles of " + login + " were changed in part")
		p.reload()
		if js {
			p.at("Roles of " + login) // the page of this address
		} else {
			p.at("Change of roles: " + login) // the form was sent again, and led to what it had done
		}
		p.holds(login, "CallListManager")
		p.wrote(1)
	})
}
