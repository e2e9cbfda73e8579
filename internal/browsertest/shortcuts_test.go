package browsertest

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// TestHelpKey: ? opens the help, Escape and Close end it, and the focus is back where it was.
func TestHelpKey(t *testing.T) {
	t.Parallel()
	const help = "Keyboard shortcuts"
	p := newPerson(t, apptest.NewSite(t, apptest.Options{}), true).signedIn(policy.Admin, "/subusers")
	p.at("Subusers")
	for _, end := range []string{kb.Escape, kb.Enter} {
		p.focus("link", "anna_novakova")
		p.typed("?")
		p.in("dialog", help).find("button", "Close")
		p.focusOn("button", "Close")
		p.typed("?")
		p.typed(end)
		p.gone("dialog", help)
		p.focusOn("link", "anna_novakova")
	}
	p.press("button", help)
	p.find("dialog", help)
	p.typed(kb.Escape)
	p.focusOn("button", help)
}

// TestKeysWhileTyping: in a field, a text area and a choice, / and ? are what they are elsewhere.
func TestKeysWhileTyping(t *testing.T) {
	t.Parallel()
	const help = "Keyboard shortcuts"
	site := apptest.NewSite(t, apptest.Options{})
	p := newPerson(t, site, true).signedIn(policy.Admin, "/subusers")
	p.at("Subusers")
	for _, field := range [][2]string{{"searchbox", "Search subusers"}, {"combobox", "Role"}} {
		p.focus(field[0], field[1])
		p.slash()
		p.typed("?")
		p.lacks("dialog", help)
		p.focusOn(field[0], field[1])
	}
	if got := p.find("searchbox", "Search subusers").value(); got != "/?" {
		t.Errorf("the box holds %q", got)
	}
	p.open("/subusers/import")
	p.at("Import subusers")
	p.focus("textbox", "Or paste the rows")
	p.slash()
	p.typed("?")
	p.lacks("dialog", help)
	if got := p.find("textbox", "Or paste the rows").value(); got != "/?" {
		t.Errorf("the text area holds %q", got)
	}
}

// TestSlashBesideATick: a box that is ticked is no place where one types.
func TestSlashBesideATick(t *testing.T) {
	t.Parallel()
	p := newPerson(t, apptest.NewSite(t, apptest.Options{}), true).signedIn(policy.Admin, "/subusers")
	p.at("Subusers")
	p.press("checkbox", "Select anna_novakova")
	p.slash()
	p.focusOn("searchbox", "Search subusers")
}
