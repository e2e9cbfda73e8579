package browser

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// newLargeSite is a site with enough subusers for several pages of the list.
func newLargeSite(t *testing.T, subusers int) *apptest.Site {
	t.Helper()
	company, err := voxsim.CompanyNamed("large", subusers)
	if err != nil {
		t.Fatal(err)
	}
	return apptest.NewSite(t, apptest.Options{Company: company})
}

// TestScrollAndFocusAfterNavigation: a page that a link leads to begins at its top, with the focus on its heading;
// the way back leads to the rows and to the place on the page that one came from, and forward again too.
func TestScrollAndFocusAfterNavigation(t *testing.T) {
	t.Parallel()
	p := newTestPage(t, newLargeSite(t, 130), true).signInAs(policy.Viewer, "/subusers?sort=keys")
	p.expectHeading("Subusers")
	p.press("link", "Next")
	p.expectText("51–100 of 130")
	p.expectFocus("heading", "Subusers")
	p.expectScroll(0)
	p.scrollTo(700)
	login := p.visibleLogin()
	p.press("link", login)
	p.expectHeading(login)
	p.expectFocus("heading", login)
	p.expectScroll(0)
	p.back()
	p.expectHeading("Subusers")
	p.expectText("51–100 of 130")
	p.expectScroll(700)
	p.expectFocus("heading", "Subusers")
}

// visibleLogin is a row in the middle of the window: pressing it scrolls nothing.
func (p *testPage) visibleLogin() string {
	p.t.Helper()
	object, err := p.evalObject(
		`[...document.querySelectorAll("tbody a")].find((link) => link.getBoundingClientRect().top > innerHeight / 2)`,
	)
	if err != nil {
		p.t.Fatal(err)
	}
	login, err := p.callFunction(object, "function() { return this.textContent; }")
	if err != nil {
		p.t.Fatal(err)
	}
	return login
}

// TestFocusAfterSort: whoever sorts by keyboard stays on the head of the column, to sort the other way with the same
// key.
func TestFocusAfterSort(t *testing.T) {
	t.Parallel()
	p := newTestPage(t, newLargeSite(t, 60), true).signInAs(policy.Viewer, "/subusers")
	p.expectHeading("Subusers")
	p.inArea("table", "Subusers").focus("link", "Login")
	p.typeKeys(kb.Enter)
	p.waitUntil(func() (bool, string) { return p.sortOrder() == "descending", "for the other order" })
	p.expectFocus("link", "Login")
	p.expectScroll(0)
	p.typeKeys(kb.Enter)
	p.waitUntil(func() (bool, string) { return p.sortOrder() == "ascending", "for the first order" })
	p.expectFocus("link", "Login")
}

// TestFocusAfterThemeSwitch: the switch keeps the focus, so that the next press goes on.
func TestFocusAfterThemeSwitch(t *testing.T) {
	t.Parallel()
	p := newTestPage(t, newLargeSite(t, 60), true).signInAs(policy.Viewer, "/subusers")
	p.expectHeading("Subusers")
	p.openMenu()
	p.focus("button", "Theme: system")
	p.typeKeys(kb.Enter)
	p.expectFocus("button", "Theme: light")
	p.typeKeys(kb.Enter)
	p.expectFocus("button", "Theme: dark")
}

// TestLastLinkWins: of two links that are pressed one after the other, the page of the second is shown, however late
// the first one answers; an impatient double click is one step of the way back.
func TestLastLinkWins(t *testing.T) {
	t.Parallel()
	p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), true).signInAs(policy.Admin, "/")
	p.expectHeading("Overview")
	p.trackRequests()
	main := p.inArea("navigation", "Main")
	slow := p.holdResponses("*/keys")
	main.press("link", "Keys")
	slow.waitHeld()
	main.press("link", "Roles")
	p.expectHeading("Roles")
	slow.release()
	p.waitIdle()
	p.expectHeading("Roles")
	steps := p.evalInt("history.length")
	slow = p.holdResponses("*/subusers")
	main.press("link", "Subusers")
	slow.waitHeld()
	main.press("link", "Subusers")
	slow.release()
	p.expectHeading("Subusers")
	p.waitIdle()
	p.expectHistoryLength(steps + 1)
	p.back()
	p.expectHeading("Roles")
}
