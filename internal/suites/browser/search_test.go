package browser

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// TestSearchPage finds a subuser on the page of the search: without JavaScript by the link of the frame.
func TestSearchPage(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), js).signInAs(policy.Viewer, "/")
		p.press("link", "Search")
		if js {
			dialog := p.inArea("dialog", searchLabel)
			dialog.press("button", "All results")
		}
		p.expectHeading("Search")
		p.expectAbsent("link", "New subuser")
		p.expectFocus("searchbox", searchLabel)
		p.typeKeys("novakova")
		if !js {
			p.typeKeys(kb.Enter)
		}
		p.expectText("1 result")
		p.press("link", "anna_novakova")
		p.expectHeading("anna_novakova")
	})
}

const searchLabel = "Search everything"

// openPalette opens the search over the page by Control and K.
func (p *testPage) openPalette() *testPage {
	p.t.Helper()
	p.pressControlK()
	p.expectFocus("combobox", searchLabel)
	return p.inArea("dialog", searchLabel)
}

// expectActive waits until Enter opens the option with this name.
func (p *testPage) expectActive(name string) {
	p.t.Helper()
	const active = `document.getElementById(
		document.getElementById("f-palette").getAttribute("aria-activedescendant"))?.textContent ?? ""`
	p.waitUntil(func() (bool, string) {
		got := p.evalText(active)
		return strings.HasPrefix(got, name), "for the active option " + name + ", not " + got
	})
}

// TestPalette: Control and K opens the search over the page, also while typing. Arrow keys choose, Enter opens, and
// Escape returns to where the focus was.
func TestPalette(t *testing.T) {
	t.Parallel()
	p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), true).signInAs(policy.Admin, "/subusers")
	p.expectHeading("Subusers")
	p.focus("searchbox", "Search subusers")
	dialog := p.openPalette()
	dialog.find("option", "New subuser")
	dialog.find("group", "Pages")
	p.typeKeys(kb.Escape)
	p.waitGone("dialog", searchLabel)
	p.expectFocus("searchbox", "Search subusers")

	p.focus("link", "anna_novakova")
	dialog = p.openPalette()
	p.typeKeys("new")
	p.expectText("2 results")
	p.expectActive("New subuser")
	p.typeKeys(kb.ArrowDown)
	p.expectActive("New key")
	p.typeKeys(kb.ArrowDown)
	p.expectActive("New subuser")
	p.typeKeys(kb.ArrowUp)
	p.expectActive("New key")
	dialog.press("button", "Close")
	p.waitGone("dialog", searchLabel)
	p.expectFocus("link", "anna_novakova")

	p.openPalette()
	p.replaceText("matrix")
	p.pressEnter() // before there are results
	p.expectHeading("Matrix")
	p.expectAbsent("dialog", searchLabel)
	p.openPalette()
	p.typeKeys("novakova")
	p.expectText("1 result")
	p.pressEnter()
	p.expectHeading("anna_novakova")
	p.openPalette()
	p.typeKeys("zeppelin")
	p.expectText("0 results", "Nothing found")
	p.pressEnter()
	p.expectHeading("Search")
	p.focus("button", "Keyboard shortcuts")
	p.pressControlK()
	p.expectFocus("searchbox", searchLabel)
}

// TestPaletteKeepsWhatIsOnThePage: opening and leaving the search changes nothing of a form, and a result of it is
// opened like any link: the entries are there after going back.
func TestPaletteKeepsWhatIsOnThePage(t *testing.T) {
	t.Parallel()
	p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), true).signInAs(policy.Admin, "/subusers/new")
	p.expectHeading("New subuser")
	p.fill("Login", "jan_novotny")
	p.openPalette()
	p.typeKeys("drift")
	p.expectActive("Drift")
	p.pressEnter()
	p.expectHeading("Drift")
	p.back()
	p.expectHeading("New subuser")
	if got := p.find("textbox", "Login").value(); got != "jan_novotny" {
		t.Errorf("the login is %q after going back", got)
	}
}

// TestPaletteAsksBeforeASecretIsLeft: a result does not leave a page with a secret that was not kept.
func TestPaletteAsksBeforeASecretIsLeft(t *testing.T) {
	t.Parallel()
	p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), true).signInAs(policy.Admin, "/")
	heading := p.createForSecret("key")
	p.stayOnLeave(true)
	p.openPalette()
	p.typeKeys("drift")
	p.expectActive("Drift")
	p.pressEnter()
	p.expectLeavePrompts(1)
	p.expectHeading(heading)
	p.openPalette()
	p.typeKeys("zeppelin")
	p.expectText("0 results")
	p.pressEnter()
	p.expectLeavePrompts(2)
	p.expectHeading(heading)
	p.stayOnLeave(false)
	dialog := p.openPalette()
	p.replaceText("drift")
	dialog.press("option", "Drift")
	p.expectLeavePrompts(3)
	p.expectHeading("Drift")
}

