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

// heldResponses are responses of the console that the browser holds back from the page.
type heldResponses struct {
	page      *testPage
	mu        sync.Mutex
	responses []*fetch.EventRequestPaused
}

// holdResponses holds back every response from an address that matches a pattern, in which * matches anything.
func (p *testPage) holdResponses(pattern string) *heldResponses {
	p.t.Helper()
	h := &heldResponses{page: p}
	err := chromedp.Listen(p.tab, func(event any) {
		if response, ok := event.(*fetch.EventRequestPaused); ok {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.responses = append(h.responses, response)
		}
	})
	if err == nil {
		patterns := []*fetch.RequestPattern{{URLPattern: pattern, RequestStage: fetch.RequestStageResponse}}
		_, err = chromedp.Call(p.tab, fetch.Enable, fetch.EnableParams{Patterns: patterns})
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return h
}

// waitHeld waits until a response is held.
func (h *heldResponses) waitHeld() {
	h.page.t.Helper()
	h.page.waitUntil(func() (bool, string) {
		h.mu.Lock()
		defer h.mu.Unlock()
		return len(h.responses) > 0, "for a response to hold"
	})
}

// release passes on all held responses and holds no more. A request that the page has cancelled meanwhile is no error.
func (h *heldResponses) release() {
	h.page.t.Helper()
	for _, response := range h.paused() {
		params := fetch.ContinueResponseParams{RequestID: response.RequestID}
		_, err := chromedp.Call(h.page.tab, fetch.ContinueResponse, params)
		if err != nil && !strings.Contains(err.Error(), "Invalid InterceptionId") {
			h.page.t.Fatal(err)
		}
	}
	h.stop()
}

// dropConnections drops the connections of all held responses and holds no more.
func (h *heldResponses) dropConnections() {
	h.page.t.Helper()
	for _, response := range h.paused() {
		params := fetch.FailRequestParams{
			RequestID:   response.RequestID,
			ErrorReason: network.ErrorReasonConnectionReset,
		}
		if _, err := chromedp.Call(h.page.tab, fetch.FailRequest, params); err != nil {
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

// expectProblem waits for a problem that the test provokes, and removes it from the page's log.
func (p *testPage) expectProblem(text string) {
	p.t.Helper()
	p.waitUntil(func() (bool, string) {
		p.log.mu.Lock()
		defer p.log.mu.Unlock()
		before := len(p.log.problems)
		p.log.problems = slices.DeleteFunc(p.log.problems, func(problem string) bool {
			return strings.Contains(problem, text)
		})
		return len(p.log.problems) < before, fmt.Sprintf("for the problem %q", text)
	})
}
