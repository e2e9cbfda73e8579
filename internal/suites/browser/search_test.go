package browser

import (
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// controlModifier is the bit of the key Control.
const controlModifier = 2

// pressControlK presses Control and K as a keyboard does.
func (p *testPage) pressControlK() {
	p.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{kb.KeyDown, kb.KeyUp} {
		press := input.DispatchKeyEventParams{
			Type: kind, Modifiers: controlModifier, Key: "k", Code: "KeyK", WindowsVirtualKeyCode: 75,
		}
		if _, err := chromedp.Call(p.tab, input.DispatchKeyEvent, press); err != nil {
			p.t.Fatal(err)
		}
	}
}

// TestSearchPage finds a subuser from the link of the frame.
func TestSearchPage(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), js).signInAs(policy.Viewer, "/")
		p.press("link", "Search")
		p.expectHeading("Search")
		p.expectAbsent("link", "New subuser")
		p.expectFocus("searchbox", "Search everything")
		p.typeKeys("novakova")
		if !js {
			p.typeKeys(kb.Enter)
		}
		p.expectText("1 result")
		p.press("link", "anna_novakova")
		p.expectHeading("anna_novakova")
	})
}

// TestSearchKey: Control and K leads to the search, also while typing, and there to its field.
func TestSearchKey(t *testing.T) {
	t.Parallel()
	p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), true).signInAs(policy.Viewer, "/subusers")
	p.expectHeading("Subusers")
	p.focus("searchbox", "Search subusers")
	p.pressControlK()
	p.expectHeading("Search")
	p.expectFocus("searchbox", "Search everything")
	p.focus("button", "Keyboard shortcuts")
	p.pressControlK()
	p.expectFocus("searchbox", "Search everything")
}

// TestSingleKeysCanBeTurnedOff: keys of one character do nothing after the operator has turned them off.
func TestSingleKeysCanBeTurnedOff(t *testing.T) {
	t.Parallel()
	const help, choice = "Keyboard shortcuts", "Use the keys / and ?"
	p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), true).signInAs(policy.Viewer, "/subusers")
	p.expectHeading("Subusers")
	p.press("button", help)
	p.press("checkbox", choice)
	p.press("button", "Close")
	p.reload()
	p.focus("link", "anna_novakova")
	p.typeKeys("?")
	p.pressSlash()
	p.expectAbsent("dialog", help)
	p.expectFocus("link", "anna_novakova")
	p.press("button", help)
	p.press("checkbox", choice)
	p.press("button", "Close")
	p.focus("link", "anna_novakova")
	p.pressSlash()
	p.expectFocus("searchbox", "Search subusers")
}

// TestFirstRowIsNear: from the top of a page, a few presses of Tab and the link over the rest reach the first row.
func TestFirstRowIsNear(t *testing.T) {
	t.Parallel()
	const most = 8
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		state, admin := site.Sim.State(), site.Visit(t, policy.Admin)
		edit := fmt.Sprintf("/subusers/%d/edit", state.Subusers[0].ID)
		form := admin.Get(edit).FormValues(t, edit)
		form.Set("description", "Listed")
		admin.Post(edit, form)
		role := state.Roles[slices.IndexFunc(state.Roles, func(r voxsim.RoleState) bool {
			return r.ID == state.Subusers[0].RoleIDs[0]
		})]
		for path, heading := range map[string]string{
			"/subusers": "Subusers", "/keys": "Keys", "/roles": "Roles", "/roles/matrix": "Matrix", "/search": "Search",
			"/audit": "Audit log", "/sessions": "Sessions", fmt.Sprintf("/roles/%d", role.ID): role.Name,
			"/roles/finder?method=AddUser": "Find roles",
		} {
			p := newTestPage(t, site, js).signInAs(policy.Admin, path)
			p.expectHeading(heading)
			for presses := 1; ; presses++ {
				p.typeKeys(kb.Tab)
				if axString(p.focusedElement().Name) == "Skip to list" {
					p.typeKeys(kb.Enter)
				}
				if p.evalText(`String(document.activeElement === document.querySelector(
					"#list :is(a, button, input:not([type=hidden]))"))`) == "true" {
					break
				}
				if presses == most {
					t.Errorf("%s: after %d presses of Tab the focus is on %q", path, presses, axString(p.focusedElement().Name))
					break
				}
			}
		}
	})
}
