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

// concurrentRequests is what a thousand requests of many browsers came to.
type concurrentRequests struct {
	*site
	mutex       sync.Mutex
	left, shown []string        // messages
	ended       map[string]bool // cookies' values, of sessions that were surely over
}

// browser is one person's session, with a form that is open in it.
type browser struct {
	operator operator.Operator
	cookie   *http.Cookie
	token    string
}

// TestConcurrentRequests lets ten people with two browsers each send a thousand requests at the same time: pages with
// and without messages, renewals, sign-outs and sessions that are ended. Whatever the order, nobody becomes another,
// nothing that was ended comes back, no message is shown twice or to somebody else, and groups stay with their proof.
func TestConcurrentRequests(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		var ticks atomic.Int64 // the clock goes on, so that use is noted meanwhile
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

// request makes the nth request. The browsers from 16 on are ended by some request or other.
func (w *concurrentRequests) request(n int, b browser) {
	r, recorder := request(b.cookie), httptest.NewRecorder()
	o, err := w.store.Operator(r)
	if err != nil || (o.Authenticated() && o.ID() != b.operator.ID()) {
		w.t.Errorf("request %d is %q's: %v", n, o.Subject, err)
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
		if err := w.store.Renew(recorder, r, newer, session.Tokens{AccessToken: fmt.Sprint(n)}); err != nil {
			w.t.Errorf("request %d: %v", n, err)
		}
	case step == 8:
		if err := w.store.SignOut(recorder, r); err != nil {
			w.t.Errorf("request %d: %v", n, err)
		}
		w.setEnded(b)
	default:
		if hash := w.store.Hash(r); hash != "" {
			if _, err := w.store.End(r.Context(), hash, b.operator.ID()); err != nil {
				w.t.Errorf("request %d: %v", n, err)
			}
		}
		w.setEnded(b)
	}
	if w.isEnded(b) && w.currentSubject(b.cookie) != "" {
		w.t.Errorf("request %d: an ended session is back", n)
	}
}

// check looks at what is left when all is quiet.
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
		// The last renewal of each browser is the one with the newest groups, whichever was written last.
		last := fmt.Sprint(980 + i)
		if o.ID() != b.operator.ID() || !slices.Equal(o.Groups, []string{last}) || p.AccessToken != last {
			w.t.Errorf(
				"browser %d is %q with the groups %v and the proof %q, want those of %s",
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
			w.t.Errorf("%q was left for nobody", strings.TrimSpace(text))
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
