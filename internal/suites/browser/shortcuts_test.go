package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// TestHelpKey: ? opens the help, Escape and Close close it, and the focus returns.
func TestHelpKey(t *testing.T) {
	t.Parallel()
	const help = "Keyboard shortcuts"
	p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), true).signInAs(policy.Admin, "/subusers")
	p.expectHeading("Subusers")
	for _, closingKey := range []string{kb.Escape, kb.Enter} {
		p.focus("link", "anna_novakova")
		p.typeKeys("?")
		p.inArea("dialog", help).find("button", "Close")
		p.expectFocus("button", "Close")
		p.typeKeys("?")
		p.typeKeys(closingKey)
		p.waitGone("dialog", help)
		p.expectFocus("link", "anna_novakova")
	}
	p.press("button", help)
	p.find("dialog", help)
	p.typeKeys(kb.Escape)
	p.expectFocus("button", help)
}

// TestPressOutsideClosesDialogs: a press outside of a dialog closes it, and the focus returns. A press inside does not,
// nor does text that is marked from inside to outside, nor the second click of a double click that opened it.
func TestPressOutsideClosesDialogs(t *testing.T) {
	t.Parallel()
	const help, outside = "Keyboard shortcuts", 4
	p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), true).signInAs(policy.Admin, "/subusers")
	p.expectHeading("Subusers")
	for name, open := range map[string]func(){
		searchLabel: func() { p.openPalette() },
		help: func() {
			p.typeKeys("?")
			p.expectFocus("button", "Close")
		},
	} {
		p.focus("link", "anna_novakova")
		open()
		box := func(side string) float64 {
			return float64(p.evalInt(`document.querySelector("dialog[open]").getBoundingClientRect().` + side))
		}
		left, top, middle := box("left"), box("top"), box("top + 20")
		p.do(
			chromedp.MouseClickXY(left+outside, top+outside),
			chromedp.MouseEvent(chromedp.MousePressed, left+outside, middle, chromedp.Button("left"), chromedp.ClickCount(1)),
			chromedp.MouseEvent(chromedp.MouseMoved, outside, middle, chromedp.Button("left")),
			chromedp.MouseEvent(chromedp.MouseReleased, outside, middle, chromedp.Button("left"), chromedp.ClickCount(1)),
		)
		p.find("dialog", name)
		p.do(chromedp.MouseClickXY(outside, middle))
		p.waitGone("dialog", name)
		p.expectFocus("link", "anna_novakova")
	}
	p.pressTwice("link", "Search")
	p.expectFocus("combobox", searchLabel)
	p.find("dialog", searchLabel)
}

// TestShortcutsWhileTyping: in a field, a text area and a select, / and ? are ordinary characters.
func TestShortcutsWhileTyping(t *testing.T) {
	t.Parallel()
	const help = "Keyboard shortcuts"
	site := apptest.NewSite(t, apptest.Options{})
	p := newTestPage(t, site, true).signInAs(policy.Admin, "/subusers")
	p.expectHeading("Subusers")
	for _, field := range [][2]string{{"searchbox", "Search subusers"}, {"combobox", "Role"}} {
		p.focus(field[0], field[1])
		p.pressSlash()
		p.typeKeys("?")
		p.expectAbsent("dialog", help)
		p.expectFocus(field[0], field[1])
	}
	if got := p.find("searchbox", "Search subusers").value(); got != "/?" {
		t.Errorf("the search field has %q", got)
	}
	p.open("/subusers/import")
	p.expectHeading("Import subusers")
	p.focus("textbox", "Or paste the lines")
	p.pressSlash()
	p.typeKeys("?")
	p.expectAbsent("dialog", help)
	if got := p.find("textbox", "Or paste the lines").value(); got != "/?" {
		t.Errorf("the text area has %q", got)
	}
}

// TestSlashOnCheckbox: / moves the focus to the search field also from a checkbox.
func TestSlashOnCheckbox(t *testing.T) {
	t.Parallel()
	p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), true).signInAs(policy.Admin, "/subusers")
	p.expectHeading("Subusers")
	p.press("checkbox", "Select anna_novakova")
	p.pressSlash()
	p.expectFocus("searchbox", "Search subusers")
}
