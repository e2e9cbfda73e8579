package browser

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// forEachScenario runs test on every scenario, with JavaScript and without, and checks its result.
func forEachScenario(t *testing.T, test func(*walkthrough)) {
	t.Helper()
	for name, j := range scenarios() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withAndWithoutJS(t, func(t *testing.T, js bool) {
				p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), js)
				j.begin(p)
				w := newWalkthrough(p, j)
				test(w)
				j.expectDone(p)
			})
		})
	}
}

// walkthrough is a scenario in progress.
type walkthrough struct {
	*testPage
	scenario scenario
	visits   []visit  // the browser's history; the last one is open
	secrets  []string // secrets that were shown
}

// visit is a page in the browser's history, with what was filled in.
type visit struct {
	expectedPage
	entries    []entry
	ticked     map[string]bool
	secretGone bool // the page showed a secret once, and now its address shows the operation
}

func newWalkthrough(p *testPage, j scenario) *walkthrough {
	return &walkthrough{testPage: p, scenario: j, visits: []visit{{expectedPage: j.firstPage}}}
}

func (w *walkthrough) current() *visit { return &w.visits[len(w.visits)-1] }

// fillIn fills in the fields of a step and remembers them.
func (w *walkthrough) fillIn(s step) {
	w.t.Helper()
	w.fillEntries(s.entries)
	w.current().entries, w.current().ticked = s.entries, w.tickedBoxes(s.entries)
}

// controlFor returns the control that leads on from the open page.
func (w *walkthrough) controlFor(s step) control {
	if w.current().secretGone && w.current().nextControl.name != "" {
		return w.current().nextControl
	}
	return s.press
}

// proceed presses the control of a step with click.
func (w *walkthrough) proceed(s step, click func(p *testPage, c control)) {
	w.t.Helper()
	switch {
	case s.fileContains != "":
		if file := w.savedFile(func() { click(w.testPage, s.press) }); !strings.Contains(file, s.fileContains) {
			w.t.Errorf("the file lacks %q: %s", s.fileContains, file)
		}
	case s.liveSearch && w.js:
	default:
		click(w.testPage, w.controlFor(s))
	}
	switch {
	case s.fileContains != "":
	case s.liveSearch && w.js:
		*w.current() = visit{expectedPage: s.next}
	default:
		w.visits = append(w.visits, visit{expectedPage: s.next})
	}
}

// expectArrival waits for the page that a step leads to, with what it shows only once.
func (w *walkthrough) expectArrival(s step) {
	w.t.Helper()
	w.expectPage(s.next)
	w.expectText(s.next.arrivalTexts...)
	if s.next.secretField != "" {
		secret := w.revealSecret(s.next.secretName, s.next.secretField)
		if len(secret) < 12 {
			w.t.Fatalf("the secret shown is %q", secret)
		}
		w.secrets = append(w.secrets, secret)
	}
	w.expectWrites(s.writes)
}

// expectAgain checks the open page after it was loaded again: it shows no secret and nothing that it shows only once,
// and no change was sent again.
func (w *walkthrough) expectAgain(s step) {
	w.t.Helper()
	if s.next.secretField != "" {
		w.current().secretGone = true
	}
	if w.current().secretGone {
		w.expectHeading(s.next.operationHeading)
	} else {
		w.expectPage(s.next)
	}
	w.expectNoText(s.next.arrivalTexts...)
	w.expectSecretsHidden()
	w.expectWrites(s.writes)
}

// expectSecretsHidden fails the test if the page contains a secret that was shown before.
func (w *walkthrough) expectSecretsHidden() {
	w.t.Helper()
	for _, secret := range w.secrets {
		w.expectNotInPage(secret)
	}
}

func clickOnce(p *testPage, c control) { p.inAreaOf(c).press(c.role, c.name) }

func clickTwice(p *testPage, c control) { p.inAreaOf(c).pressTwice(c.role, c.name) }

// TestReloadEveryStep reloads the page after every step. It shows what holds, repeats no change, and the job goes on.
func TestReloadEveryStep(t *testing.T) {
	t.Parallel()
	forEachScenario(t, func(w *walkthrough) {
		for _, s := range w.scenario.steps {
			w.fillIn(s)
			w.proceed(s, clickOnce)
			w.expectArrival(s)
			w.reload()
			w.expectAgain(s)
		}
	})
}

