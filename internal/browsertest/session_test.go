package browsertest

import (
	"net/http"
	"testing"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// TestSessionEnds: somebody who is signed out on the way through a form signs in again in another tab, comes back and
// has lost nothing.
func TestSessionEnds(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		const login, reason = "petr_kucera", "OPS-44 pays by card"
		site := apptest.NewSite(t, apptest.Options{})
		p := newPerson(t, site, js).signedIn(policy.Editor, pathOf(t, site, login, "/roles"))
		p.at("Roles of " + login)
		p.press("checkbox", "Payer")
		p.fill("Reason", reason)
		other := p.signOutElsewhere()
		p.press("button", "Review changes")
		p.at("Sign in again")
		p.answered(http.StatusUnauthorized)
		other.signInAgain(policy.Editor)
		p.back()
		p.at("Roles of " + login)
		p.formHolds(reason, "Payer")

		p.review(login)
		if js {
			// This page's form is sent by the script: the page stays and says what is the matter.
			other = p.signOutElsewhere()
			p.press("button", "Apply changes")
			p.sees("You are signed out", "what you typed is still here")
			p.at("Review the change for " + login)
			other.signInAgain(policy.Editor)
		}
		p.press("button", "Apply changes")
		p.at(login)
		p.sees(reason)
		p.holds(login, "Developer", "Payer")
		p.wrote(1)
	})
}

// TestSessionEndsOnCreate: the form for a new subuser is an ordinary page load, so the way to it is the browser's Back.
func TestSessionEndsOnCreate(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newPerson(t, site, js).signedIn(policy.Editor, "/subusers/new")
		p.press("checkbox", "Payer")
		p.fill("Login", "karel_capek")
		p.fill("Reason", "OPS-45 writes scenarios")
		other := p.signOutElsewhere()
		p.press("button", "Create subuser")
		p.at("Sign in again")
		p.answered(http.StatusUnauthorized)
		other.signInAgain(policy.Editor)
		p.back()
		p.at("New subuser")
		p.formHolds("OPS-45 writes scenarios", "Payer")
		p.press("button", "Create subuser")
		p.at("Subuser karel_capek was created")
		p.createdOnce("karel_capek")
	})
}

// signOutElsewhere ends the session in another tab, and answers that tab.
func (p *person) signOutElsewhere() *person {
	p.t.Helper()
	other := p.anotherTab()
	other.open("/")
	other.at("Overview")
	other.signOut()
	other.at("Signed out")
	return other
}

func (p *person) signInAgain(as policy.DashboardRole) {
	p.t.Helper()
	p.press("link", "Sign in again")
	p.at("Sign in")
	p.press("button", "Sign in as "+string(as))
	p.at("Overview")
}
