package bench

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

	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/testkit/chromium"
)

// Scripts that a page runs before its trace ends. paintedScript waits until the largest part of the page was painted,
// shownScript until the frame after the last input was shown. The trace has the times.
const (
	paintedScript = `new Promise(done => new PerformanceObserver(() => done()).observe({type: ` +
		`"largest-contentful-paint", buffered: true}))`
	shownScript = `new Promise(done => requestAnimationFrame(() => setTimeout(done, 100)))`
)

// emptyPage is a page with a field and a checkbox.
const emptyPage = `data:text/html,<input data-search><input type=checkbox data-select-all>`

// painting measures the list of the large account in Chromium: its largest contentful paint, and its interactions. The
// baselines are a short page of the same server and an empty page. Without Chromium it prints nothing.
func painting(b *testing.B, t table, site *apptest.Site, visitor *apptest.Visitor) {
	b.Helper()
	if _, err := os.Stat(chromium.Path); errors.Is(err, fs.ErrNotExist) {
		return
	}
	tab, cancel, err := chromium.Open(b.Context(), chromium.Path)
	if err != nil {
		b.Fatal(err)
	}
	defer cancel()
	setSessionCookies(b, tab, site, visitor)
	const times = 7
	var paints, baselines latencies
	for range times {
		baselines = append(baselines, paintTime(b, tab, site.URL+"/me"))
		paints = append(paints, paintTime(b, tab, site.URL+"/subusers"))
	}
	slices.Sort(paints)
	slices.Sort(baselines)
	paint, baseline := paints.percentile(0.5), baselines.percentile(0.5)
	t.line(
		"10,000 subusers: largest contentful paint of the list",
		ms(paint),
		ms(baseline)+" /me",
		ratio(paint, baseline),
		"-",
	)
	for _, press := range []struct {
		what string
		step chromedp.Action[chromedp.Void]
	}{
		{"typing a search", chromedp.SendKeys(chromedp.CSS("[data-search]"), "anna ko")},
		{"ticking all rows", chromedp.Click(chromedp.CSS("[data-select-all]"))},
	} {
		took := interactionTime(b, tab, site.URL+"/subusers", press.step)
		nothing := interactionTime(b, tab, emptyPage, press.step)
		t.line(
			"10,000 subusers: longest interaction of "+press.what,
			ms(took),
			ms(nothing)+" the same on an empty page",
			ratio(took, nothing),
			"200 ms is called good",
		)
	}
}

// setSessionCookies sets the visitor's session cookies in the browser.
func setSessionCookies(b *testing.B, tab context.Context, site *apptest.Site, visitor *apptest.Visitor) {
	b.Helper()
	cookies, err := http.ParseCookie(visitor.Cookie().Get("Cookie"))
	if err == nil {
		err = chromedp.Do(tab)
	}
	for _, c := range cookies {
		if err == nil {
			cookie := network.SetCookieParams{Name: c.Name, Value: c.Value, URL: site.URL, HTTPOnly: new(true)}
			_, err = chromedp.Call(tab, network.SetCookie, cookie)
		}
	}
	if err != nil {
		b.Fatal(err)
	}
}

// paintTime loads a page and returns the time from the start of the load to the largest contentful paint.
func paintTime(b *testing.B, tab context.Context, address string) time.Duration {
	b.Helper()
	return largestPaint(b, trace(b, tab, chromedp.Navigate(address), waitFor(paintedScript)), address)
}

// interactionTime opens a page, runs press, and returns the time from the slowest input to the next frame.
func interactionTime(
	b *testing.B,
	tab context.Context,
	address string,
	press chromedp.Action[chromedp.Void],
) time.Duration {
	b.Helper()
	if err := chromedp.Do(tab, chromedp.Navigate(address), waitFor(shownScript)); err != nil {
		b.Fatal(err)
	}
	return longestInteraction(b, trace(b, tab, press, waitFor(shownScript)))
}

func waitFor(promise string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](promise, chromedp.EvalAwaitPromise)
}
