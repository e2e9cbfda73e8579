package browsertest

import (
	"net/http"
	"testing"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// TestViewerChangesNothing: a viewer is shown nothing that changes anything, and is told so at the address.
func TestViewerChangesNothing(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newPerson(t, site, js).signedIn(policy.Viewer, "/")
		p.lacks("link", "New subuser")
		p.open("/subusers")
		p.sees("1–40 of 40")
		p.lacks("link", "New subuser")
		p.press("link", "petr_kucera")
		p.at("petr_kucera")
		p.lacks("link", "Change roles")
		for _, path := range []string{"/subusers/new", pathOf(t, site, "petr_kucera", "/roles")} {
			p.open(path)
			p.at("You may not do this")
			p.answered(http.StatusForbidden)
			p.lacks("textbox", "")
			p.lacks("checkbox", "")
		}
	})
}

// TestEditorKeepsOffPrivilege: an editor sees privileged roles and those who hold one, and cannot tick there.
func TestEditorKeepsOffPrivilege(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newPerson(t, site, js).signedIn(policy.Editor, pathOf(t, site, "petr_kucera", "/roles"))
		p.at("Roles of petr_kucera")
		if !p.find("checkbox", "Owner").is("disabled") || p.find("checkbox", "Support").is("disabled") {
			t.Error("Owner can be ticked, or Support cannot")
		}
		p.open(pathOf(t, site, "anna_novakova", "/roles"))
		p.at("Roles of anna_novakova")
		if !p.find("checkbox", "Support").is("disabled") || p.count("button", "Review changes") > 0 {
			t.Error("an Owner's roles can be ticked by an editor")
		}
	})
}
