package browser

import (
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// TestPrivilegedKeys: the overview lists the keys with a privileged role beside the subusers, and the matrix has a
// choice between subusers and keys, which the search and the file keep.
func TestPrivilegedKeys(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		console, ok := site.Sim.State().Key(site.ConsoleKey())
		if !ok {
			t.Fatal("there is no console key")
		}
		p := newTestPage(t, site, js).signInAs(policy.Viewer, "/")
		p.expectHeading("Overview")
		p.waitUntil(func() (bool, string) {
			return strings.Contains(p.visibleText(), "Keys: "+console.Name), "for the keys with Owner"
		})
		p.inArea("navigation", "Main").press("link", "Roles")
		p.expectHeading("Roles")
		p.press("link", "Matrix")
		p.expectHeading("Matrix")
		p.find("searchbox", "Search subusers")
		p.inArea("navigation", "Matrix of").press("link", "Keys")
		p.find("searchbox", "Search keys")
		p.find("rowheader", console.Name)
		p.focus("searchbox", "Search keys")
		p.replaceText(console.ID)
		p.submitSearch()
		p.expectText("1–1 of 1 found")
		if file := p.download("link", "Export CSV"); !strings.HasPrefix(strings.TrimPrefix(file, "\ufeff"), "name,id,") ||
			strings.Count(file, "\n") != 2 || !strings.Contains(file, console.ID) {
			t.Errorf("the file is %s", file)
		}
		p.inArea("navigation", "Matrix of").press("link", "Subusers")
		p.find("searchbox", "Search subusers")
	})
}
