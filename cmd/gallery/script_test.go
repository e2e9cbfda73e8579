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

// tabOn opens a tab on a page of a site.
func tabOn(t *testing.T, s *site, path string) context.Context {
	t.Helper()
	if !static.Has("lib/htmx.min.js") {
		needs(t, "../../static/lib/htmx.min.js", "run make assets")
	}
	tab, cancel := chromedp.NewContext(browser(t))
	t.Cleanup(cancel)
	do(t, tab, chromedp.Navigate(s.URL+path))
	return tab
}

func do(t *testing.T, tab context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(tab, steps...); err != nil {
		t.Fatal(err)
	}
}

// until waits for an expression of the page to be true. A page that is left meanwhile takes the question with
// it, so it is asked again on the next one.
func until(t *testing.T, tab context.Context, expression string) {
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

func is(t *testing.T, tab context.Context, expression string, want string) {
	t.Helper()
	got, err := chromedp.Run(tab, chromedp.Evaluate[string](expression, awaitPromise))
	if err != nil || got != want {
		t.Errorf("%s is %q, %v; want %q", expression, got, err, want)
	}
}

// TestSearchAsYouType swaps the results and what belongs to them, keeps the address short, and leaves the
// cursor where it is.
func TestSearchAsYouType(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tab := tabOn(t, s, "/subusers")
	do(t, tab, chromedp.SendKeys(chromedp.ID("f-q"), "bertil"))
	until(t, tab, `document.querySelectorAll("tbody tr").length === 1`)
	until(t, tab, `location.search === "?q=bertil"`)
	is(t, tab, `document.activeElement.id`, "f-q")
	is(t, tab, `document.getElementById("count").textContent`, "1–1 of 1 found, 3 in all")
	is(t, tab, `document.querySelector("#export a").getAttribute("href")`, "/subusers.csv?q=bertil")
	is(t, tab, `document.querySelector("tbody a").textContent`, "bertil_s")
	is(t, tab, `String(document.querySelectorAll("h1").length)`, "1")
}

// TestDoubleSubmit sends a form once, however often its button is pressed, and shows that it is busy: both a
// form that the script sends and one that is an ordinary page load.
func TestDoubleSubmit(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/subusers/7/roles", "/subusers/new"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			tab := tabOn(t, s, path)
			do(t, tab, chromedp.SendKeys(chromedp.ID("f-reason"), "wait"))
			// In one go, since the browser answers nothing more while a page load is on its way.
			is(t, tab, `(async (button) => {
				button.click();
				await new Promise((done) => setTimeout(done, 150));
				button.click();
				return button.getAttribute("aria-disabled");
			})(document.querySelector("main .primary"))`, "true")
			close(s.release)
			until(t, tab, `location.pathname === "/subusers" && document.title === "Subusers · Voxwarden"`)
			if n := s.seen("POST " + path); n != 1 {
				t.Errorf("%d forms were sent", n)
			}
		})
	}
}

// TestFocusAfterSwap: when a link brought in a whole page, the focus is on its heading and not lost.
func TestFocusAfterSwap(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tab := tabOn(t, s, "/subusers/7/roles")
	do(t, tab, chromedp.Click(chromedp.CSS(".nav [data-search-page]")))
	until(t, tab, `document.title === "Subusers · Voxwarden" && document.activeElement.tagName === "H1"`)
}

// TestFormsThatCameToNothing keep what was typed and say so; afterwards the button works again.
func TestFormsThatCameToNothing(t *testing.T) {
	t.Parallel()
	for reason, notice := range map[string]string{"signed out": "signed-out", "confirm": "confirm", "cut": "offline"} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			tab := tabOn(t, s, "/review")
			do(t, tab, chromedp.SendKeys(chromedp.ID("f-reason"), reason), chromedp.Click(chromedp.CSS("main .primary")))
			until(t, tab, `!document.querySelector("[data-notice='`+notice+`']").hidden`)
			is(t, tab, `document.getElementById("f-reason").value`, reason)
			until(t, tab, `!document.querySelector("main .primary").hasAttribute("aria-disabled")`)
			is(t, tab, `location.pathname`, "/review")
		})
	}
}

// TestPressedButtonIsSent makes sure that guarding a form does not cost it the name of its button.
func TestPressedButtonIsSent(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tab := tabOn(t, s, "/review")
	sent, err := chromedp.Run(tab, chromedp.Evaluate[string](`new Promise((done) => {
		document.addEventListener("htmx:before:request", (e) => done(e.detail.ctx.request.body.get("step")));
		document.querySelector("main .primary").click();
	})`, awaitPromise))
	if err != nil || sent != "apply" {
		t.Errorf("step %q was sent, %v", sent, err)
	}
}

// TestColdPageComesBack asks again by itself until there is something to show, then stops.
func TestColdPageComesBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tab := tabOn(t, s, "/cold")
	until(t, tab, `document.querySelectorAll("tbody tr").length === 3`)
	is(t, tab, `String(document.querySelectorAll("[data-refresh]").length)`, "0")
}

