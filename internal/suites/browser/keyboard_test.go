package browser

import (
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// typeKeys sends keys to the element that has the focus.
func (p *testPage) typeKeys(keys string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys))
}

// TestKeyboardOnly signs in, creates a subuser and changes its roles with the keyboard alone.
func TestKeyboardOnly(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js)
		p.open("/subusers")
		p.expectHeading("Sign in")
		p.tabTo("button", "Sign in as editor")
		p.typeKeys(kb.Enter)
		p.expectHeading("Subusers")
		p.tabTo("link", "New subuser")
		p.typeKeys(kb.Enter)
		p.expectHeading("New subuser")
		p.tabTo("textbox", "Login")
		p.typeKeys("kamil_k")
		p.tabTo("checkbox", "Support")
		p.typeKeys(" ")
		p.tabTo("button", "Create subuser")
		p.typeKeys(kb.Enter)
		p.expectHeading("Subuser kamil_k was created")
		p.expectCreatedOnce("kamil_k")

		p.tabTo("link", "Go to kamil_k")
		p.typeKeys(kb.Enter)
		p.expectHeading("kamil_k")
		p.tabTo("link", "Change roles")
		p.typeKeys(kb.Enter)
		p.expectHeading("Roles of kamil_k")
		p.tabTo("checkbox", "Support")
		p.typeKeys(" ")
		p.tabTo("checkbox", "ACDManager")
		p.typeKeys(" ")
		p.tabTo("button", "Review changes")
		p.typeKeys(" ")
		p.expectHeading("Review the change for kamil_k")
		p.expectFocusRole("region")
		p.tabTo("button", "Apply changes")
		p.typeKeys(kb.Enter)
		p.expectHeading("kamil_k")
		p.expectText("The roles of kamil_k were changed.")
		p.expectFocusRole("status")
		p.expectRoles("kamil_k", "ACDManager")
	})
}

// pressKey presses a key as a keyboard does: unlike with typeKeys, a script can prevent what the key does.
func (p *testPage) pressKey(press input.DispatchKeyEventParams) {
	p.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{kb.KeyDown, kb.KeyUp} {
		press.Type = kind
		if kind == kb.KeyUp {
			press.Text = ""
		}
		if _, err := chromedp.Call(p.tab, input.DispatchKeyEvent, press); err != nil {
			p.t.Fatal(err)
		}
	}
}

// pressSlash presses the key /.
func (p *testPage) pressSlash() {
	p.t.Helper()
	p.pressKey(input.DispatchKeyEventParams{Key: "/", Code: "Slash", WindowsVirtualKeyCode: 191, Text: "/"})
}

// pressEnter presses Enter.
func (p *testPage) pressEnter() {
	p.t.Helper()
	p.pressKey(input.DispatchKeyEventParams{Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13, Text: "\r"})
}

// pressControlK presses Control and K.
func (p *testPage) pressControlK() {
	p.t.Helper()
	const control = 2
	p.pressKey(input.DispatchKeyEventParams{Key: "k", Code: "KeyK", WindowsVirtualKeyCode: 75, Modifiers: control})
}

// TestSlash: the key / moves the focus to the search field, opens the search for everything on pages without one, and
// is an ordinary character in a field.
func TestSlash(t *testing.T) {
	t.Parallel()
	site := apptest.NewSite(t, apptest.Options{})
	p := newTestPage(t, site, true).signInAs(policy.Viewer, "/")
	p.expectHeading("Overview")
	p.pressSlash()
	p.expectFocus("combobox", searchLabel)
	if got := p.find("combobox", searchLabel).value(); got != "" {
		t.Errorf("the search for everything has %q", got)
	}
	p.typeKeys(kb.Escape)
	p.open("/subusers")
	p.expectText("1–40 of 40")
	p.pressSlash()
	p.waitUntil(func() (bool, string) {
		return axString(p.focusedElement().Name) == "Search subusers", "for the focus on the search field"
	})
	p.pressSlash()
	if got := p.find("searchbox", "Search subusers").value(); got != "/" {
		t.Errorf("the search field has %q", got)
	}
}

// TestSkipLink: the first press of Tab reaches the link that skips the navigation, and Enter moves the focus with it.
func TestSkipLink(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), js).signInAs(policy.Viewer, "/subusers")
		p.expectHeading("Subusers")
		p.typeKeys(kb.Tab)
		if target := p.focusedElement(); axString(target.Name) != "Skip to content" {
			t.Fatalf("the first press of Tab leads to %s %q", axString(target.Role), axString(target.Name))
		}
		p.typeKeys(kb.Enter)
		p.expectFocusRole("main")
		p.typeKeys(kb.Tab)
		if target := p.focusedElement(); axString(target.Name) != "Export CSV" {
			t.Errorf("after skipping, Tab leads to %s %q", axString(target.Role), axString(target.Name))
		}
	})
}