// TestPaletteByTouch: on a phone, the link of the frame opens the search, and a tap opens a result.
func TestPaletteByTouch(t *testing.T) {
	t.Parallel()
	p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), true).signInAs(policy.Viewer, "/")
	p.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch))
	p.reload()
	p.press("link", "Search")
	dialog := p.inArea("dialog", searchLabel)
	p.expectFocus("combobox", searchLabel)
	p.typeKeys("novakova")
	p.expectText("1 result")
	if wide := p.evalInt(`document.documentElement.scrollWidth`); wide > 390 {
		t.Errorf("the page is %d px wide", wide)
	}
	dialog.press("option", "anna_novakova Anna Nováková, head of operations")
	p.expectHeading("anna_novakova")
	p.press("link", "Search")
	p.inArea("dialog", searchLabel).press("button", "Close")
	p.waitGone("dialog", searchLabel)
}

// TestPaletteOffersWhatTheOperatorMayDo: a viewer is offered no action that an admin is.
func TestPaletteOffersWhatTheOperatorMayDo(t *testing.T) {
	t.Parallel()
	p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), true).signInAs(policy.Viewer, "/")
	p.expectHeading("Overview")
	dialog := p.openPalette()
	dialog.find("option", "Matrix")
	for _, name := range []string{"New subuser", "New key", "Import subusers", "Sessions"} {
		dialog.expectAbsent("option", name)
	}
}

// TestPaletteReportsFailures: the search reports that the session has ended or that the console does not respond, and
// works again afterwards. The page under it stays.
func TestPaletteReportsFailures(t *testing.T) {
	t.Parallel()
	site := apptest.NewSite(t, apptest.Options{})
	p := newTestPage(t, site, true).signInAs(policy.Admin, "/subusers")
	p.expectHeading("Subusers")
	dialog := p.openPalette()
	dialog.find("option", "New subuser")
	response := p.holdResponses("*/search*")
	p.typeKeys("n")
	response.waitHeld()
	response.dropConnections()
	p.expectText("The console does not respond")
	dialog.expectAbsent("option", "New subuser")
	p.typeKeys("ovakova")
	p.expectActive("anna_novakova")
	other := p.signOutInOtherTab()
	p.typeKeys("a")
	dialog.find("link", "Sign in again (opens in a new tab)")
	p.expectText("You are signed out")
	dialog.expectAbsent("option", "Overview")
	other.signInAgain(policy.Admin)
	p.replaceText("drift")
	p.expectActive("Drift")
	p.typeKeys(kb.Escape)
	p.expectHeading("Subusers")
}

// TestPaletteWhileNothingIsRead: while the vendor is down, the search offers what needs no reading, and says that more
// may exist. Without its script, its form leads to the page of the search.
func TestPaletteWhileNothingIsRead(t *testing.T) {
	t.Parallel()
	site := apptest.NewSite(t, apptest.Options{})
	site.VendorDown()
	p := newTestPage(t, site, true).signInAs(policy.Admin, "/me")
	p.expectHeading("Your sign-in")
	p.openPalette()
	p.typeKeys("drift")
	p.expectText("1 result, some may be missing", "Voximplant cannot be reached")
	p.expectActive("Drift")
}

// TestPaletteWithoutItsScript: while its script cannot be loaded, the form leads to the page of the search.
func TestPaletteWithoutItsScript(t *testing.T) {
	t.Parallel()
	p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), true).signInAs(policy.Viewer, "/subusers")
	p.expectHeading("Subusers")
	missing := `document.querySelector("[data-palette]").dataset.palette = "/static/missing.js"; ""`
	p.evalText(missing)
	p.pressControlK()
	p.expectProblem("a part of the page is missing")
	p.typeKeys("drift")
	p.pressEnter()
	p.expectHeading("Search")
	p.expectText("1 result")
}

// TestPaletteOfAMissingPage: a result that no longer exists shows the page about that, without the search over it.
func TestPaletteOfAMissingPage(t *testing.T) {
	t.Parallel()
	site := apptest.NewSite(t, apptest.Options{})
	p := newTestPage(t, site, true).signInAs(policy.Admin, "/subusers")
	p.expectHeading("Subusers")
	p.openPalette()
	p.typeKeys("novakova")
	p.expectActive("anna_novakova")
	changeAtVendor(t, site, voxsim.ExternalDeleteSubuser, "anna_novakova", "")
	p.pressEnter()
	p.expectText("404")
	p.expectAbsent("dialog", searchLabel)
	p.openPalette()
	p.typeKeys("drift")
	p.expectActive("Drift")
	p.pressEnter()
	p.expectHeading("Drift")
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

// TestPaletteButtonStays: the button below the pointer does not move while results arrive.
func TestPaletteButtonStays(t *testing.T) {
	t.Parallel()
	p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), true).signInAs(policy.Admin, "/")
	place := func() string {
		return p.evalText(`(() => {
			const { left, top } = document.querySelector("#palette button.small").getBoundingClientRect();
			return left + ", " + top;
		})()`)
	}
	p.openPalette().find("option", "Matrix")
	first := place()
	for query, status := range map[string]string{"novakova": "1 result", "zeppelin": "0 results"} {
		p.replaceText(query)
		p.expectText(status)
		if got := place(); got != first {
			t.Errorf("with the results of %q the button is at %s, before at %s", query, got, first)
		}
	}
}