// TestComingBackWaitsForWhoeverUsesThePage: a page that asks for itself does not close what somebody has opened, nor
// take the focus from what somebody has reached by keyboard, and goes on when they are done.
func TestComingBackWaitsForWhoeverUsesThePage(t *testing.T) {
	t.Parallel()
	for what, use := range map[string]struct{ begin, end string }{
		"opened":   {`document.querySelector("details").open = true`, `document.querySelector("details").open = false`},
		"typing":   {`document.querySelector("main form button").focus()`, `document.activeElement.blur()`},
		"keyboard": {`document.querySelector(".crumbs a").focus()`, `document.activeElement.blur()`},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			tab := tabOn(t, s, "/open")
			if _, err := chromedp.Call(
				tab,
				emulation.SetFocusEmulationEnabled,
				emulation.SetFocusEmulationEnabledParams{Enabled: true},
			); err != nil {
				t.Fatal(err)
			}
			// The page wants to ask for itself once a second. It is marked, to see whether it was replaced.
			is(t, tab, `(async () => {
				document.querySelector("main").dataset.old = "";
				`+use.begin+`;
				await new Promise((done) => setTimeout(done, 2500));
				return String("old" in document.querySelector("main").dataset);
			})()`, "true")
			is(t, tab, `(() => { `+use.end+`; return ""; })()`, "")
			until(t, tab, `!("old" in document.querySelector("main").dataset)`)
		})
	}
}

// TestKeysAndTheme: "/" searches, "?" explains, neither while one types; a chosen theme stays.
func TestKeysAndTheme(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tab := tabOn(t, s, "/subusers")
	do(t, tab, chromedp.KeyEvent("/"))
	is(t, tab, `document.activeElement.id`, "f-q")
	do(t, tab, chromedp.KeyEvent("?"))
	is(t, tab, `document.querySelector("dialog").open + document.getElementById("f-q").value.at(-1)`, "false?")
	do(t, tab, chromedp.Evaluate[chromedp.Void](`document.activeElement.blur()`), chromedp.KeyEvent("?"))
	is(t, tab, `String(document.querySelector("dialog").open)`, "true")
	do(t, tab, chromedp.KeyEvent(kb.Escape))
	is(t, tab, `String(document.querySelector("dialog").open)`, "false")

	do(
		t,
		tab,
		chromedp.Click(chromedp.CSS(".menu summary")),
		chromedp.Click(chromedp.CSS("[data-theme-switch]")),
		chromedp.Click(chromedp.CSS("[data-theme-switch]")),
	)
	is(t, tab, `document.documentElement.dataset.theme`, "dark")
	do(t, tab, chromedp.Navigate(s.URL+"/created"))
	is(
		t,
		tab,
		`document.documentElement.dataset.theme + document.querySelector("[data-theme-name]").textContent`,
		"darkdark",
	)
	do(t, tab, chromedp.KeyEvent("/"))
	until(t, tab, `location.pathname === "/subusers"`)
}

// TestMenuCloses: whoever goes elsewhere leaves it closed, and Escape leads back to what opened it.
func TestMenuCloses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tab := tabOn(t, s, "/subusers")
	open := chromedp.Click(chromedp.CSS(".menu summary"))
	state := `document.querySelector(".menu").open + " " + document.activeElement.tagName`
	do(t, tab, open, chromedp.KeyEvent(kb.Tab))
	is(t, tab, state, "true A")
	do(t, tab, chromedp.KeyEvent(kb.Escape))
	is(t, tab, state, "false SUMMARY")
	do(t, tab, open, chromedp.Click(chromedp.CSS("h1")))
	is(t, tab, `String(document.querySelector(".menu").open)`, "false")
	do(t, tab, open, chromedp.Focus(chromedp.ID("f-q")))
	is(t, tab, `String(document.querySelector(".menu").open)`, "false")
}

// TestTimes turn into the viewer's zone, also on a page that was swapped in, and keep UTC in the tooltip.
func TestTimes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tab := tabOn(t, s, "/created")
	do(t, tab, chromedp.Click(chromedp.CSS(".nav [data-search-page]")))
	until(t, tab, `document.querySelector("time")?.hasAttribute("data-local") === true`)
	is(t, tab, `document.querySelector("time").title`, "2026-11-23 12:03:04 UTC")
	text, err := chromedp.Run(tab, chromedp.Evaluate[string](`document.querySelector("time").textContent`))
	if err != nil || text == "" || strings.Contains(text, "UTC") {
		t.Errorf("the time reads %q, %v", text, err)
	}
}

// TestSecretIsHandedOver: the file holds what a colleague needs, and copying says what it did.
func TestSecretIsHandedOver(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tab := tabOn(t, s, "/created")
	file, err := chromedp.Run(tab, chromedp.Evaluate[string](`new Promise((done) => {
		URL.createObjectURL = (blob) => { blob.text().then(done); return "#"; };
		document.querySelector("[data-save]").click();
	})`, awaitPromise))
	if want := "Voximplant control panel\nLogin: anna_k\nPassword: not-a-real-Passw0rd!\n"; err != nil || file != want {
		t.Errorf("the file holds %q, %v", file, err)
	}
	do(t, tab, chromedp.Click(chromedp.CSS("[data-copy]")))
	until(t, tab, `document.querySelector("[data-said]").textContent.includes("op")`)
}
