package browser

import (
	"testing"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// TestCreateDuringRestart sends the form for a new subuser while the console is down.
func TestCreateDuringRestart(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Editor, "/subusers")
		p.press("link", "New subuser")
		p.expectHeading("New subuser")
		p.press("checkbox", "Payer")
		p.fill("Login", "karel_capek")
		p.fill("Reason", "OPS-45 writes scenarios")
		site.StopServing()
		p.press("button", "Create subuser")
		if js {
			p.expectText("The console does not respond", "your entries are kept")
			p.expectProblem("ERR_CONNECTION_REFUSED")
		} else {
			p.expectBrowserError()
		}
		site.ServeAgain(t)
		if !js {
			p.back()
		}
		p.expectHeading("New subuser")
		p.expectForm("OPS-45 writes scenarios", "Payer")
		p.press("button", "Create subuser")
		p.expectHeading("Subuser karel_capek was created")
		p.expectCreatedOnce("karel_capek")
	})
}

// expectBrowserError waits for the browser's own page for a server that refuses connections.
func (p *testPage) expectBrowserError() {
	p.t.Helper()
	p.waitUntil(func() (bool, string) {
		return p.evalInt(`Number(location.href.startsWith("chrome-error:"))`) == 1, "for the browser's error page"
	})
}
