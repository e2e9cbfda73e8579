package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

const shownOnce = "This page is shown once."

// createForSecret creates a subuser or a key, and stays on the page that shows its secret.
func (p *testPage) createForSecret(kind string) (heading string) {
	p.t.Helper()
	if kind == "key" {
		p.open("/keys/new")
		p.fill("Name", "nightly reports")
		p.press("button", "Create key")
		heading = "Key nightly reports was created"
	} else {
		p.open("/subusers/new")
		p.fill("Login", "jan_novotny")
		p.press("button", "Create subuser")
		heading = "Subuser jan_novotny was created"
	}
	p.expectHeading(heading)
	return heading
}

// stayOnLeave makes the operator answer the browser's question before leaving a page: to stay or to leave.
func (p *testPage) stayOnLeave(stay bool) {
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	p.log.stay = stay
}

// expectLeavePrompts waits until the browser has asked n times before leaving a page.
func (p *testPage) expectLeavePrompts(n int) {
	p.t.Helper()
	p.waitUntil(func() (bool, string) {
		p.log.mu.Lock()
		defer p.log.mu.Unlock()
		return p.log.leavePrompts == n, fmt.Sprintf("for %d questions before leaving: %d", n, p.log.leavePrompts)
	})
}

// TestLeavingSecretAsksFirst leaves the page with a secret that was neither copied nor saved, by a link and by a form:
// the browser asks first, and the secret is still there when the operator stays.
func TestLeavingSecretAsksFirst(t *testing.T) {
	t.Parallel()
	for kind, field := range map[string]string{"subuser": "Password", "key": "Content of credentials.json"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), true).signInAs(policy.Admin, "/")
			heading := p.createForSecret(kind)
			p.expectText("Not copied or saved yet.")
			p.expectNoText(shownOnce)
			p.stayOnLeave(true)
			p.press("link", "See the operation")
			p.expectLeavePrompts(1)
			p.expectHeading(heading)
			p.signOut()
			p.expectLeavePrompts(2)
			p.expectHeading(heading)
			if p.count("textbox", field) > 0 {
				t.Error("the secret is visible before it is asked for")
			}
			p.stayOnLeave(false)
			p.press("link", "See the operation")
			p.expectLeavePrompts(3)
			p.expectText("Events", "Outcome")
		})
	}
}

// TestKeptSecretCanBeLeft saves or copies a secret: the page reports it, and leaving asks nothing.
func TestKeptSecretCanBeLeft(t *testing.T) {
	t.Parallel()
	for name, keep := range map[string]func(*testPage){
		"saved": func(p *testPage) {
			p.download("button", "Download as text")
			p.expectText("Saved. You can leave this page.")
		},
		"saved with the keyboard": func(p *testPage) {
			p.savedFile(func() {
				p.focus("button", "Download as text")
				p.do(chromedp.KeyEvent(kb.Enter))
			})
			p.expectText("Saved. You can leave this page.")
		},
		"copied from the field": func(p *testPage) {
			p.press("DisclosureTriangle", "Show password")
			p.focus("textbox", "Password")
			p.do(chromedp.Evaluate[chromedp.Void](`document.activeElement.select(); document.execCommand("copy")`))
			p.expectText("Copied. You can leave this page.")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), true).signInAs(policy.Admin, "/")
			p.createForSecret("subuser")
			p.stayOnLeave(true)
			keep(p)
			p.press("link", "See the operation")
			p.expectHeading("New subuser: jan_novotny")
			p.expectLeavePrompts(0)
		})
	}
}

// TestSecretIsShownOnceWithoutJS: the browser cannot ask, so the page says that it is shown once.
func TestSecretIsShownOnceWithoutJS(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"subuser", "key"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), false).signInAs(policy.Admin, "/")
			p.createForSecret(kind)
			p.expectText(shownOnce, "copy its content before you leave or reload the page")
			p.expectNoText("Not copied or saved yet.")
		})
	}
}
