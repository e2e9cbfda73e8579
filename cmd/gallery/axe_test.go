package main

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/views/gallery"
)

const axePath = "../../node_modules/axe-core/axe.min.js"

// violation is a problem that axe reports.
type violation struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Where []string `json:"where"`
}

// runAxe runs the WCAG 2.2 AA rules and the best practices of axe.
const runAxe = `axe.run(document, {resultTypes: ["violations"]}).then((r) =>
	r.violations.map((v) => ({id: v.id, help: v.help, where: v.nodes.map((n) => n.html)})))`

// collectReports collects reports of the content security policy in the page, because the browser console may show them
// too late.
const collectReports = `window.__reports = []; document.addEventListener("securitypolicyviolation", (e) => ` +
	`__reports.push(e.violatedDirective + " " + e.blockedURI));`

// TestAxe checks every page on every screen: no violation of axe, no message in the browser console, no violation of
// the content security policy, and no content wider than the screen. A few tabs share the pages.
func TestAxe(t *testing.T) {
	t.Parallel()
	requireFile(t, axePath, "run npm ci")
	axe, err := os.ReadFile(axePath)
	if err != nil {
		t.Fatal(err)
	}
	root, url, states := browser(t), serveGallery(t), gallery.States()
	const tabs = 3
	for first := range tabs {
		t.Run(fmt.Sprintf("tab %d", first+1), func(t *testing.T) {
			t.Parallel()
			tab, cancel := chromedp.NewContext(root)
			defer cancel()
			console := chromedp.Console(tab)
			for i := first; i < len(states); i += tabs {
				inspect(t, tab, url+gallery.StatePrefix+states[i].Key(), string(axe))
			}
			const end = "that was all"
			if err := chromedp.Do(tab, chromedp.Evaluate[chromedp.Void](`console.log("`+end+`")`)); err != nil {
				t.Fatal(err)
			}
			for m, err := range console {
				if err != nil {
					t.Fatal(err)
				}
				if m.Text == end {
					break
				}
				t.Errorf("console of %s: %s", m.URL, m)
			}
		})
	}
}

// inspect opens a page once and checks it on every screen.
func inspect(t *testing.T, tab context.Context, page, axe string) {
	t.Helper()
	if err := chromedp.Do(
		tab,
		chromedp.Navigate(page),
		chromedp.Evaluate[chromedp.Void](collectReports),
		chromedp.Evaluate[chromedp.Void](axe),
	); err != nil {
		t.Fatalf("%s: %v", page, err)
	}
	for _, l := range screens() {
		if err := l.apply(tab); err != nil {
			t.Fatal(err)
		}
		found, err := chromedp.Run(tab, chromedp.Evaluate[[]violation](runAxe, awaitPromise))
		if err != nil {
			t.Fatalf("%s, %s: %v", page, l.name(), err)
		}
		for _, v := range found {
			t.Errorf("%s, %s: %s (%s): %q", page, l.name(), v.ID, v.Help, v.Where)
		}
		width, err := chromedp.Run(tab, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
		if err != nil || width > l.Width {
			t.Errorf("%s: %d px wide on a screen of %d px, %v", page, width, l.Width, err)
		}
	}
	reports, err := chromedp.Run(tab, chromedp.Evaluate[[]string](`__reports`))
	if err != nil || len(reports) > 0 {
		t.Errorf("%s: policy reports %q, %v", page, reports, err)
	}
}

// TestPolicyIsEnforced checks that the pages have a content security policy: TestAxe relies on it.
func TestPolicyIsEnforced(t *testing.T) {
	t.Parallel()
	tab, cancel := chromedp.NewContext(browser(t))
	defer cancel()
	err := chromedp.Do(
		tab,
		chromedp.Navigate(serveGallery(t)+gallery.StatePrefix+"ui.components.all"),
		chromedp.Evaluate[chromedp.Void](collectReports),
	)
	if err != nil {
		t.Fatal(err)
	}
	report, err := chromedp.Run(tab, chromedp.Evaluate[string](`new Promise((done) => {
		document.addEventListener("securitypolicyviolation", (e) => done(e.violatedDirective));
		document.body.append(Object.assign(document.createElement("script"), {textContent: "1"}));
	})`, awaitPromise))
	if err != nil || report != "script-src-elem" {
		t.Errorf("report for an inline script: %q, %v", report, err)
	}
}
