package browsertest

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// crowd is a site with enough subusers for several pages of the list.
func crowd(t *testing.T, people int) *apptest.Site {
	t.Helper()
	company, err := voxsim.CompanyNamed("large", people)
	if err != nil {
		t.Fatal(err)
	}
	return apptest.NewSite(t, apptest.Options{Company: company})
}

// TestPlaceOnPages: a page that a link leads to begins at its top, with the focus on its heading; the way back leads to
// the rows and to the place on the page that one came from, and forward again too.
func TestPlaceOnPages(t *testing.T) {
	t.Parallel()
	p := newPerson(t, crowd(t, 130), true).signedIn(policy.Viewer, "/subusers?sort=keys")
	p.at("Subusers")
	p.press("link", "Next")
	p.sees("51–100 of 130")
	p.focusOn("heading", "Subusers")
	p.scrolledTo(0)
	p.scrollTo(700)
	login := p.loginInSight()
	p.press("link", login)
	p.at(login)
	p.focusOn("heading", login)
	p.scrolledTo(0)
	p.back()
	p.at("Subusers")
	p.sees("51–100 of 130")
	p.scrolledTo(700)
	p.focusOn("heading", "Subusers")
}

// loginInSight is a row in the middle of the window: pressing it scrolls nothing.
func (p *person) loginInSight() string {
	p.t.Helper()
	object, err := p.object(
		`[...document.querySelectorAll("tbody a")].find((link) => link.getBoundingClientRect().top > innerHeight / 2)`,
	)
	if err != nil {
		p.t.Fatal(err)
	}
	login, err := p.ask(object, "function() { return this.textContent; }")
	if err != nil {
		p.t.Fatal(err)
	}
	return login
}

// TestPlaceOnSort: whoever sorts by keyboard stays on the head of the column, to sort the other way with the same key.
func TestPlaceOnSort(t *testing.T) {
	t.Parallel()
	p := newPerson(t, crowd(t, 60), true).signedIn(policy.Viewer, "/subusers")
	p.at("Subusers")
	p.in("table", "Subusers").focus("link", "Login")
	p.typed(kb.Enter)
	p.wait(func() (bool, string) { return p.sorted() == "descending", "for the other order" })
	p.focusOn("link", "Login")
	p.scrolledTo(0)
	p.typed(kb.Enter)
	p.wait(func() (bool, string) { return p.sorted() == "ascending", "for the first order" })
	p.focusOn("link", "Login")
}

// TestPlaceOnTheme: the switch keeps the focus, so that the next press goes on.
func TestPlaceOnTheme(t *testing.T) {
	t.Parallel()
	p := newPerson(t, crowd(t, 60), true).signedIn(policy.Viewer, "/subusers")
	p.at("Subusers")
	p.openMenu()
	p.focus("button", "Theme: system")
	p.typed(kb.Enter)
	p.focusOn("button", "Theme: light")
	p.typed(kb.Enter)
	p.focusOn("button", "Theme: dark")
}

// TestLastLinkWins: of two links that are pressed one after the other, the page of the second is shown, however late
// the first one answers; an impatient double click is one step of the way back.
func TestLastLinkWins(t *testing.T) {
	t.Parallel()
	p := newPerson(t, apptest.NewSite(t, apptest.Options{}), true).signedIn(policy.Admin, "/")
	p.at("Overview")
	p.watched()
	main := p.in("navigation", "Main")
	slow := p.hold("*/keys")
	main.press("link", "Keys")
	slow.has()
	main.press("link", "Roles")
	p.at("Roles")
	slow.letGo()
	p.quiet()
	p.at("Roles")
	steps := p.number("history.length")
	slow = p.hold("*/subusers")
	main.press("link", "Subusers")
	slow.has()
	main.press("link", "Subusers")
	slow.letGo()
	p.at("Subusers")
	p.quiet()
	p.stepsBack(steps + 1)
	p.back()
	p.at("Roles")
}
