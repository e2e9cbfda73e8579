package browsertest

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// held are answers that wait in the network, between the console that gave them and the page, until the walk says so.
type held struct {
	p       *person
	mu      sync.Mutex
	answers []*fetch.EventRequestPaused
}

// hold keeps back every answer whose whole address fits a pattern, in which * is anything.
func (p *person) hold(pattern string) *held {
	p.t.Helper()
	h := &held{p: p}
	err := chromedp.Listen(p.tab, func(event any) {
		if answer, ok := event.(*fetch.EventRequestPaused); ok {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.answers = append(h.answers, answer)
		}
	})
	if err == nil {
		_, err = chromedp.Call(
			p.tab,
			fetch.Enable,
			fetch.EnableParams{
				Patterns: []*fetch.RequestPattern{{URLPattern: pattern, RequestStage: fetch.RequestStageResponse}},
			},
		)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return h
}

// has waits until an answer is held.
func (h *held) has() {
	h.p.t.Helper()
	h.p.wait(func() (bool, string) {
		h.mu.Lock()
		defer h.mu.Unlock()
		return len(h.answers) > 0, "for an answer to hold"
	})
}

// letGo gives the page all that was held, and holds nothing more. What the page has given up meanwhile cannot be given.
func (h *held) letGo() {
	h.p.t.Helper()
	for _, answer := range h.taken() {
		_, err := chromedp.Call(h.p.tab, fetch.ContinueResponse, fetch.ContinueResponseParams{RequestID: answer.RequestID})
		if err != nil && !strings.Contains(err.Error(), "Invalid InterceptionId") {
			h.p.t.Fatal(err)
		}
	}
	h.end()
}

// lose drops the connection of all that was held, and holds nothing more.
func (h *held) lose() {
	h.p.t.Helper()
	for _, answer := range h.taken() {
		_, err := chromedp.Call(
			h.p.tab,
			fetch.FailRequest,
			fetch.FailRequestParams{RequestID: answer.RequestID, ErrorReason: network.ErrorReasonConnectionReset},
		)
		if err != nil {
			h.p.t.Fatal(err)
		}
	}
	h.end()
}

func (h *held) taken() []*fetch.EventRequestPaused {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.answers)
}

func (h *held) end() {
	h.p.t.Helper()
	if _, err := chromedp.Call(h.p.tab, fetch.Disable, cdp.Empty{}); err != nil {
		h.p.t.Fatal(err)
	}
}

// expects strikes from the notes a complaint that this walk provokes, and fails it if the page did not complain.
func (p *person) expects(complaint string) {
	p.t.Helper()
	p.wait(func() (bool, string) {
		p.notes.mu.Lock()
		defer p.notes.mu.Unlock()
		before := len(p.notes.complaints)
		p.notes.complaints = slices.DeleteFunc(
			p.notes.complaints,
			func(c string) bool { return strings.Contains(c, complaint) },
		)
		return len(p.notes.complaints) < before, fmt.Sprintf("for the complaint %q", complaint)
	})
}
