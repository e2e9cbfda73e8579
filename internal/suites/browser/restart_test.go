package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// restartForm is a form that is sent while the console is down.
type restartForm struct {
	role    policy.DashboardRole
	path    func(*testPage) string
	prepare func(*testPage) // leads from path to the form; may be nil
	heading string          // of the form
	entries []entry
	send    string // the button
	done    string // the heading of the response
	writes  int    // at the vendor
	boosted bool   // with JavaScript the script sends it
	onlyJS  bool   // without JavaScript, the browser cannot go back to a page that is the response to a form
}

func restartForms() map[string]restartForm {
	const login, key = "lukasz_wisniew", "nightly reports"
	ofSubuser := func(page string) func(*testPage) string {
		return func(p *testPage) string { return subuserPath(p.t, p.site, login, page) }
	}
	newSubuser := restartForm{
		role:    policy.Editor,
		path:    fixedPath("/subusers"),
		prepare: func(p *testPage) { p.press("link", "New subuser") },
		heading: "New subuser",
		entries: []entry{text("Login", "karel_capek"), tick("Payer"), text("Reason", "OPS-45 writes scenarios")},
		send:    "Create subuser",
		done:    "Subuser karel_capek was created",
		writes:  1,
	}
	corrected := newSubuser
	corrected.prepare = func(p *testPage) {
		p.press("link", "New subuser")
		p.expectHeading("New subuser")
		p.press("button", "Create subuser")
		p.expectText("Correct the form first")
	}
	corrected.onlyJS = true
	return map[string]restartForm{
		"new subuser":                 newSubuser,
		"new subuser, sent once more": corrected,
		"new key": {
			role:    policy.Admin,
			path:    fixedPath("/keys/new"),
			heading: "New key",
			entries: []entry{text("Name", key), tick("CallHistory")},
			send:    "Create key",
			done:    "Key " + key + " was created",
			writes:  1,
		},
		"re-issue": {
			role:    policy.Admin,
			path:    ofSubuser("/re-issue"),
			heading: "Re-issue the access of " + login,
			entries: []entry{textNotKept("Type the login to confirm", login), text("Reason", "OPS-46 lost")},
			send:    "Re-issue access",
			done:    "The access of " + login + " was re-issued",
			writes:  2,
		},
		"start of an import": {
			role: policy.Editor,
			path: fixedPath("/subusers/import"),
			prepare: func(p *testPage) {
				p.fill("Or paste the lines", "login;role\nnew_person_1;Support")
				p.press("button", "Check file")
			},
			heading: "Create 1 subuser",
			entries: []entry{text("Reason", "OPS-48 starts on Monday")},
			send:    "Create 1 subuser",
			done:    "Passwords of the new subusers",
			writes:  1,
		},
		"edit": {
			role:    policy.Editor,
			path:    ofSubuser("/edit"),
			heading: "Edit " + login,
			entries: []entry{text("Description", "Łukasz Wiśniewski, night shift")},
			send:    "Save",
			done:    login,
			writes:  1,
			boosted: true,
		},
	}
}

// TestFormDuringRestart sends forms while the console is down, and again when it is back. What was typed is kept.
func TestFormDuringRestart(t *testing.T) {
	t.Parallel()
	for name, form := range restartForms() {
		t.Run(name, func(t *testing.T) {
			withAndWithoutJS(t, func(t *testing.T, js bool) {
				if form.onlyJS && !js {
					return
				}
				site := apptest.NewSite(t, apptest.Options{})
				p := newTestPage(t, site, js)
				p.signInAs(form.role, form.path(p))
				if form.prepare != nil {
					form.prepare(p)
				}
				p.expectHeading(form.heading)
				p.fillEntries(form.entries)
				ticked := p.tickedBoxes(form.entries)
				p.saveEntries()
				site.StopServing()
				p.press("button", form.send)
				if js {
					p.expectText("The console does not respond", "Your entries are kept")
					if form.boosted {
						p.expectProblem("Failed to fetch")
					}
				} else {
					p.expectBrowserError()
				}
				site.ServeAgain(t)
				if !js {
					p.back()
					p.expectHeading(form.heading)
					p.expectEntries(form.entries, ticked)
					p.fillEntries(notKept(form.entries))
				}
				p.expectHeading(form.heading)
				p.expectEntries(form.entries, ticked)
				p.press("button", form.send)
				p.expectHeading(form.done)
				p.waitUntil(func() (bool, string) {
					writes := vendorWrites(site)
					return writes == form.writes, fmt.Sprintf("for %d changes: there are %d", form.writes, writes)
				})
			})
		})
	}
}

func notKept(entries []entry) (again []entry) {
	for _, e := range entries {
		if e.notKept {
			again = append(again, e)
		}
	}
	return again
}

// TestPasswordDuringRestart: with JavaScript even the passwords stay in the form.
func TestPasswordDuringRestart(t *testing.T) {
	t.Parallel()
	const login = "lukasz_wisniew"
	site := apptest.NewSite(t, apptest.Options{})
	p := newTestPage(t, site, true).signInAs(policy.Editor, subuserPath(t, site, login, "/password"))
	p.expectHeading("Password of " + login)
	p.fill("Current password", "Not-the-0ne")
	p.fill("Reason", "OPS-47 asked for it")
	site.StopServing()
	p.press("button", "Change password")
	p.expectText("The console does not respond", "Your entries are kept")
	site.ServeAgain(t)
	p.press("button", "Change password")
	p.expectText("Voximplant refused")
}

// TestFormWhileConsoleIsNotReady: a form for a secret is not sent while the console responds, but cannot write.
func TestFormWhileConsoleIsNotReady(t *testing.T) {
	t.Parallel()
	site := apptest.NewSite(t, apptest.Options{})
	form := restartForms()["new key"]
	p := newTestPage(t, site, true).signInAs(form.role, "/keys/new")
	p.expectHeading(form.heading)
	p.fillEntries(form.entries)
	ticked := p.tickedBoxes(form.entries)
	storetest.Exec(t, site.DB, `UPDATE schema_checksum SET sha256 = 'x' || sha256`)
	p.press("button", form.send)
	p.expectText("The console does not respond", "Your entries are kept")
	p.expectEntries(form.entries, ticked)
	if count := p.postCount(); count != 0 {
		t.Errorf("%d forms were sent", count)
	}
}

// saveEntries makes the browser save what was typed with the entry of its history at once. It does that by itself
// within a second.
func (p *testPage) saveEntries() {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](`history.replaceState(history.state, "")`))
}

// expectBrowserError waits for the browser's own page for a server that refuses connections.
func (p *testPage) expectBrowserError() {
	p.t.Helper()
	p.waitUntil(func() (bool, string) {
		// An error means that the page is changing.
		address, err := chromedp.Run(p.tab, chromedp.Evaluate[string]("location.href"))
		return err == nil && strings.HasPrefix(address, "chrome-error:"), "for the browser's error page"
	})
}
