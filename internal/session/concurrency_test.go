package session_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// concurrentRequests collects the results of the requests of several browsers.
type concurrentRequests struct {
	*site
	mutex       sync.Mutex
	left, shown []string        // messages
	ended       map[string]bool // cookie values of sessions that have certainly ended
}

// browser is one operator's session with an open form.
type browser struct {
	operator operator.Operator
	cookie   *http.Cookie
	token    string
}

// TestConcurrentRequests sends a thousand requests of ten operators with two browsers each in parallel: pages with
// and without messages, renewals, sign-outs and ended sessions. No session changes its operator, no ended session
// comes back, each message is shown at most once and to its own browser, and groups stay with their tokens.
func TestConcurrentRequests(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		var ticks atomic.Int64 // advances the clock, so that seen_at is updated
		w := &concurrentRequests{ended: map[string]bool{}, site: newSite(t, fresh, func(o *session.Options) {
			o.Now = func() time.Time { return noon.Add(time.Duration(ticks.Add(1)) * 100 * time.Millisecond) }
		})}
		var browsers []browser
		for i := range 20 {
			o := operator.Operator{Issuer: "https://idp.example", Subject: fmt.Sprintf("p%d", i/2), Method: operator.OIDC}
			cookie := w.signInAs(o, request())
			browsers = append(browsers, browser{o, cookie, w.store.FormToken(request(cookie))})
		}
		var group sync.WaitGroup
		start := make(chan struct{})
		for n := range 1000 {
			group.Go(func() {
				<-start
				w.request(n, browsers[n%len(browsers)])
			})
		}
		close(start)
		group.Wait()
		w.check(browsers)
	})
}

// request sends the nth request. The sessions of the browsers from 16 on are ended by some of the requests.
func (w *concurrentRequests) request(n int, b browser) {
	r, recorder := request(b.cookie), httptest.NewRecorder()
	o, err := w.store.Operator(r)
	if err != nil || (o.Authenticated() && o.ID() != b.operator.ID()) {
		w.t.Errorf("request %d has the operator %q: %v", n, o.Subject, err)
	}
	willEnd := n%20 >= 16
	switch step := n / 20 % 10; {
	case step < 4:
		if o.Authenticated() && !w.store.CheckFormToken(r, b.token) {
			w.t.Errorf("request %d: an open form is refused", n)
		}
		f, err := w.store.TakeFlash(r)
		if err != nil {
			w.t.Errorf("request %d: %v", n, err)
		}
		if f != nil {
			w.add(&w.shown, b.cookie.Value+f.Text)
		}
	case step < 6:
		text := fmt.Sprintf(" message %d", n)
		if err := w.store.SetFlash(r, session.Flash{Text: text}); err != nil {
			w.t.Errorf("request %d: %v", n, err)
		}
		w.add(&w.left, b.cookie.Value+text)
	case step < 8 || !willEnd:
		newer := b.operator
		newer.GroupsAt, newer.Groups = noon.Add(time.Duration(n)*time.Second), []string{fmt.Sprint(n)}
		if err := renew(w.store, r, newer, session.Tokens{AccessToken: fmt.Sprint(n)}); err != nil {
			w.t.Errorf("request %d: %v", n, err)
		}
	case step == 8:
		if err := w.store.SignOut(recorder, r); err != nil {
			w.t.Errorf("request %d: %v", n, err)
		}
		w.setEnded(b)
	default:
		if hash := w.store.Hash(r); hash != "" {
			if _, err := w.store.End(r.Context(), hash, b.operator.ID(), nil); err != nil {
				w.t.Errorf("request %d: %v", n, err)
			}
		}
		w.setEnded(b)
	}
	if w.isEnded(b) && w.currentSubject(b.cookie) != "" {
		w.t.Errorf("request %d: an ended session is back", n)
	}
}

// check compares the state after all requests.
func (w *concurrentRequests) check(browsers []browser) {
	for i, b := range browsers {
		r := request(b.cookie)
		o, _ := w.store.Operator(r)
		p, _ := w.store.Tokens(r)
		if i >= 16 {
			if o.Authenticated() || !w.isEnded(b) {
				w.t.Errorf("browser %d is still signed in", i)
			}
			continue
		}
		// Each browser has the newest groups, in whatever order they were written.
		last := fmt.Sprint(980 + i)
		if o.ID() != b.operator.ID() || !slices.Equal(o.Groups, []string{last}) || p.AccessToken != last {
			w.t.Errorf(
				"browser %d is %q with the groups %v and the tokens %q, want those of %s",
				i,
				o.Subject,
				o.Groups,
				p.AccessToken,
				last,
			)
		}
		if !w.store.CheckFormToken(r, b.token) {
			w.t.Errorf("browser %d: an open form is lost", i)
		}
		if text := w.takeFlashText(r); text != "" {
			w.shown = append(w.shown, b.cookie.Value+text)
		}
	}
	slices.Sort(w.shown)
	if before := len(w.shown); len(slices.Compact(slices.Clone(w.shown))) != before {
		w.t.Error("a message was shown twice")
	}
	for _, text := range w.shown {
		if !slices.Contains(w.left, text) {
			w.t.Errorf("the message %q was not shown", strings.TrimSpace(text))
		}
	}
	if all := w.list(""); len(all) != 16 || all[0].SeenAt.Equal(all[0].CreatedAt) {
		w.t.Errorf("%d sessions are listed, want 16 in use", len(all))
	}
	if got := w.count(); got != 16 {
		w.t.Errorf("%d rows, want 16", got)
	}
}

func (w *concurrentRequests) add(list *[]string, text string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	*list = append(*list, text)
}

func (w *concurrentRequests) setEnded(b browser) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.ended[b.cookie.Value] = true
}

func (w *concurrentRequests) isEnded(b browser) bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.ended[b.cookie.Value]
}
