package browser

import (
	"testing"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// TestConsoleKeyPage: the page of the console key offers no deletion, which would always be refused, and points to the
// drift for changes made elsewhere.
func TestConsoleKeyPage(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Admin, "/keys/"+site.ConsoleKey())
		p.expectText("This console uses this key", "Last use")
		p.find("link", "Edit")
		p.expectAbsent("link", "Delete")
		p.press("link", "Drift")
		p.expectHeading("Drift")
	})
}
