package browser

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// pageLog records what the developer tools of a tab would show: problems and requests.
type pageLog struct {
	host        string // the host that the page may send requests to
	alsoAllowed string // another such host, in tests of the company's sign-in

	mu       sync.Mutex
	problems []string
	status   int // of the last response to a page load or a form
	posts    int // forms that were sent

	leavePrompts int  // how often the browser asked before leaving a page
	stay         bool // answer no to it
}

// listen starts recording.
func (n *pageLog) listen(t *testing.T, tab context.Context) {
	t.Helper()
	answer := func(event any) {
		if e, ok := event.(*page.EventJavascriptDialogOpening); ok && e.Type == page.DialogTypeBeforeunload {
			n.mu.Lock()
			n.leavePrompts++
			params := page.HandleJavaScriptDialogParams{Accept: !n.stay}
			n.mu.Unlock()
			go func() {
				if _, err := chromedp.Call(tab, page.HandleJavaScriptDialog, params); err != nil {
					n.mu.Lock()
					defer n.mu.Unlock()
					n.addProblem("answering a dialog: %v", err)
				}
			}()
		}
	}
	if err := chromedp.Listen(tab, answer); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Listen(tab, n.handle); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(tab, audits.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
}

func (n *pageLog) handle(event any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" {
			n.addProblem("a script logged %s: %s", e.Type, describeArgs(e.Args))
		}
	case *runtime.EventExceptionThrown:
		n.addProblem(
			"a script failed: %s %s",
			e.ExceptionDetails.Text,
			describeArgs([]*runtime.RemoteObject{e.ExceptionDetails.Exception}),
		)
	case *log.EventEntryAdded:
		// The browser logs every response with a status of 400 or more. Tests check statuses themselves.
		if e.Entry.Source != "network" && (e.Entry.Level == "error" || e.Entry.Level == "warning") {
			n.addProblem("the browser logged: %s (%s)", e.Entry.Text, e.Entry.URL)
		}
	case *audits.EventIssueAdded:
		if e.Issue.Code == audits.InspectorIssueCodeContentSecurityPolicyIssue {
			n.addProblem(
				"the page violated the content security policy: %s",
				e.Issue.Details.ContentSecurityPolicyIssueDetails.ViolatedDirective,
			)
		}
	case *network.EventRequestWillBeSent:
		n.request(e.Request)
	case *network.EventResponseReceived:
		n.response(e)
	}
}

func (n *pageLog) request(r *network.Request) {
	address, err := url.Parse(r.URL)
	if local := err == nil && (address.Scheme == "blob" || address.Scheme == "data"); !local &&
		(err != nil || address.Host != n.host && address.Host != n.alsoAllowed) {
		n.addProblem("a request to another host: %s", r.URL)
	}
	if r.Method == "POST" {
		n.posts++
	}
}

func (n *pageLog) response(e *network.EventResponseReceived) {
	switch e.Type {
	case network.ResourceTypeDocument, network.ResourceTypeFetch, network.ResourceTypeXHR:
		n.status = int(e.Response.Status)
	default:
		if address, err := url.Parse(e.Response.URL); e.Response.Status >= 400 &&
			(err != nil || address.Host != n.alsoAllowed) {
			n.addProblem("a part of the page is missing: %s has status %d", e.Response.URL, int(e.Response.Status))
		}
	}
}

func (n *pageLog) addProblem(format string, args ...any) {
	n.problems = append(n.problems, fmt.Sprintf(format, args...))
}

// check fails the test for every problem. It first runs a script, so that all earlier events have arrived.
func (n *pageLog) check(t *testing.T, tab context.Context) {
	t.Helper()
	if err := chromedp.Do(tab, chromedp.Evaluate[chromedp.Void]("1")); err != nil {
		t.Errorf("the page is gone: %v", err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, problem := range n.problems {
		t.Error(problem)
	}
}

// expectStatus fails the test unless the last response to a page load or a form had this status.
func (p *testPage) expectStatus(status int) {
	p.t.Helper()
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	if p.log.status != status {
		p.t.Errorf("status %d, want %d", p.log.status, status)
	}
}

// postCount returns the number of forms that were sent from this tab.
func (p *testPage) postCount() int {
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	return p.log.posts
}

func describeArgs(objects []*runtime.RemoteObject) string {
	var words []string
	for _, o := range objects {
		if o != nil {
			words = append(words, fmt.Sprint(o.Description, string(o.Value)))
		}
	}
	return strings.Join(words, " ")
}
