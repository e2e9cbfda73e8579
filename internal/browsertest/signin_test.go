package browsertest

import (
	"testing"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// TestSignIn: whoever opens a page is asked who they are, and then is on the page they wanted; whoever signs out is
// nobody again.
func TestSignIn(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newPerson(t, site, js)
		for role, name := range map[policy.DashboardRole]string{
			policy.Viewer: "Vera Viewer",
			policy.Editor: "Edda Editor",
			policy.Admin:  "Ada Admin",
		} {
			p.open("/subusers?q=anna")
			p.at("Sign in")
			p.press("button", "Sign in as "+string(role))
			p.at("Subusers")
			if got := p.address(); got != "/subusers?q=anna" {
				t.Errorf("after signing in: %s", got)
			}
			p.sees(name)
			p.signOut()
			p.at("Signed out")
			p.open("/subusers")
			p.at("Sign in")
			p.seesNot(name, "anna_novakova")
		}
	})
}
