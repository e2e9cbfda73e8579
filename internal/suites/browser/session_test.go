package browser

import (
	"net/http"
	"testing"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// TestSessionEnds: an operator who is signed out while a form is open signs in again in another tab and goes
// on with the form, which kept its values.
func TestSessionEnds(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		const login, reason = "petr_kucera", "OPS-44 pays by card"
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Editor, subuserPath(t, site, login, "/roles"))
		p.expectHeading("Roles of " + login)
		p.press("checkbox", "Payer")
		p.fill("Reason", reason)
		other := p.signOutInOtherTab()
		p.press("button", "Review changes")
		p.expectHeading("Sign in again")
		p.expectStatus(http.StatusUnauthorized)
		other.signInAgain(policy.Editor)
		p.back()
		p.expectHeading("Roles of " + login)
		p.expectForm(reason, "Payer")

		p.reviewRoles(login)
		if js {
			// The script sends this form, so the page stays and shows a message.
			other = p.signOutInOtherTab()
			p.press("button", "Apply changes")
			p.expectText("You are signed out", "your entries are kept")
			p.expectHeading("Review the change for " + login)
			other.signInAgain(policy.Editor)
		}
		p.press("button", "Apply changes")
		p.expectHeading(login)
		p.expectText(reason)
		p.expectRoles(login, "Developer", "Payer")
		p.expectWrites(1)
	})
}

// TestSessionEndsOnCreate: the same for the form for a new subuser, which is an ordinary page load, so that Back leads
// to it.
func TestSessionEndsOnCreate(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Editor, "/subusers/new")
		p.press("checkbox", "Payer")
		p.fill("Login", "karel_capek")
		p.fill("Reason", "OPS-45 writes scenarios")
		other := p.signOutInOtherTab()
		p.press("button", "Create subuser")
		p.expectHeading("Sign in again")
		p.expectStatus(http.StatusUnauthorized)
		other.signInAgain(policy.Editor)
		p.back()
		p.expectHeading("New subuser")
		p.expectForm("OPS-45 writes scenarios", "Payer")
		p.press("button", "Create subuser")
		p.expectHeading("Subuser karel_capek was created")
		p.expectCreatedOnce("karel_capek")
	})
}

// signOutInOtherTab signs out in another tab and returns it.
func (p *testPage) signOutInOtherTab() *testPage {
	p.t.Helper()
	other := p.anotherTab()
	other.open("/")
	other.expectHeading("Overview")
	other.signOut()
	other.expectHeading("Signed out")
	return other
}

func (p *testPage) signInAgain(role policy.DashboardRole) {
	p.t.Helper()
	p.press("link", "Sign in again")
	p.expectHeading("Sign in")
	p.press("button", "Sign in as "+string(role))
	p.expectHeading("Overview")
}
