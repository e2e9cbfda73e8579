package browsertest

import (
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// typed sends keys to whatever has the focus.
func (p *person) typed(keys string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys))
}

// TestKeyboardOnly: no mouse at all, from signing in to a new subuser with other roles than at first.
func TestKeyboardOnly(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newPerson(t, site, js)
		p.open("/subusers")
		p.at("Sign in")
		p.tabTo("button", "Sign in as editor")
		p.typed(kb.Enter)
		p.at("Subusers")
		p.tabTo("link", "New subuser")
		p.typed(kb.Enter)
		p.at("New subuser")
		p.tabTo("textbox", "Login")
		p.typed("kamil_k")
		p.tabTo("checkbox", "Support")
		p.typed(" ")
		p.tabTo("button", "Create subuser")
		p.typed(kb.Enter)
		p.at("Subuser kamil_k was created")
		p.createdOnce("kamil_k")

		p.tabTo("link", "Go to kamil_k")
		p.typed(kb.Enter)
		p.at("kamil_k")
		p.tabTo("link", "Change roles")
		p.typed(kb.Enter)
		p.at("Roles of kamil_k")
		p.tabTo("checkbox", "Support")
		p.typed(" ")
		p.tabTo("checkbox", "ACDManager")
		p.typed(" ")
		p.tabTo("button", "Review changes")
		p.typed(" ")
		p.at("Review the change for kamil_k")
		p.tabTo("button", "Apply changes")
		p.typed(kb.Enter)
		p.at("kamil_k")
		p.sees("The roles of kamil_k were changed.")
		p.hasFocus("status")
		p.holds("kamil_k", "ACDManager")
	})
}

// slash presses the key as a keyboard does: a page that takes the press for itself keeps the character away.
func (p *person) slash() {
	p.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{kb.KeyDown, kb.KeyUp} {
		press := input.DispatchKeyEventParams{Type: kind, Key: "/", Code: "Slash", WindowsVirtualKeyCode: 191}
		if kind == kb.KeyDown {
			press.Text = "/"
		}
		if _, err := chromedp.Call(p.tab, input.DispatchKeyEvent, press); err != nil {
			p.t.Fatal(err)
		}
	}
}

// TestSlash goes to the search field, or to the list that has it, and is an ordinary character while one types.
func TestSlash(t *testing.T) {
	t.Parallel()
	site := apptest.NewSite(t, apptest.Options{})
	p := newPerson(t, site, true).signedIn(policy.Viewer, "/")
	p.slash()
	p.at("Subusers")
	p.sees("1–40 of 40")
	p.slash()
	p.wait(func() (bool, string) {
		return plain(p.focused().Name) == "Search subusers", "for the focus on the search field"
	})
	p.slash()
	if got := p.find("searchbox", "Search subusers").value(); got != "/" {
		t.Errorf("the search field holds %q", got)
	}
}

// TestSkipLink: the first press of Tab offers to skip the navigation.
func TestSkipLink(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		p := newPerson(t, apptest.NewSite(t, apptest.Options{}), js).signedIn(policy.Viewer, "/subusers")
		p.at("Subusers")
		p.typed(kb.Tab)
		if it := p.focused(); plain(it.Name) != "Skip to the page" {
			t.Fatalf("the first press of Tab leads to %s %q", plain(it.Role), plain(it.Name))
		}
		p.typed(kb.Enter)
		p.typed(kb.Tab)
		if it := p.focused(); plain(it.Name) != "Export CSV" {
			t.Errorf("after skipping, Tab leads to %s %q", plain(it.Role), plain(it.Name))
		}
	})
}
