package browsertest

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// turns waits until a button or a link shows that its answer is under way, or that it is free again: to the eye, by a
// sign that turns, and to a screen reader.
func (p *person) turns(role, name string, busy bool) {
	p.t.Helper()
	p.wait(func() (bool, string) {
		it, err := p.resolve(p.find(role, name))
		if err != nil {
			return false, err.Error()
		}
		seen, err := p.ask(it, `function() { return getComputedStyle(this, "::before").animationName; }`)
		if err != nil {
			return false, err.Error()
		}
		told := p.find(role, name).is("disabled") || p.find(role, name).is("busy")
		return (seen == "turn") == busy && told == busy, "for " + name + " to be busy or free; it shows " + seen
	})
}

// TestBusyButton: the pressed button turns until the answer is there, and is free when the connection broke instead;
// what was typed is still there and can be sent again. Going back finds it free.
func TestBusyButton(t *testing.T) {
	t.Parallel()
	const login, words = "lukasz_wisniew", "Leaves in November"
	site := apptest.NewSite(t, apptest.Options{})
	p := newPerson(t, site, true).signedIn(policy.Admin, pathOf(t, site, login, "/edit"))
	p.at("Edit " + login)
	p.fill("Description", words)
	p.turns("button", "Save", false)
	answer := p.hold("*/edit")
	p.press("button", "Save")
	answer.has()
	p.turns("button", "Save", true)
	p.turns("button", "Show as code", false)
	answer.lose()
	p.sees("The console does not answer", "What you typed is still here")
	p.expects("htmx:error")
	p.turns("button", "Save", false)
	if got := p.find("textbox", "Description").value(); got != words {
		t.Errorf("the field holds %q", got)
	}
	p.press("button", "Save")
	p.sees("Done: The description of "+login+" was changed.", words) // the first one had arrived
	p.seesNot("The console does not answer")
	p.wrote(1)
	p.back()
	p.at("Edit " + login)
	p.turns("button", "Save", false)
}

// noteTurning makes the page keep for the next one which button turned when a form was sent: while a browser leaves a
// page it does not let itself be asked.
const noteTurning = `document.addEventListener("submit", (event) => setTimeout(() => {
	const turning = [...event.target.querySelectorAll("button")].filter((b) => getComputedStyle(b, ` +
	`"::before").animationName === "turn");
	sessionStorage.setItem("turning", turning.map((b) => b.textContent.trim() + " " + b.ariaDisabled).join());
}))`

// TestBusyUnboosted: a form whose answer is an ordinary page load turns too, and is free for whoever comes back.
func TestBusyUnboosted(t *testing.T) {
	t.Parallel()
	site := apptest.NewSite(t, apptest.Options{})
	p := newPerson(t, site, true).signedIn(policy.Admin, "/subusers/new")
	p.at("New subuser")
	p.fill("Login", "karel_capek")
	p.do(chromedp.Evaluate[chromedp.Void](noteTurning))
	slowly(site, "AddSubUser")
	p.press("button", "Create subuser")
	p.at("Subuser karel_capek was created")
	if got, err := chromedp.Run(p.tab, chromedp.Evaluate[string](`sessionStorage.getItem("turning")`)); err != nil ||
		got != "Create subuser true" {
		t.Errorf("what turned while the form was under way: %q, %v", got, err)
	}
	p.back()
	p.at("New subuser")
	p.turns("button", "Create subuser", false)
}

// TestBusyLink: a link that looks like a button turns while its page is awaited.
func TestBusyLink(t *testing.T) {
	t.Parallel()
	const login = "lukasz_wisniew"
	site := apptest.NewSite(t, apptest.Options{})
	p := newPerson(t, site, true).signedIn(policy.Admin, pathOf(t, site, login, ""))
	p.at(login)
	answer := p.hold("*/edit")
	p.press("link", "Edit")
	answer.has()
	p.turns("link", "Edit", true)
	answer.lose()
	p.sees("The console does not answer")
	p.expects("htmx:error")
	p.turns("link", "Edit", false)
	p.press("link", "Edit")
	p.at("Edit " + login)
	p.seesNot("The console does not answer")
}
