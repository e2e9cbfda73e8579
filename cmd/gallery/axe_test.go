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

// violation is a finding of axe.
type violation struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Where []string `json:"where"`
}

// runAxe runs the rules of axe for WCAG 2.2 AA and its best practices. The size of targets is off by default.
const runAxe = `axe.run(document, {resultTypes: ["violations"], rules: {"target-size": {enabled: true}}}).then((r) =>
	r.violations.map((v) => ({id: v.id, help: v.help, where: v.nodes.map((n) => n.html)})))`

// collectReports collects violations of the content security policy in the page, since the browser's console may show
// them too late.
const collectReports = `window.__reports = []; document.addEventListener("securitypolicyviolation", (e) => ` +
	`__reports.push(e.violatedDirective + " " + e.blockedURI));`

// keepSecrets does what copying all secrets of the page would do.
const keepSecrets = `for (const secret of document.querySelectorAll("[data-secret]")) secret.dataset.kept = ""`

// TestAxe opens every state once and checks it on every screen: axe finds nothing, the browser's console stays empty,
// nothing violates the content security policy, and the page is no wider than the screen. A few tabs share the states.
func TestAxe(t *testing.T) {
	t.Parallel()
	requireFile(t, axePath, "run npm ci")
	axe, err := os.ReadFile(axePath)
	if err != nil {
		t.Fatal(err)
	}
	root, url, states := openBrowser(t), serveGallery(t), gallery.States()
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
			const end = "end of the test"
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

// inspect opens a page and checks it on every screen.
func inspect(t *testing.T, tab context.Context, page, axe string) {
	t.Helper()
	err := chromedp.Do(
		tab,
		chromedp.Navigate(page),
		chromedp.Evaluate[chromedp.Void](collectReports),
		chromedp.Evaluate[chromedp.Void](axe),
	)
	if err != nil {
		t.Fatalf("%s: %v", page, err)
	}
	inspectScreens(t, tab, page)
	// Leaving a secret that was not kept asks first. Chromium does not ask when the page was not used, and logs that.
	if err := chromedp.Do(tab, chromedp.Evaluate[chromedp.Void](keepSecrets)); err != nil {
		t.Fatal(err)
	}
	reports, err := chromedp.Run(tab, chromedp.Evaluate[[]string](`__reports`))
	if err != nil || len(reports) > 0 {
		t.Errorf("%s: policy reports %q, %v", page, reports, err)
	}
}

// inspectScreens checks the page that is open on every screen.
func inspectScreens(t *testing.T, tab context.Context, page string) {
	t.Helper()
	for _, s := range screens() {
		if err := s.apply(tab); err != nil {
			t.Fatal(err)
		}
		found, err := chromedp.Run(tab, chromedp.Evaluate[[]violation](runAxe, awaitPromise))
		if err != nil {
			t.Fatalf("%s, %s: %v", page, s.name(), err)
		}
		for _, v := range found {
			t.Errorf("%s, %s: %s (%s): %q", page, s.name(), v.ID, v.Help, v.Where)
		}
		width, err := chromedp.Run(tab, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
		if err != nil || width > s.Width {
			t.Errorf("%s: %d px wide on a screen of %d px, %v", page, width, s.Width, err)
		}
	}
}

// TestAxeOfPalette opens the search over a page, and checks it with each state of the search page on every screen.
func TestAxeOfPalette(t *testing.T) {
	t.Parallel()
	requireFile(t, axePath, "run npm ci")
	axe, err := os.ReadFile(axePath)
	if err != nil {
		t.Fatal(err)
	}
	tab, cancel := chromedp.NewContext(openBrowser(t))
	defer cancel()
	runActions(
		t,
		tab,
		chromedp.Navigate(serveGallery(t)+gallery.StatePrefix+"subusers.list.one-page"),
		chromedp.Evaluate[chromedp.Void](string(axe)),
		chromedp.Click(chromedp.CSS("[data-palette]")),
	)
	waitUntil(t, tab, `document.querySelector("#palette [role=option]") !== null`)
	for query, text := range map[string]string{
		"results": "Owner", "no-match": "Nothing found", "cold": "3,000 subusers read so far", "outdated": "were read at",
	} {
		typed := fmt.Sprintf(`{
			const field = document.querySelector("#palette [role=combobox]");
			field.value = %q;
			field.dispatchEvent(new Event("input", { bubbles: true }));
		}`, query)
		runActions(t, tab, chromedp.Evaluate[chromedp.Void](typed))
		waitUntil(t, tab, fmt.Sprintf(`document.getElementById("palette").textContent.includes(%q)`, text))
		inspectScreens(t, tab, "search over the page, "+query)
	}
}

// TestPolicyIsEnforced checks that the gallery sends the content security policy, on which TestAxe relies.
func TestPolicyIsEnforced(t *testing.T) {
	t.Parallel()
	tab, cancel := chromedp.NewContext(openBrowser(t))
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
		t.Errorf("an inline script violates %q, %v", report, err)
	}
}