// TestBackAtEveryStep goes back and forward after every step. Back shows the previous page with what was filled in. No
// change is repeated, no secret is shown again, and the job goes on.
func TestBackAtEveryStep(t *testing.T) {
	t.Parallel()
	forEachScenario(t, func(w *walkthrough) {
		for _, s := range w.scenario.steps {
			w.fillIn(s)
			if s.entries != nil && !s.liveSearch {
				w.leaveAndReturn()
			}
			w.proceed(s, clickOnce)
			w.expectArrival(s)
			w.back()
			w.expectBack(s)
			w.forward()
			w.expectForward(s)
		}
	})
}

// TestDoubleClickAtEveryStep clicks twice at every step. Every change is made once.
func TestDoubleClickAtEveryStep(t *testing.T) {
	t.Parallel()
	forEachScenario(t, func(w *walkthrough) {
		for _, s := range w.scenario.steps {
			if s.slowMethod != "" {
				delayVendor(w.site, s.slowMethod)
			}
			w.fillIn(s)
			before := w.postCount()
			w.proceed(s, clickTwice)
			w.expectArrivalOnce(s)
			if n := w.postCount() - before; w.js && n > 1 {
				w.t.Errorf("%q sent %d forms, want 1", s.press.name, n)
			}
		}
	})
}

// leaveAndReturn leaves a filled form by the menu and comes back to it. What was filled in is still there, except what
// the form asks the browser not to keep.
func (w *walkthrough) leaveAndReturn() {
	w.t.Helper()
	w.inArea("navigation", "Main").press("link", "Roles")
	w.expectHeading("Roles")
	w.back()
	w.expectRestored(*w.current())
	w.fillEntries(slices.DeleteFunc(slices.Clone(w.current().entries), func(e entry) bool { return !e.notKept }))
}

// expectRestored waits for a page with what was filled in before it was left.
func (w *walkthrough) expectRestored(v visit) {
	w.t.Helper()
	w.expectPage(v.expectedPage)
	w.expectEntries(v.entries, v.ticked)
}

// expectBack waits for the page that Back shows after a step.
func (w *walkthrough) expectBack(s step) {
	w.t.Helper()
	previous := w.visits[len(w.visits)-2]
	switch {
	case previous.secretGone:
		w.expectHeading(previous.operationHeading)
	case previous.isResponse && !w.js:
		w.expectResendPrompt()
	case previous.isResponse:
		w.expectHeading(previous.formHeading)
	case s.goneHeading != "":
		w.waitUntil(func() (bool, string) {
			// The browser may have kept the page; otherwise its object is gone.
			found := w.count("heading", previous.heading) + w.count("heading", s.goneHeading)
			return found > 0, "for the page " + previous.heading + " or " + s.goneHeading
		})
	case s.isSearch:
		w.expectPage(previous.expectedPage) // without what was filled in: the page after it has that in its address
	default:
		w.expectRestored(previous)
	}
	w.expectSecretsHidden()
	w.expectWrites(s.writes)
}

// expectForward waits for the page that Forward shows after a step. If that is a response to a form, the browser asks
// before it sends the form again; sending it again is safe, since the console does the same operation once.
func (w *walkthrough) expectForward(s step) {
	w.t.Helper()
	if s.next.isResponse {
		w.expectResendPrompt()
		w.reload()
		w.expectAgain(s)
		return
	}
	w.expectPage(s.next)
	w.expectSecretsHidden()
	w.expectWrites(s.writes)
}

// expectResendPrompt waits until the browser asks whether to send a form again.
func (w *walkthrough) expectResendPrompt() {
	w.t.Helper()
	w.waitUntil(func() (bool, string) {
		location, err := chromedp.Run(w.tab, chromedp.Location())
		asked := err == nil && strings.HasPrefix(location, "chrome-error:")
		return asked, "for the browser to ask whether to send the form again"
	})
}

// expectArrivalOnce waits for the page that a double click leads to. Without JavaScript, the browser drops the response
// to the first click and shows that to the second: the operation, which may still be in progress.
func (w *walkthrough) expectArrivalOnce(s step) {
	w.t.Helper()
	if s.next.operationHeading == "" {
		w.expectPage(s.next)
		w.expectWrites(s.writes)
		return
	}
	w.expectEitherHeading(s.next.heading, s.next.operationHeading)
	if w.count("heading", s.next.heading) == 0 {
		w.waitUntil(func() (bool, string) {
			w.reload()
			w.expectHeading(s.next.operationHeading)
			return !strings.Contains(w.visibleText(), "In progress"), "for the operation to end"
		})
		w.current().secretGone = s.next.secretField != ""
		if !w.current().secretGone {
			clickOnce(w.testPage, s.next.nextControl)
			w.expectPage(s.next)
		}
	}
	w.expectWrites(s.writes)
}
