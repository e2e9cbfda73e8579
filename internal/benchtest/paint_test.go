package benchtest

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/chromium"
)

// What a page is asked before its trace ends: whether its largest part was painted, and whether the picture after the
// last press was shown. How long that took, only the trace says.
const (
	isPainted = `new Promise(done => new PerformanceObserver(() => done()).observe({type: ` +
		`"largest-contentful-paint", buffered: true}))`
	isShown = `new Promise(done => requestAnimationFrame(() => setTimeout(done, 100)))`
)

// emptyPage has a field and a box to press, and nothing else.
const emptyPage = `data:text/html,<input data-search><input type=checkbox data-select-all>`

// painting opens the list of the large account in Chromium and types into its search, beside a short page of the same
// server in the same browser. Without Chromium there is nothing to print.
func painting(b *testing.B, t table, site *apptest.Site, visitor *apptest.Visitor) {
	b.Helper()
	if _, err := os.Stat(chromium.Path); errors.Is(err, fs.ErrNotExist) {
		return
	}
	tab, end, err := chromium.Open(b.Context(), chromium.Path)
	if err != nil {
		b.Fatal(err)
	}
	defer end()
	enter(b, tab, site, visitor)
	const times = 7
	var paints, bare latencies
	for range times {
		bare = append(bare, painted(b, tab, site.URL+"/me"))
		paints = append(paints, painted(b, tab, site.URL+"/subusers"))
	}
	slices.Sort(paints)
	slices.Sort(bare)
	paint, other := paints.at(0.5), bare.at(0.5)
	t.line("10,000 subusers: largest contentful paint of the list", ms(paint), ms(other)+" /me", ratio(paint, other), "-")
	for _, press := range []struct {
		what string
		step chromedp.Action[chromedp.Void]
	}{
		{"typing a search", chromedp.SendKeys(chromedp.CSS("[data-search]"), "anna ko")},
		{"ticking all rows", chromedp.Click(chromedp.CSS("[data-select-all]"))},
	} {
		took := interaction(b, tab, site.URL+"/subusers", press.step)
		nothing := interaction(b, tab, emptyPage, press.step)
		t.line(
			"10,000 subusers: longest interaction of "+press.what,
			ms(took),
			ms(nothing)+" the same on an empty page",
			ratio(took, nothing),
			"200 ms is called good",
		)
	}
}

// enter gives the browser the visitor's session.
func enter(b *testing.B, tab context.Context, site *apptest.Site, visitor *apptest.Visitor) {
	b.Helper()
	cookies, err := http.ParseCookie(visitor.Cookie().Get("Cookie"))
	if err == nil {
		err = chromedp.Do(tab)
	}
	for _, c := range cookies {
		if err == nil {
			_, err = chromedp.Call(
				tab,
				network.SetCookie,
				network.SetCookieParams{Name: c.Name, Value: c.Value, URL: site.URL, HTTPOnly: new(true)},
			)
		}
	}
	if err != nil {
		b.Fatal(err)
	}
}

// painted loads a page and answers when its largest part was painted, since the load began.
func painted(b *testing.B, tab context.Context, address string) time.Duration {
	b.Helper()
	return largestPaint(b, trace(b, tab, chromedp.Navigate(address), waitFor(isPainted)), address)
}

// interaction opens a page, presses something on it, and answers how long the slowest press took until the next
// picture.
func interaction(
	b *testing.B,
	tab context.Context,
	address string,
	press chromedp.Action[chromedp.Void],
) time.Duration {
	b.Helper()
	if err := chromedp.Do(tab, chromedp.Navigate(address), waitFor(isShown)); err != nil {
		b.Fatal(err)
	}
	return longestInteraction(b, trace(b, tab, press, waitFor(isShown)))
}

func waitFor(promise string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](promise, chromedp.EvalAwaitPromise)
}
