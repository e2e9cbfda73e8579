package browser

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// forEachScenario does every job in one way, with JavaScript and without.
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

// walkthrough is somebody on the way through a job.
type walkthrough struct {
	*testPage
	scenario scenario
	visits   []visit  // as the browser's history has it; the last one is open
	secrets  []string // secrets that were shown
}

// visit is a place as somebody left it.
type visit struct {
	expectedPage
	entries    []entry
	ticked     map[string]bool
	secretGone bool // a secret was shown here and is not any more
}

func newWalkthrough(p *testPage, j scenario) *walkthrough {
	return &walkthrough{testPage: p, scenario: j, visits: []visit{{expectedPage: j.firstPage}}}
}

func (w *walkthrough) current() *visit { return &w.visits[len(w.visits)-1] }

// fillIn does what comes before pressing.
func (w *walkthrough) fillIn(s step) {
	w.t.Helper()
	w.fillEntries(s.entries)
	w.current().entries, w.current().ticked = s.entries, w.tickedBoxes(s.entries)
}

// controlFor is what leads on from the open page: where a secret was shown and is not any more, another way does.
func (w *walkthrough) controlFor(s step) control {
	if w.current().secretGone && w.current().nextControl.name != "" {
		return w.current().nextControl
	}
	return s.press
}

// proceed presses what leads on, once or as often as click does.
func (w *walkthrough) proceed(s step, click func(p *testPage, c control)) {
	w.t.Helper()
	switch {
	case s.fileContains != "":
		if file := w.savedFile(func() { click(w.testPage, s.press) }); !strings.Contains(file, s.fileContains) {
			w.t.Errorf("the file holds %s", file)
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

// expectArrival waits for the page that a step leads to, and sees what it says on arriving.
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

// expectAgain looks at the open page once more, when it was loaded again or was come back to: it says what holds,
// keeps every secret, and nothing was sent again.
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

// expectSecretsHidden fails the walk if a secret that was shown before is anywhere on the page.
func (w *walkthrough) expectSecretsHidden() {
	w.t.Helper()
	for _, secret := range w.secrets {
		w.expectNotInPage(secret)
	}
}

func clickOnce(p *testPage, c control) { p.inAreaOf(c).press(c.role, c.name) }

func clickTwice(p *testPage, c control) { p.inAreaOf(c).pressTwice(c.role, c.name) }

// TestReloadEveryStep: whoever reloads a page, at whatever step, sees the truth, does nothing a second time and can
// go on.
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

// TestBackAtEveryStep: whoever goes back, at whatever step, finds the page before with what was put into it, and by
// going forward the one after. Nothing is done a second time, no secret is shown again, and the job goes on to its end.
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

// TestDoubleClickAtEveryStep: whoever clicks twice on everything gets the same job done, once.
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
				w.t.Errorf("%d forms were sent by %q", n, s.press.name)
			}
		}
	})
}

// leaveAndReturn leaves a form half-way by the menu and comes back to it: nothing that was put into it is lost, but for
// what is to be typed anew.
func (w *walkthrough) leaveAndReturn() {
	w.t.Helper()
	w.inArea("navigation", "Main").press("link", "Roles")
	w.expectHeading("Roles")
	w.back()
	w.expectRestored(*w.current())
	w.fillEntries(slices.DeleteFunc(slices.Clone(w.current().entries), func(e entry) bool { return !e.notKept }))
}

// expectRestored waits for a page that was left, with what was put into it.
func (w *walkthrough) expectRestored(v visit) {
	w.t.Helper()
	w.expectPage(v.expectedPage)
	w.expectEntries(v.entries, v.ticked)
}

// expectBack is what Back leads to from the page that a step has led to.
func (w *walkthrough) expectBack(s step) {
	w.t.Helper()
	previous := w.visits[len(w.visits)-2]
	switch {
	case previous.secretGone:
		w.expectHeading(previous.operationHeading)
	case previous.isResponse && !w.js:
		w.expectResendPrompt()
	case previous.isResponse:
		w.expectHeading(previous.formHeading) // the page that now has this address
	case s.goneHeading != "":
		w.waitUntil(func() (bool, string) {
			// A browser may have kept the page as it was. Otherwise there is nothing any more that it was about.
			return w.count(
				"heading",
				previous.heading,
			)+w.count("heading", s.goneHeading) > 0, "for the page " + previous.heading + " or " + s.goneHeading
		})
	case s.isSearch:
		w.expectPage(previous.expectedPage) // the form was sent, and what it asked for is on the page after this one
	default:
		w.expectRestored(previous)
	}
	w.expectSecretsHidden()
	w.expectWrites(s.writes)
}

// expectForward is what Forward leads to. Where that is the answer to a form, the browser asks before it sends the form
// again: it may, since the same form does the same thing only once.
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

// expectResendPrompt waits for the browser to ask whether it is to send a form again.
func (w *walkthrough) expectResendPrompt() {
	w.t.Helper()
	w.waitUntil(func() (bool, string) {
		location, err := chromedp.Run(w.tab, chromedp.Location())
		return err == nil &&
			strings.HasPrefix(location, "chrome-error:"), "for the browser to ask whether to send the form again"
	})
}

// expectArrivalOnce waits for where a double click leads. Without JavaScript, a browser drops the first answer for
// that to the second click, which is the operation; it may be under way still.
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
			return !strings.Contains(w.visibleText(), "Under way"), "for the operation to be over"
		})
		w.current().secretGone = s.next.secretField != ""
		if !w.current().secretGone {
			clickOnce(w.testPage, s.next.nextControl)
			w.expectPage(s.next)
		}
	}
	w.expectWrites(s.writes)
}
