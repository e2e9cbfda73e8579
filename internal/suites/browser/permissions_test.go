package browser

import (
	"net/http"
	"testing"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// TestViewerChangesNothing: a viewer sees no control that changes something, and is refused at the addresses of forms.
func TestViewerChangesNothing(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Viewer, "/")
		p.expectAbsent("link", "New subuser")
		p.open("/subusers")
		p.expectText("1–40 of 40")
		p.expectAbsent("link", "New subuser")
		p.press("link", "petr_kucera")
		p.expectHeading("petr_kucera")
		p.expectAbsent("link", "Change roles")
		for _, path := range []string{"/subusers/new", subuserPath(t, site, "petr_kucera", "/roles")} {
			p.open(path)
			p.expectHeading("You may not do this")
			p.expectStatus(http.StatusForbidden)
			p.expectAbsent("textbox", "")
			p.expectAbsent("checkbox", "")
		}
	})
}

// TestEditorCannotChangePrivilegedRoles: an editor can tick neither privileged roles nor the roles of a subuser who has
// one.
func TestEditorCannotChangePrivilegedRoles(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Editor, subuserPath(t, site, "petr_kucera", "/roles"))
		p.expectHeading("Roles of petr_kucera")
		if !p.find("checkbox", "Owner").is("disabled") || p.find("checkbox", "Support").is("disabled") {
			t.Error("Owner can be ticked, or Support cannot")
		}
		p.open(subuserPath(t, site, "anna_novakova", "/roles"))
		p.expectHeading("Roles of anna_novakova")
		if !p.find("checkbox", "Support").is("disabled") || p.count("button", "Review changes") > 0 {
			t.Error("an editor can tick the roles of a subuser with Owner")
		}
	})
}
