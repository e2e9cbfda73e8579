package browser

import (
	"testing"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// TestSignIn: opening a page without a session leads to the sign-in page, and from there back to the page. Signing out
// ends the session.
func TestSignIn(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js)
		for role, name := range map[policy.DashboardRole]string{
			policy.Viewer: "Vera Viewer",
			policy.Editor: "Edda Editor",
			policy.Admin:  "Ada Admin",
		} {
			p.open("/subusers?q=anna")
			p.expectHeading("Sign in")
			p.press("button", "Sign in as "+string(role))
			p.expectHeading("Subusers")
			if got := p.address(); got != "/subusers?q=anna" {
				t.Errorf("after signing in: %s", got)
			}
			p.expectText(name)
			p.signOut()
			p.expectHeading("Signed out")
			p.open("/subusers")
			p.expectHeading("Sign in")
			p.expectNoText(name, "anna_novakova")
		}
	})
}
