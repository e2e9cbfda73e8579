package browser

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

const (
	testTimeout = 3 * time.Minute  // for a whole test
	waitTimeout = 25 * time.Second // until what a test waits for appears
)

// testPage is an operator at a tab of the browser.
type testPage struct {
	t    *testing.T
	site *apptest.Site
	tab  context.Context
	js   bool
	log  *pageLog
	area *area // the part of the page in which controls are looked for; nil is the whole page
}

// withAndWithoutJS runs a test twice: with JavaScript and without.
func withAndWithoutJS(t *testing.T, test func(t *testing.T, js bool)) {
	t.Helper()
	for name, js := range map[string]bool{"with JavaScript": true, "without JavaScript": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, js)
		})
	}
}

// newTestPage opens a tab with cookies of its own. The test fails at its end if the page logged an error or a warning,
// violated the content security policy, or sent a request to another host.
func newTestPage(t *testing.T, site *apptest.Site, js bool) *testPage {
	t.Helper()
	tab, cancel := chromedp.NewContext(sharedBrowser(t), chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	return openTab(t, tab, site, js)
}

// anotherTab opens a second tab of the same browser, with the same cookies.
func (p *testPage) anotherTab() *testPage {
	p.t.Helper()
	tab, cancel := chromedp.NewContext(p.tab)
	p.t.Cleanup(cancel)
	return openTab(p.t, tab, p.site, p.js)
}

func openTab(t *testing.T, tab context.Context, site *apptest.Site, js bool) *testPage {
	t.Helper()
	if err := chromedp.Do(tab); err != nil {
		t.Fatalf("opening a tab: %v", err)
	}
	limited, cancel := context.WithTimeout(tab, testTimeout)
	t.Cleanup(cancel)
	p := &testPage{t: t, site: site, tab: limited, js: js, log: &pageLog{host: strings.TrimPrefix(site.URL, "http://")}}
	p.log.listen(t, limited)
	t.Cleanup(func() { p.log.check(t, limited) })
	if !js {
		disabled := emulation.SetScriptExecutionDisabledParams{Value: true}
		if _, err := chromedp.Call(limited, emulation.SetScriptExecutionDisabled, disabled); err != nil {
			t.Fatalf("switching JavaScript off: %v", err)
		}
	}
	return p
}

// signInAs signs in with a dashboard role outside of the browser, sets the cookies in the browser and opens a page.
func (p *testPage) signInAs(role policy.DashboardRole, path string) *testPage {
	p.t.Helper()
	cookies, err := http.ParseCookie(p.site.Visit(p.t, role).Cookie().Get("Cookie"))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, c := range cookies {
		if _, err := chromedp.Call(p.tab, network.SetCookie, network.SetCookieParams{
			Name:     c.Name,
			Value:    c.Value,
			URL:      p.site.URL,
			HTTPOnly: new(true),
		}); err != nil {
			p.t.Fatal(err)
		}
	}
	p.open(path)
	return p
}

// open opens an address as if it were typed into the address bar. A page load that a click has started may abort this
// one, which is then repeated.
func (p *testPage) open(path string) {
	p.t.Helper()
	err := chromedp.Do(p.tab, chromedp.Navigate(p.site.URL+path))
	if isAborted(err) {
		err = chromedp.Do(p.tab, chromedp.Navigate(p.site.URL+path))
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// isAborted reports whether another page load took the place of one.
func isAborted(err error) bool {
	return err != nil && strings.Contains(err.Error(), "net::ERR_ABORTED")
}

// reload presses the browser's reload button, which also sends a posted form again. A page that reloads itself may do
// so at the same moment and abort this reload, which is no error.
func (p *testPage) reload() {
	p.t.Helper()
	if err := chromedp.Do(p.tab, chromedp.Reload()); err != nil && !isAborted(err) {
		p.t.Fatal(err)
	}
}

// back presses the browser's back button. It does not wait for the page, because the browser may show a page that it
// kept and load nothing.
func (p *testPage) back() {
	p.t.Helper()
	p.goInHistory(-1)
}

// forward presses the browser's forward button.
func (p *testPage) forward() {
	p.t.Helper()
	p.goInHistory(1)
}

// goInHistory goes offset pages further in the tab's history, or back if offset is negative.
func (p *testPage) goInHistory(offset int64) {
	p.t.Helper()
	history, err := chromedp.Call(p.tab, page.GetNavigationHistory, cdp.Empty{})
	if err != nil {
		p.t.Fatal(err)
	}
	index := history.CurrentIndex + offset
	if index < 0 || index >= int64(len(history.Entries)) {
		p.t.Fatalf("the history has no page %+d from %s", offset, p.address())
	}
	entry := page.NavigateToHistoryEntryParams{EntryID: history.Entries[index].ID}
	if _, err := chromedp.Call(p.tab, page.NavigateToHistoryEntry, entry); err != nil {
		p.t.Fatal(err)
	}
}

// address returns the path and query of the page.
func (p *testPage) address() string {
	p.t.Helper()
	location, err := chromedp.Run(p.tab, chromedp.Location())
	if err != nil {
		p.t.Fatal(err)
	}
	return strings.TrimPrefix(location, p.site.URL)
}

func (p *testPage) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.tab, steps...); err != nil {
		p.t.Fatal(err)
	}
}
