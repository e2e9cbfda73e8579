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

// listRequestCounter counts how often the console answered the list of subusers. It reads the console's log.
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

// A moment is after how long the list is asked for what was typed; a pause is long enough to have read what was found.
const (
	searchDelay  = 200 * time.Millisecond
	historyDelay = time.Second
)

// newSearchPage is somebody with the focus in the search of the list, who came to it by a link.
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

// expectRestored waits until the list has been searched for a text: the address, the rows and the box agree.
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
		return got == query, "for the box to hold " + query + "; it holds " + got
	})
}

// expectHistoryLength fails the walk unless the tab's history has so many pages.
func (p *testPage) expectHistoryLength(want int) {
	p.t.Helper()
	if got := p.evalInt("history.length"); got != want {
		p.t.Errorf("the history has %d pages, want %d", got, want)
	}
}

// expectCaret fails the walk unless the next letter goes to this place of the search box.
func (p *testPage) expectCaret(want int) {
	p.t.Helper()
	p.expectFocus("searchbox", "Search subusers")
	if got := p.evalInt("document.activeElement.selectionStart"); got != want {
		p.t.Errorf("the next letter goes to place %d, want %d", got, want)
	}
}

// TestLiveSearch: a word that is typed at once is one request, and its address takes the place of the former
// one. With a pause it becomes a step of the way back, and what is typed then is another. The focus stays where the
// next letter goes. The way back gives the former rows and the former text.
func TestLiveSearch(t *testing.T) {
	t.Parallel()
	requests := newListRequestCounter()
	p := newSearchPage(t, apptest.NewSite(t, apptest.Options{Logger: slog.New(requests)}))
	steps, before := p.evalInt("history.length"), requests.count.Load()

	p.typeKeys("novak")
	p.advanceClock(searchDelay)
	p.expectSearch("novak", "found, 40 in all")
	if got := requests.count.Load() - before; got != 1 {
		t.Errorf("five letters are %d requests", got)
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

// TestSearchThenLink: whoever follows a link before they pause still finds both the search and what was there before
// it.
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

// TestLateResponse: the answer to what was typed first comes after that to what was typed last, and changes nothing.
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

// TestSearchByURL: an address that is opened shows what was searched for, and Refresh keeps it.
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

// TestSearchKeepsScroll: rows that change while one types leave the page where it is. The first letter may move it: the
// browser brings the field into sight.
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
		t.Fatalf("the page is at %d: too near to its top to tell", at)
	}
	for i, query := range []string{"a", "an"} { // both are found often enough to fill the window
		p.typeKeys(query[len(query)-i:])
		p.advanceClock(searchDelay)
		p.waitUntil(func() (bool, string) { return p.address() == "/subusers?q="+query, "for the search" })
		p.waitIdle()
		if got := p.evalInt("scrollY"); got != at {
			t.Errorf("after %q the page is at %d, before at %d", query, got, at)
		}
	}
	p.expectFocus("searchbox", "Search subusers")
}
