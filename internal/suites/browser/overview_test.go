package browser

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// TestOverviewPictures: the numbers behind the pictures of the overview lead to the lists that they count.
func TestOverviewPictures(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Admin, "/subusers/new")
		p.fill("Login", "overview_test")
		p.fill("Reason", "For the overview")
		p.press("button", "Create subuser")
		p.expectHeading("Subuser overview_test was created")
		p.revealSecret("password", "Password")
		p.open("/")
		p.expectText("Changes per day", "Applied 1", "Refused or failed 0")
		p.press("DisclosureTriangle", "As a table")
		p.press("link", time.Now().UTC().Format("2 Jan"))
		p.expectHeading("Audit log")
		p.expectText("overview_test")
		p.open("/")
		p.inArea("list", "Keys by role").press("link", "Owner")
		p.expectHeading("Keys")
		if got := p.find("combobox", "Role").value(); got != "Owner" {
			t.Errorf("the list is filtered by %q", got)
		}
	})
}
