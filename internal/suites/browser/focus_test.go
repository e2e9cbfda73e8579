package browser

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// newLargeSite returns a site with the given number of subusers.
func newLargeSite(t *testing.T, subusers int) *apptest.Site {
	t.Helper()
	company, err := voxsim.CompanyNamed("large", subusers)
	if err != nil {
		t.Fatal(err)
	}
	return apptest.NewSite(t, apptest.Options{Company: company})
}

// TestScrollAndFocusAfterNavigation: a link leads to the top of the next page, with the focus on its heading. Back
// leads to the same rows and the same scroll position.
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

// visibleLogin returns the login of a row in the middle of the window, so that pressing it does not scroll.
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

// TestFocusAfterSort: after sorting with the keyboard the head of the column keeps the focus.
func TestFocusAfterSort(t *testing.T) {
	t.Parallel()
	p := newTestPage(t, newLargeSite(t, 60), true).signInAs(policy.Viewer, "/subusers")
	p.expectHeading("Subusers")
	p.inArea("table", "Subusers").focus("link", "Login")
	p.typeKeys(kb.Enter)
	p.expectAttribute("columnheader", "Login", "aria-sort", "descending")
	p.expectFocus("link", "Login")
	p.expectScroll(0)
	p.typeKeys(kb.Enter)
	p.expectAttribute("columnheader", "Login", "aria-sort", "ascending")
	p.expectFocus("link", "Login")
}

// TestFocusAfterThemeSwitch: the theme button keeps the focus.
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

// TestLastLinkWins: after two links are pressed, the page of the second is shown, also when the response to the first
// arrives later. A double click on a link adds one entry to the history.
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
