package browser

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// listRequestCounter is a log handler that counts the requests for the list of subusers.
type listRequestCounter struct {
	slog.Handler
	count atomic.Int64
}

func newListRequestCounter() *listRequestCounter {
	return &listRequestCounter{Handler: slog.DiscardHandler}
}

func (l *listRequestCounter) Enabled(context.Context, slog.Level) bool { return true }

func (l *listRequestCounter) Handle(_ context.Context, line slog.Record) error {
	line.Attrs(func(a slog.Attr) bool {
		if a.Key == "path" && a.Value.String() == "/subusers" {
			l.count.Add(1)
		}
		return true
	})
	return nil
}

const (
	searchDelay  = 200 * time.Millisecond // from the last key to the request
	historyDelay = time.Second            // from the last key to an entry in the history
)

// newSearchPage returns a viewer who followed a link to the list and has the focus in its search field.
func newSearchPage(t *testing.T, site *apptest.Site) *testPage {
	t.Helper()
	p := newTestPage(t, site, true).signInAs(policy.Viewer, "/")
	p.inArea("navigation", "Main").press("link", "Subusers")
	p.expectHeading("Subusers")
	p.expectText("1–40 of 40")
	p.trackRequests().withFakeClock()
	p.focus("searchbox", "Search subusers")
	return p
}

// expectSearch waits until the address, the rows and the search field agree on a query.
func (p *testPage) expectSearch(query, count string) {
	p.t.Helper()
	address := "/subusers"
	if query != "" {
		address += "?q=" + query
	}
	p.waitUntil(func() (bool, string) { return p.address() == address, "for the address " + address })
	p.expectText(count)
	p.waitIdle()
	p.waitUntil(func() (bool, string) {
		got := p.find("searchbox", "Search subusers").value()
		return got == query, "for the search field to be " + query + "; it is " + got
	})
}

// expectHistoryLength fails the test unless the tab's history has this many entries.
func (p *testPage) expectHistoryLength(want int) {
	p.t.Helper()
	if got := p.evalInt("history.length"); got != want {
		p.t.Errorf("the history has %d entries, want %d", got, want)
	}
}

// expectCaret fails the test unless the search field has the focus with the caret at this position.
func (p *testPage) expectCaret(want int) {
	p.t.Helper()
	p.expectFocus("searchbox", "Search subusers")
	if got := p.evalInt("document.activeElement.selectionStart"); got != want {
		p.t.Errorf("the caret is at %d, want %d", got, want)
	}
}

// TestLiveSearch: a word typed without a pause is one request, and its address replaces the former one. After a pause
// it becomes an entry of the history. The caret stays in place. Back restores the former rows and the former text.
func TestLiveSearch(t *testing.T) {
	t.Parallel()
	requests := newListRequestCounter()
	p := newSearchPage(t, apptest.NewSite(t, apptest.Options{Logger: slog.New(requests)}))
	steps, before := p.evalInt("history.length"), requests.count.Load()

	p.typeKeys("novak")
	p.advanceClock(searchDelay)
	p.expectSearch("novak", "found, 40 in all")
	if got := requests.count.Load() - before; got != 1 {
		t.Errorf("five letters caused %d requests, want 1", got)
	}
	p.expectCaret(5)
	p.advanceClock(historyDelay - searchDelay)
	p.typeKeys("ova")
	p.advanceClock(searchDelay)
	p.expectSearch("novakova", "1–1 of 1 found")
	p.expectHistoryLength(steps)
	p.advanceClock(historyDelay)
	p.expectHistoryLength(steps + 1)

	p.typeKeys(kb.Home)
	p.typeKeys("anna_")
	p.advanceClock(searchDelay)
	p.expectSearch("anna_novakova", "1–1 of 1 found")
	p.expectCaret(5)
	p.advanceClock(historyDelay)
	p.expectHistoryLength(steps + 2)

	p.back()
	p.expectSearch("novakova", "1–1 of 1 found")
	p.expectCaret(len("novakova"))
	p.back()
	p.expectSearch("", "1–40 of 40")
	p.expectCaret(0)
	p.back()
	p.expectHeading("Overview")
}

// TestSearchThenLink: after a link that is followed without a pause, Back leads to the search, and then to the list
// before it.
func TestSearchThenLink(t *testing.T) {
	t.Parallel()
	p := newSearchPage(t, apptest.NewSite(t, apptest.Options{}))
	p.typeKeys("novakova")
	p.advanceClock(searchDelay)
	p.expectSearch("novakova", "1–1 of 1 found")
	p.press("link", "anna_novakova")
	p.expectHeading("anna_novakova")
	p.back()
	p.expectSearch("novakova", "1–1 of 1 found")
	p.advanceClock(historyDelay)
	p.back()
	p.expectSearch("", "1–40 of 40")
}

// TestLateResponse: a response to an earlier query that arrives after the latest one changes nothing.
func TestLateResponse(t *testing.T) {
	t.Parallel()
	p := newSearchPage(t, apptest.NewSite(t, apptest.Options{}))
	late := p.holdResponses("*?q=novak")
	p.typeKeys("novak")
	p.advanceClock(searchDelay)
	late.waitHeld()
	p.typeKeys("ova")
	p.advanceClock(searchDelay)
	p.expectText("1–1 of 1 found")
	late.release()
	p.expectSearch("novakova", "1–1 of 1 found")
}

// TestSearchByURL: the address of a search shows the search, and Refresh keeps it.
func TestSearchByURL(t *testing.T) {
	t.Parallel()
	p := newSearchPage(t, apptest.NewSite(t, apptest.Options{}))
	p.typeKeys("novakova")
	p.advanceClock(searchDelay)
	p.expectSearch("novakova", "1–1 of 1 found")
	p.press("button", "Refresh")
	p.expectSearch("novakova", "1–1 of 1 found")
	p.reload()
	p.trackRequests()
	p.expectSearch("novakova", "1–1 of 1 found")
}

// TestSearchKeepsScroll: rows that change during typing do not scroll the page. Only the first letter may, because the
// browser scrolls the field into view.
func TestSearchKeepsScroll(t *testing.T) {
	t.Parallel()
	p := newTestPage(t, newLargeSite(t, 400), true).signInAs(policy.Viewer, "/subusers")
	p.expectHeading("Subusers")
	p.trackRequests().withFakeClock()
	p.focus("searchbox", "Search subusers")
	p.scrollTo(120)
	p.typeKeys("a")
	at := p.evalInt("scrollY")
	if at < 10 {
		t.Fatalf("the page is scrolled to %d, which is too near to its top for this test", at)
	}
	for i, query := range []string{"a", "an"} { // both match enough rows to fill the window
		p.typeKeys(query[len(query)-i:])
		p.advanceClock(searchDelay)
		p.waitUntil(func() (bool, string) { return p.address() == "/subusers?q="+query, "for the search" })
		p.waitIdle()
		if got := p.evalInt("scrollY"); got != at {
			t.Errorf("after %q the page is scrolled to %d, before to %d", query, got, at)
		}
	}
	p.expectFocus("searchbox", "Search subusers")
}
