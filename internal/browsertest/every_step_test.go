package browsertest

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/internal/apptest"
)

// everyJob does every job in one way, with JavaScript and without.
func everyJob(t *testing.T, walk func(*walk)) {
	t.Helper()
	for name, j := range theJobs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bothWays(t, func(t *testing.T, js bool) {
				p := newPerson(t, apptest.NewSite(t, apptest.Options{}), js)
				j.begin(p)
				w := newWalk(p, j)
				walk(w)
				j.done(p)
			})
		})
	}
}

// walk is somebody on the way through a job.
type walk struct {
	*person
	job   job
	trail []visited // as the browser's history has it; the last one is open
	seen  []string  // secrets that were shown
}

// visited is a place as somebody left it.
type visited struct {
	place
	entered []entry
	ticked  map[string]bool
	over    bool // a secret was shown here and is not any more
}

func newWalk(p *person, j job) *walk {
	return &walk{person: p, job: j, trail: []visited{{place: j.from}}}
}

func (w *walk) here() *visited { return &w.trail[len(w.trail)-1] }

// fillIn does what comes before pressing.
func (w *walk) fillIn(s step) {
	w.t.Helper()
	w.put(s.enter)
	w.here().entered, w.here().ticked = s.enter, w.ticks(s.enter)
}

// onward is what leads on from the open page: where a secret was shown and is not any more, another way does.
func (w *walk) onward(s step) control {
	if w.here().over && w.here().then.name != "" {
		return w.here().then
	}
	return s.press
}

// goOn presses what leads on, once or as often as click does.
func (w *walk) goOn(s step, click func(p *person, c control)) {
	w.t.Helper()
	switch {
	case s.file != "":
		if file := w.downloaded(func() { click(w.person, s.press) }); !strings.Contains(file, s.file) {
			w.t.Errorf("the file holds %s", file)
		}
	case s.live && w.js:
	default:
		click(w.person, w.onward(s))
	}
	switch {
	case s.file != "":
	case s.live && w.js:
		*w.here() = visited{place: s.leads}
	default:
		w.trail = append(w.trail, visited{place: s.leads})
	}
}

// arrive waits for the page that a step leads to, and sees what it says on arriving.
func (w *walk) arrive(s step) {
	w.t.Helper()
	w.shows(s.leads)
	w.sees(s.leads.says...)
	if s.leads.once != "" {
		secret := w.secret(s.leads.hidden, s.leads.once)
		if len(secret) < 12 {
			w.t.Fatalf("the secret shown is %q", secret)
		}
		w.seen = append(w.seen, secret)
	}
	w.wrote(s.wrote)
}

// after looks at the open page once more, when it was loaded again or was come back to: it says what holds, keeps every
// secret, and nothing was sent again.
func (w *walk) after(s step) {
	w.t.Helper()
	if s.leads.once != "" {
		w.here().over = true
	}
	if w.here().over {
		w.at(s.leads.later)
	} else {
		w.shows(s.leads)
	}
	w.seesNot(s.leads.says...)
	w.keepsSecrets()
	w.wrote(s.wrote)
}

// keepsSecrets fails the walk if a secret that was shown before is anywhere on the page.
func (w *walk) keepsSecrets() {
	w.t.Helper()
	for _, secret := range w.seen {
		w.hides(secret)
	}
}

func once(p *person, c control) { p.within(c).press(c.role, c.name) }

func twice(p *person, c control) { p.within(c).pressTwice(c.role, c.name) }

// TestReloadEveryStep: whoever reloads a page, at whatever step, sees the truth, does nothing a second time and can
// go on.
func TestReloadEveryStep(t *testing.T) {
	t.Parallel()
	everyJob(t, func(w *walk) {
		for _, s := range w.job.steps {
			w.fillIn(s)
			w.goOn(s, once)
			w.arrive(s)
			w.reload()
			w.after(s)
		}
	})
}

