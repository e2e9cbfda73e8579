package browsertest

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// lists counts how often the console answered the list of subusers. It reads the console's log.
type lists struct {
	slog.Handler
	answered atomic.Int64
}

func newLists() *lists { return &lists{Handler: slog.DiscardHandler} }

func (l *lists) Enabled(context.Context, slog.Level) bool { return true }

func (l *lists) Handle(_ context.Context, line slog.Record) error {
	line.Attrs(func(a slog.Attr) bool {
		if a.Key == "path" && a.Value.String() == "/subusers" {
			l.answered.Add(1)
		}
		return true
	})
	return nil
}

// A moment is after how long the list is asked for what was typed; a pause is long enough to have read what was found.
const (
	moment = 200 * time.Millisecond
	pause  = time.Second
)

// searching is somebody with the focus in the search of the list, who came to it by a link.
func searching(t *testing.T, site *apptest.Site) *person {
	t.Helper()
	p := newPerson(t, site, true).signedIn(policy.Viewer, "/")
	p.in("navigation", "Main").press("link", "Subusers")
	p.at("Subusers")
	p.sees("1–40 of 40")
	p.watched().patient()
	p.focus("searchbox", "Search subusers")
	return p
}

// finds waits until the list has been searched for a text: the address, the rows and the box agree.
func (p *person) finds(query, count string) {
	p.t.Helper()
	address := "/subusers"
	if query != "" {
		address += "?q=" + query
	}
	p.wait(func() (bool, string) { return p.address() == address, "for the address " + address })
	p.sees(count)
	p.quiet()
	p.wait(func() (bool, string) {
		got := p.find("searchbox", "Search subusers").value()
		return got == query, "for the box to hold " + query + "; it holds " + got
	})
}

// stepsBack fails the walk unless the tab's history has so many pages.
func (p *person) stepsBack(want int) {
	p.t.Helper()
	if got := p.number("history.length"); got != want {
		p.t.Errorf("the history has %d pages, want %d", got, want)
	}
}

// caretAt fails the walk unless the next letter goes to this place of the search box.
func (p *person) caretAt(want int) {
	p.t.Helper()
	p.focusOn("searchbox", "Search subusers")
	if got := p.number("document.activeElement.selectionStart"); got != want {
		p.t.Errorf("the next letter goes to place %d, want %d", got, want)
	}
}

// TestSearchAsOneTypes: a word that is typed at once is one request, and its address takes the place of the former
// one. With a pause it becomes a step of the way back, and what is typed then is another. The focus stays where the
// next letter goes. The way back gives the former rows and the former text.
func TestSearchAsOneTypes(t *testing.T) {
	t.Parallel()
	requests := newLists()
	p := searching(t, apptest.NewSite(t, apptest.Options{Logger: slog.New(requests)}))
	steps, asked := p.number("history.length"), requests.answered.Load()

	p.typed("novak")
	p.passes(moment)
	p.finds("novak", "found, 40 in all")
	if got := requests.answered.Load() - asked; got != 1 {
		t.Errorf("five letters are %d requests", got)
	}
	p.caretAt(5)
	p.passes(pause - moment)
	p.typed("ova")
	p.passes(moment)
	p.finds("novakova", "1–1 of 1 found")
	p.stepsBack(steps)
	p.passes(pause)
	p.stepsBack(steps + 1)

	p.typed(kb.Home)
	p.typed("anna_")
	p.passes(moment)
	p.finds("anna_novakova", "1–1 of 1 found")
	p.caretAt(5)
	p.passes(pause)
	p.stepsBack(steps + 2)

	p.back()
	p.finds("novakova", "1–1 of 1 found")
	p.caretAt(len("novakova"))
	p.back()
	p.finds("", "1–40 of 40")
	p.caretAt(0)
	p.back()
	p.at("Overview")
}

// TestSearchThenLink: whoever follows a link before they pause still finds both the search and what was there before
// it.
func TestSearchThenLink(t *testing.T) {
	t.Parallel()
	p := searching(t, apptest.NewSite(t, apptest.Options{}))
	p.typed("novakova")
	p.passes(moment)
	p.finds("novakova", "1–1 of 1 found")
	p.press("link", "anna_novakova")
	p.at("anna_novakova")
	p.back()
	p.finds("novakova", "1–1 of 1 found")
	p.passes(pause)
	p.back()
	p.finds("", "1–40 of 40")
}

// TestLateAnswer: the answer to what was typed first comes after that to what was typed last, and changes nothing.
func TestLateAnswer(t *testing.T) {
	t.Parallel()
	p := searching(t, apptest.NewSite(t, apptest.Options{}))
	late := p.hold("*?q=novak")
	p.typed("novak")
	p.passes(moment)
	late.has()
	p.typed("ova")
	p.passes(moment)
	p.sees("1–1 of 1 found")
	late.letGo()
	p.finds("novakova", "1–1 of 1 found")
}

// TestSearchByAddress: an address that is opened shows what was searched for, and Refresh keeps it.
func TestSearchByAddress(t *testing.T) {
	t.Parallel()
	p := searching(t, apptest.NewSite(t, apptest.Options{}))
	p.typed("novakova")
	p.passes(moment)
	p.finds("novakova", "1–1 of 1 found")
	p.press("button", "Refresh")
	p.finds("novakova", "1–1 of 1 found")
	p.reload()
	p.watched()
	p.finds("novakova", "1–1 of 1 found")
}

// TestSearchFromBelow: rows that change while one types leave the page where it is. The first letter may move it: the
// browser brings the field into sight.
func TestSearchFromBelow(t *testing.T) {
	t.Parallel()
	p := newPerson(t, crowd(t, 400), true).signedIn(policy.Viewer, "/subusers")
	p.at("Subusers")
	p.watched().patient()
	p.focus("searchbox", "Search subusers")
	p.scrollTo(120)
	p.typed("a")
	at := p.number("scrollY")
	if at < 10 {
		t.Fatalf("the page is at %d: too near to its top to tell", at)
	}
	for i, query := range []string{"a", "an"} { // both are found often enough to fill the window
		p.typed(query[len(query)-i:])
		p.passes(moment)
		p.wait(func() (bool, string) { return p.address() == "/subusers?q="+query, "for the search" })
		p.quiet()
		if got := p.number("scrollY"); got != at {
			t.Errorf("after %q the page is at %d, before at %d", query, got, at)
		}
	}
	p.focusOn("searchbox", "Search subusers")
}
