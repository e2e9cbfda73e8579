package browser

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

// heldResponses are answers that wait in the network, between the console that gave them and the page, until the walk
// says so.
type heldResponses struct {
	page      *testPage
	mu        sync.Mutex
	responses []*fetch.EventRequestPaused
}

// holdResponses keeps back every answer whose whole address fits a pattern, in which * is anything.
func (p *testPage) holdResponses(pattern string) *heldResponses {
	p.t.Helper()
	h := &heldResponses{page: p}
	err := chromedp.Listen(p.tab, func(event any) {
		if answer, ok := event.(*fetch.EventRequestPaused); ok {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.responses = append(h.responses, answer)
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

// waitHeld waits until an answer is held.
func (h *heldResponses) waitHeld() {
	h.page.t.Helper()
	h.page.waitUntil(func() (bool, string) {
		h.mu.Lock()
		defer h.mu.Unlock()
		return len(h.responses) > 0, "for an answer to hold"
	})
}

// release gives the page all that was held, and holds nothing more. What the page has given up meanwhile cannot be
// given.
func (h *heldResponses) release() {
	h.page.t.Helper()
	for _, answer := range h.paused() {
		_, err := chromedp.Call(h.page.tab, fetch.ContinueResponse, fetch.ContinueResponseParams{RequestID: answer.RequestID})
		if err != nil && !strings.Contains(err.Error(), "Invalid InterceptionId") {
			h.page.t.Fatal(err)
		}
	}
	h.stop()
}

// dropConnections drops the connection of all that was held, and holds nothing more.
func (h *heldResponses) dropConnections() {
	h.page.t.Helper()
	for _, answer := range h.paused() {
		_, err := chromedp.Call(
			h.page.tab,
			fetch.FailRequest,
			fetch.FailRequestParams{RequestID: answer.RequestID, ErrorReason: network.ErrorReasonConnectionReset},
		)
		if err != nil {
			h.page.t.Fatal(err)
		}
	}
	h.stop()
}

func (h *heldResponses) paused() []*fetch.EventRequestPaused {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.responses)
}

func (h *heldResponses) stop() {
	h.page.t.Helper()
	if _, err := chromedp.Call(h.page.tab, fetch.Disable, cdp.Empty{}); err != nil {
		h.page.t.Fatal(err)
	}
}

// expectProblem strikes from the notes a complaint that this walk provokes, and fails it if the page did not complain.
func (p *testPage) expectProblem(complaint string) {
	p.t.Helper()
	p.waitUntil(func() (bool, string) {
		p.log.mu.Lock()
		defer p.log.mu.Unlock()
		before := len(p.log.problems)
		p.log.problems = slices.DeleteFunc(
			p.log.problems,
			func(c string) bool { return strings.Contains(c, complaint) },
		)
		return len(p.log.problems) < before, fmt.Sprintf("for the complaint %q", complaint)
	})
}
