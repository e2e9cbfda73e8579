package browser

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// expectBusy waits until a button or a link shows that its answer is under way, or that it is free again: to the eye,
// by a sign that turns, and to a screen reader.
func (p *testPage) expectBusy(role, name string, busy bool) {
	p.t.Helper()
	p.waitUntil(func() (bool, string) {
		object, err := p.resolve(p.find(role, name))
		if err != nil {
			return false, err.Error()
		}
		animation, err := p.callFunction(object, `function() { return getComputedStyle(this, "::before").animationName; }`)
		if err != nil {
			return false, err.Error()
		}
		announced := p.find(role, name).is("disabled") || p.find(role, name).is("busy")
		return (animation == "turn") == busy && announced == busy, "for " + name + " to be busy or free; it shows " +
			animation
	})
}

// TestBusyButton: the pressed button turns until the answer is there, and is free when the connection broke instead;
// what was typed is still there and can be sent again. Going back finds it free.
func TestBusyButton(t *testing.T) {
	t.Parallel()
	const login, words = "lukasz_wisniew", "Leaves in November"
	site := apptest.NewSite(t, apptest.Options{})
	p := newTestPage(t, site, true).signInAs(policy.Admin, subuserPath(t, site, login, "/edit"))
	p.expectHeading("Edit " + login)
	p.fill("Description", words)
	p.expectBusy("button", "Save", false)
	answer := p.holdResponses("*/edit")
	p.press("button", "Save")
	answer.waitHeld()
	p.expectBusy("button", "Save", true)
	p.expectBusy("button", "Show as code", false)
	answer.dropConnections()
	p.expectText("The console does not answer", "What you typed is still here")
	p.expectProblem("htmx:error")
	p.expectBusy("button", "Save", false)
	if got := p.find("textbox", "Description").value(); got != words {
		t.Errorf("the field holds %q", got)
	}
	p.press("button", "Save")
	p.expectText("Done: The description of "+login+" was changed.", words) // the first one had arrived
	p.expectNoText("The console does not answer")
	p.expectWrites(1)
	p.back()
	p.expectHeading("Edit " + login)
	p.expectBusy("button", "Save", false)
}

// recordBusyScript makes the page keep for the next one which button turned when a form was sent: while a browser
// leaves a page it does not let itself be asked.
const recordBusyScript = `document.addEventListener("submit", (event) => setTimeout(() => {
	const turning = [...event.target.querySelectorAll("button")].filter((b) => getComputedStyle(b, ` +
	`"::before").animationName === "turn");
	sessionStorage.setItem("turning", turning.map((b) => b.textContent.trim() + " " + b.ariaDisabled).join());
}))`

// TestBusyUnboosted: a form whose answer is an ordinary page load turns too, and is free for whoever comes back.
func TestBusyUnboosted(t *testing.T) {
	t.Parallel()
	site := apptest.NewSite(t, apptest.Options{})
	p := newTestPage(t, site, true).signInAs(policy.Admin, "/subusers/new")
	p.expectHeading("New subuser")
	p.fill("Login", "karel_capek")
	p.do(chromedp.Evaluate[chromedp.Void](recordBusyScript))
	delayVendor(site, "AddSubUser")
	p.press("button", "Create subuser")
	p.expectHeading("Subuser karel_capek was created")
	if got, err := chromedp.Run(p.tab, chromedp.Evaluate[string](`sessionStorage.getItem("turning")`)); err != nil ||
		got != "Create subuser true" {
		t.Errorf("what turned while the form was under way: %q, %v", got, err)
	}
	p.back()
	p.expectHeading("New subuser")
	p.expectBusy("button", "Create subuser", false)
}

// TestBusyLink: a link that looks like a button turns while its page is awaited.
func TestBusyLink(t *testing.T) {
	t.Parallel()
	const login = "lukasz_wisniew"
	site := apptest.NewSite(t, apptest.Options{})
	p := newTestPage(t, site, true).signInAs(policy.Admin, subuserPath(t, site, login, ""))
	p.expectHeading(login)
	answer := p.holdResponses("*/edit")
	p.press("link", "Edit")
	answer.waitHeld()
	p.expectBusy("link", "Edit", true)
	answer.dropConnections()
	p.expectText("The console does not answer")
	p.expectProblem("htmx:error")
	p.expectBusy("link", "Edit", false)
	p.press("link", "Edit")
	p.expectHeading("Edit " + login)
	p.expectNoText("The console does not answer")
}
