package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// expectBusy waits until a button or a link shows that it waits for a response, or that it no longer does: by a
// spinner, and by its state for screen readers.
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
		done := (animation == "turn") == busy && announced == busy
		return done, fmt.Sprintf("for %s to be busy: %v; its animation is %s", name, busy, animation)
	})
}

// TestBusyButton: the pressed button is busy until the response arrives or the connection breaks. After a broken
// connection the form still has what was typed and can be sent again. After Back the button is not busy.
func TestBusyButton(t *testing.T) {
	t.Parallel()
	const login, description = "lukasz_wisniew", "Leaves in November"
	site := apptest.NewSite(t, apptest.Options{})
	p := newTestPage(t, site, true).signInAs(policy.Admin, subuserPath(t, site, login, "/edit"))
	p.expectHeading("Edit " + login)
	p.fill("Description", description)
	p.expectBusy("button", "Save", false)
	response := p.holdResponses("*/edit*")
	p.press("button", "Save")
	response.waitHeld()
	p.expectBusy("button", "Save", true)
	p.expectBusy("button", "Show as code", false)
	response.dropConnections()
	p.expectText("The console does not respond", "Your entries are kept")
	p.expectProblem("htmx:error")
	p.expectBusy("button", "Save", false)
	if got := p.find("textbox", "Description").value(); got != description {
		t.Errorf("the field has %q", got)
	}
	p.press("button", "Save")
	p.expectText("Done: Subuser "+login+" was changed.", description) // by the first request, which had arrived
	p.expectNoText("The console does not respond")
	p.expectWrites(1)
	p.back()
	p.expectHeading("Edit " + login)
	p.expectBusy("button", "Save", false)
}

// recordBusyScript makes the page store which button was busy when a form was sent, and the note that appears when the
// response takes long, since the test cannot query a page that the browser is leaving.
const recordBusyScript = `document.addEventListener("submit", (event) => setTimeout(() => {
	const turning = [...event.target.querySelectorAll("button")].filter((b) => getComputedStyle(b, ` +
	`"::before").animationName === "turn");
	sessionStorage.setItem("turning", turning.map((b) => b.textContent.trim() + " " + b.ariaDisabled).join());
	` + endAnimations + `;
	sessionStorage.setItem("note", ` + liveText + `);
}))`

// TestBusyUnboosted: the button of a form with an ordinary page load is busy too, and is not after Back.
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
		t.Errorf("busy while the form was sent: %q, %v", got, err)
	}
	if got := p.evalText(`sessionStorage.getItem("note")`); !strings.Contains(got, slowNote) {
		t.Errorf("the note of a slow response is %q", got)
	}
	p.back()
	p.expectHeading("New subuser")
	p.expectBusy("button", "Create subuser", false)
}

// TestBusyLink: a link that looks like a button is busy until its page arrives.
func TestBusyLink(t *testing.T) {
	t.Parallel()
	const login = "lukasz_wisniew"
	site := apptest.NewSite(t, apptest.Options{})
	p := newTestPage(t, site, true).signInAs(policy.Admin, subuserPath(t, site, login, ""))
	p.expectHeading(login)
	response := p.holdResponses("*/edit*")
	p.press("link", "Edit")
	response.waitHeld()
	p.expectBusy("link", "Edit", true)
	response.dropConnections()
	p.expectText("The console does not respond")
	p.expectProblem("htmx:error")
	p.expectBusy("link", "Edit", false)
	p.press("link", "Edit")
	p.expectHeading("Edit " + login)
	p.expectNoText("The console does not respond")
}

// slowNote is the beginning of the note of a form that waits long for its response.
const slowNote = "Still waiting for a response"

// TestSlowNote: a form that waits long for its response says so, to screen readers too, until the response arrives. The
// end of the note's animation stands for the seconds until it appears.
func TestSlowNote(t *testing.T) {
	t.Parallel()
	const login = "lukasz_wisniew"
	site := apptest.NewSite(t, apptest.Options{})
	p := newTestPage(t, site, true).signInAs(policy.Admin, subuserPath(t, site, login, "/edit"))
	p.expectHeading("Edit " + login)
	p.fill("Description", "Leaves in November")
	const listen = `document.addEventListener("submit", () => setTimeout(() => ` + pauseAnimations + `))`
	p.do(chromedp.Evaluate[chromedp.Void](listen))
	response := p.holdResponses("*/edit*")
	p.press("button", "Save")
	response.waitHeld()
	p.expectBusy("button", "Save", true)
	p.expectNoText(slowNote)
	p.do(chromedp.Evaluate[chromedp.Void](endAnimations))
	p.expectText(slowNote, "do not send the form again")
	if got := p.evalText(liveText); !strings.Contains(got, slowNote) {
		t.Errorf("the live regions have %q", got)
	}
	response.dropConnections()
	p.expectText("The console does not respond")
	p.expectProblem("htmx:error")
	p.expectNoText(slowNote)
	p.press("button", "Save")
	p.expectText("Done: Subuser " + login + " was changed.")
	p.expectNoText(slowNote)
	p.expectWrites(1)
}

// liveText is the visible text of the live regions.
const liveText = `[...document.querySelectorAll("[role=status]")].map((e) => e.innerText).join()`

// pauseAnimations pauses all animations that end, and endAnimations moves them to their end.
const (
	endingAnimations = `document.getAnimations().filter((a) => a.effect.getComputedTiming().endTime < Infinity)`
	pauseAnimations  = endingAnimations + `.forEach((a) => a.pause())`
	endAnimations    = endingAnimations + `.forEach((a) => a.finish())`
)
