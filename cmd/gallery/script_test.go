package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/voxwarden/voxwarden/static"
)

// openTab opens a tab on a page of a site.
func openTab(t *testing.T, s *site, path string) context.Context {
	t.Helper()
	if !static.Has("lib/htmx.min.js") {
		requireFile(t, "../../static/lib/htmx.min.js", "run make assets")
	}
	tab, cancel := chromedp.NewContext(openBrowser(t))
	t.Cleanup(cancel)
	runActions(t, tab, chromedp.Navigate(s.URL+path))
	return tab
}

func runActions(t *testing.T, tab context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(tab, steps...); err != nil {
		t.Fatal(err)
	}
}

// waitUntil waits until a JavaScript expression is true. When the browser leaves the page meanwhile, it evaluates the
// expression on the next one.
func waitUntil(t *testing.T, tab context.Context, expression string) {
	t.Helper()
	for {
		_, err := chromedp.Run(tab, chromedp.Poll[bool](expression))
		if err == nil {
			return
		}
		if _, left := errors.AsType[*cdproto.Error](err); !left || tab.Err() != nil {
			t.Fatalf("waiting for %s: %v", expression, err)
		}
	}
}

func assertEval(t *testing.T, tab context.Context, expression, want string) {
	t.Helper()
	got, err := chromedp.Run(tab, chromedp.Evaluate[string](expression, awaitPromise))
	if err != nil || got != want {
		t.Errorf("%s is %q, %v; want %q", expression, got, err, want)
	}
}

// TestSearchAsYouType: typing replaces the results and what depends on them, changes the address, and keeps the focus.
func TestSearchAsYouType(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tab := openTab(t, s, "/subusers")
	runActions(t, tab, chromedp.SendKeys(chromedp.ID("f-q"), "bertil"))
	waitUntil(t, tab, `document.querySelectorAll("tbody tr").length === 1`)
	waitUntil(t, tab, `location.search === "?q=bertil"`)
	assertEval(t, tab, `document.activeElement.id`, "f-q")
	assertEval(t, tab, `document.getElementById("count").textContent`, "1–1 of 1 found, 3 in all")
	assertEval(t, tab, `document.querySelector("#export a").getAttribute("href")`, "/subusers.csv?q=bertil")
	assertEval(t, tab, `document.querySelector("tbody a").textContent`, "bertil_s")
	assertEval(t, tab, `String(document.querySelectorAll("h1").length)`, "1")
}

// TestDoubleSubmit: a second press of a form's button sends nothing, and the button shows that it is busy, both if the
// script sends the form and if it is an ordinary page load.
func TestDoubleSubmit(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/subusers/7/roles", "/subusers/new"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			tab := openTab(t, s, path)
			runActions(t, tab, chromedp.SendKeys(chromedp.ID("f-reason"), "wait"))
			// In one evaluation, since the browser runs no more during a page load.
			assertEval(t, tab, `(async (button) => {
				button.click();
				await new Promise((done) => setTimeout(done, 150));
				button.click();
				return button.getAttribute("aria-disabled");
			})(document.querySelector("main .primary"))`, "true")
			close(s.release)
			waitUntil(t, tab, `location.pathname === "/subusers" && document.title === "Subusers · Voxwarden"`)
			if n := s.requestCount("POST " + path); n != 1 {
				t.Errorf("%d forms were sent, want 1", n)
			}
		})
	}
}

// TestFocusAfterSwap: after a link has swapped the whole page, its heading has the focus.
func TestFocusAfterSwap(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tab := openTab(t, s, "/subusers/7/roles")
	runActions(t, tab, chromedp.Click(chromedp.CSS(".nav a[href$='/subusers']")))
	waitUntil(t, tab, `document.title === "Subusers · Voxwarden" && document.activeElement.tagName === "H1"`)
}

// TestFailedSubmitKeepsForm: after a failed request the form shows a message, keeps what was typed, and can be sent
// again.
func TestFailedSubmitKeepsForm(t *testing.T) {
	t.Parallel()
	for reason, notice := range map[string]string{"signed out": "signed-out", "confirm": "confirm", "cut": "offline"} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			tab := openTab(t, s, "/review")
			submit := chromedp.Click(chromedp.CSS("main .primary"))
			runActions(t, tab, chromedp.SendKeys(chromedp.ID("f-reason"), reason), submit)
			waitUntil(t, tab, `!document.querySelector("[data-notice='`+notice+`']").hidden`)
			assertEval(t, tab, `document.getElementById("f-reason").value`, reason)
			waitUntil(t, tab, `!document.querySelector("main .primary").hasAttribute("aria-disabled")`)
			assertEval(t, tab, `location.pathname`, "/review")
		})
	}
}

// TestPressedButtonIsSent: a form that the script sends includes the name and value of its button.
func TestPressedButtonIsSent(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tab := openTab(t, s, "/review")
	sent, err := chromedp.Run(tab, chromedp.Evaluate[string](`new Promise((done) => {
		document.addEventListener("htmx:before:request", (e) => done(e.detail.ctx.request.body.get("step")));
		document.querySelector("main .primary").click();
	})`, awaitPromise))
	if err != nil || sent != "apply" {
		t.Errorf("step %q was sent, %v", sent, err)
	}
}

// TestColdPageRefreshes: a page without a listing refreshes itself until there is one, then stops.
func TestColdPageRefreshes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tab := openTab(t, s, "/cold")
	waitUntil(t, tab, `document.querySelectorAll("tbody tr").length === 3`)
	assertEval(t, tab, `String(document.querySelectorAll("[data-refresh]").length)`, "0")
}