// TestBackAtEveryStep: whoever goes back, at whatever step, finds the page before with what was put into it, and by
// going forward the one after. Nothing is done a second time, no secret is shown again, and the job goes on to its end.
func TestBackAtEveryStep(t *testing.T) {
	t.Parallel()
	everyJob(t, func(w *walk) {
		for _, s := range w.job.steps {
			w.fillIn(s)
			if s.enter != nil && !s.live {
				w.lookedAway()
			}
			w.goOn(s, once)
			w.arrive(s)
			w.back()
			w.before(s)
			w.forward()
			w.returned(s)
		}
	})
}

// TestDoubleClickAtEveryStep: whoever clicks twice on everything gets the same job done, once.
func TestDoubleClickAtEveryStep(t *testing.T) {
	t.Parallel()
	everyJob(t, func(w *walk) {
		for _, s := range w.job.steps {
			if s.slow != "" {
				slowly(w.site, s.slow)
			}
			w.fillIn(s)
			before := w.posts()
			w.goOn(s, twice)
			w.arriveOnce(s)
			if n := w.posts() - before; w.js && n > 1 {
				w.t.Errorf("%d forms were sent by %q", n, s.press.name)
			}
		}
	})
}

// lookedAway leaves a form half-way by the menu and comes back to it: nothing that was put into it is lost, but for
// what is to be typed anew.
func (w *walk) lookedAway() {
	w.t.Helper()
	w.in("navigation", "Main").press("link", "Roles")
	w.at("Roles")
	w.back()
	w.finds(*w.here())
	w.put(slices.DeleteFunc(slices.Clone(w.here().entered), func(e entry) bool { return !e.anew }))
}

// finds waits for a page that was left, with what was put into it.
func (w *walk) finds(v visited) {
	w.t.Helper()
	w.shows(v.place)
	w.kept(v.entered, v.ticked)
}

// before is what Back leads to from the page that a step has led to.
func (w *walk) before(s step) {
	w.t.Helper()
	was := w.trail[len(w.trail)-2]
	switch {
	case was.over:
		w.at(was.later)
	case was.answer && !w.js:
		w.asked()
	case was.answer:
		w.at(was.past) // the page that now has this address
	case s.gone != "":
		w.wait(func() (bool, string) {
			// A browser may have kept the page as it was. Otherwise there is nothing any more that it was about.
			return w.count("heading", was.at)+w.count("heading", s.gone) > 0, "for the page " + was.at + " or " + s.gone
		})
	case s.search:
		w.shows(was.place) // the form was sent, and what it asked for is on the page after this one
	default:
		w.finds(was)
	}
	w.keepsSecrets()
	w.wrote(s.wrote)
}

// returned is what Forward leads to. Where that is the answer to a form, the browser asks before it sends the form
// again: it may, since the same form does the same thing only once.
func (w *walk) returned(s step) {
	w.t.Helper()
	if s.leads.answer {
		w.asked()
		w.reload()
		w.after(s)
		return
	}
	w.shows(s.leads)
	w.keepsSecrets()
	w.wrote(s.wrote)
}

// asked waits for the browser to ask whether it is to send a form again.
func (w *walk) asked() {
	w.t.Helper()
	w.wait(func() (bool, string) {
		location, err := chromedp.Run(w.tab, chromedp.Location())
		return err == nil &&
			strings.HasPrefix(location, "chrome-error:"), "for the browser to ask whether to send the form again"
	})
}

// arriveOnce waits for where a double click leads. Without JavaScript, a browser drops the first answer for that to the
// second click, which is the operation; it may be under way still.
func (w *walk) arriveOnce(s step) {
	w.t.Helper()
	if s.leads.later == "" {
		w.shows(s.leads)
		w.wrote(s.wrote)
		return
	}
	w.atEither(s.leads.at, s.leads.later)
	if w.count("heading", s.leads.at) == 0 {
		w.wait(func() (bool, string) {
			w.reload()
			w.at(s.leads.later)
			return !strings.Contains(w.words(), "Under way"), "for the operation to be over"
		})
		w.here().over = s.leads.once != ""
		if !w.here().over {
			once(w.person, s.leads.then)
			w.shows(s.leads)
		}
	}
	w.wrote(s.wrote)
}