// TestAutoRefreshWaitsForUser: a page that refreshes itself pauses while the operator has opened a disclosure or has
// the focus on a control.
func TestAutoRefreshWaitsForUser(t *testing.T) {
	t.Parallel()
	for what, use := range map[string]struct{ begin, end string }{
		"opened":   {`document.querySelector("details").open = true`, `document.querySelector("details").open = false`},
		"typing":   {`document.querySelector("main form button").focus()`, `document.activeElement.blur()`},
		"keyboard": {`document.querySelector(".crumbs a").focus()`, `document.activeElement.blur()`},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			tab := openTab(t, s, "/open")
			focus := emulation.SetFocusEmulationEnabledParams{Enabled: true}
			if _, err := chromedp.Call(tab, emulation.SetFocusEmulationEnabled, focus); err != nil {
				t.Fatal(err)
			}
			// The page refreshes itself once a second. The attribute shows whether it was replaced.
			assertEval(t, tab, `(async () => {
				document.querySelector("main").dataset.old = "";
				`+use.begin+`;
				await new Promise((done) => setTimeout(done, 2500));
				return String("old" in document.querySelector("main").dataset);
			})()`, "true")
			assertEval(t, tab, `(() => { `+use.end+`; return ""; })()`, "")
			waitUntil(t, tab, `!("old" in document.querySelector("main").dataset)`)
		})
	}
}

// TestShortcutsAndTheme: "/" moves to the search, or opens the one for everything, and "?" opens the help, but not in a
// field; a chosen theme is kept.
func TestShortcutsAndTheme(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tab := openTab(t, s, "/subusers")
	runActions(t, tab, chromedp.KeyEvent("/"))
	assertEval(t, tab, `document.activeElement.id`, "f-q")
	runActions(t, tab, chromedp.KeyEvent("?"))
	assertEval(t, tab, `document.getElementById("shortcuts").open + document.getElementById("f-q").value.at(-1)`, "false?")
	runActions(t, tab, chromedp.Evaluate[chromedp.Void](`document.activeElement.blur()`), chromedp.KeyEvent("?"))
	assertEval(t, tab, `String(document.getElementById("shortcuts").open)`, "true")
	runActions(t, tab, chromedp.KeyEvent(kb.Escape))
	assertEval(t, tab, `String(document.getElementById("shortcuts").open)`, "false")

	runActions(
		t,
		tab,
		chromedp.Click(chromedp.CSS(".menu summary")),
		chromedp.Click(chromedp.CSS("[data-theme-switch]")),
		chromedp.Click(chromedp.CSS("[data-theme-switch]")),
	)
	assertEval(t, tab, `document.documentElement.dataset.theme`, "dark")
	runActions(t, tab, chromedp.Navigate(s.URL+"/created"))
	themes := `document.documentElement.dataset.theme + document.querySelector("[data-theme-name]").textContent`
	assertEval(t, tab, themes, "darkdark")
	runActions(t, tab, chromedp.Evaluate[chromedp.Void](keepSecrets), chromedp.KeyEvent("/"))
	waitUntil(t, tab, `document.getElementById("palette").open`)
}

// TestMenuCloses: the menu closes when the focus leaves it, and with Escape, which returns the focus.
func TestMenuCloses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tab := openTab(t, s, "/subusers")
	open := chromedp.Click(chromedp.CSS(".menu summary"))
	state := `document.querySelector(".menu").open + " " + document.activeElement.tagName`
	runActions(t, tab, open, chromedp.KeyEvent(kb.Tab))
	assertEval(t, tab, state, "true A")
	runActions(t, tab, chromedp.KeyEvent(kb.Escape))
	assertEval(t, tab, state, "false SUMMARY")
	runActions(t, tab, open, chromedp.Click(chromedp.CSS("h1")))
	assertEval(t, tab, `String(document.querySelector(".menu").open)`, "false")
	runActions(t, tab, open, chromedp.Focus(chromedp.ID("f-q")))
	assertEval(t, tab, `String(document.querySelector(".menu").open)`, "false")
}

// TestTimes: the script shows times in the browser's time zone, also on a swapped page, with UTC in the tooltip.
func TestTimes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tab := openTab(t, s, "/created")
	leave := chromedp.Click(chromedp.CSS(".nav a[href$='/subusers']"))
	runActions(t, tab, chromedp.Evaluate[chromedp.Void](keepSecrets), leave)
	waitUntil(t, tab, `document.querySelector("time")?.hasAttribute("data-local") === true`)
	assertEval(t, tab, `document.querySelector("time").title`, "2026-11-23 12:03:04 UTC")
	text, err := chromedp.Run(tab, chromedp.Evaluate[string](`document.querySelector("time").textContent`))
	if err != nil || text == "" || strings.Contains(text, "UTC") {
		t.Errorf("the time is %q, %v", text, err)
	}
}

// TestSecretDownloadAndCopy: the file has the login and the password, and copying shows a message.
func TestSecretDownloadAndCopy(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tab := openTab(t, s, "/created")
	file, err := chromedp.Run(tab, chromedp.Evaluate[string](`new Promise((done) => {
		URL.createObjectURL = (blob) => { blob.text().then(done); return "#"; };
		document.querySelector("[data-save]").click();
	})`, awaitPromise))
	if want := "Voximplant control panel\nLogin: anna_k\nPassword: not-a-real-Passw0rd!\n"; err != nil || file != want {
		t.Errorf("the file is %q, %v", file, err)
	}
	runActions(t, tab, chromedp.Click(chromedp.CSS("[data-copy]")))
	waitUntil(t, tab, `document.querySelector("[data-said]").textContent.includes("op")`)
}
