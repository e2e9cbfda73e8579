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
	"github.com/voxwarden/voxwarden/internal/storetest"
)

// together is what a thousand requests of many browsers came to.
type together struct {
	*site
	mutex       sync.Mutex
	left, shown []string        // messages
	ended       map[string]bool // cookies' values, of sessions that were surely over
}

// browser is one person's session, with a form that is open in it.
type browser struct {
	person operator.Operator
	cookie *http.Cookie
	token  string
}

// TestAThousandAtOnce lets ten people with two browsers each send a thousand requests at the same time: pages with
// and without messages, renewals, sign-outs and sessions that are ended. Whatever the order, nobody becomes another,
// nothing that was ended comes back, no message is shown twice or to somebody else, and groups stay with their proof.
func TestAThousandAtOnce(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		var ticks atomic.Int64 // the clock goes on, so that use is noted meanwhile
		w := &together{ended: map[string]bool{}, site: newSite(t, fresh, func(o *session.Options) {
			o.Now = func() time.Time { return noon.Add(time.Duration(ticks.Add(1)) * 100 * time.Millisecond) }
		})}
		var browsers []browser
		for i := range 20 {
			o := operator.Operator{Issuer: "https://idp.example", Subject: fmt.Sprintf("p%d", i/2), Method: operator.OIDC}
			cookie := w.signInAs(o, request())
			browsers = append(browsers, browser{o, cookie, w.store.Token(request(cookie))})
		}
		var group sync.WaitGroup
		start := make(chan struct{})
		for n := range 1000 {
			group.Go(func() {
				<-start
				w.ask(n, browsers[n%len(browsers)])
			})
		}
		close(start)
		group.Wait()
		w.check(browsers)
	})
}

// ask makes the nth request. The browsers from 16 on are ended by some request or other.
func (w *together) ask(n int, b browser) {
	r, answer := request(b.cookie), httptest.NewRecorder()
	o, err := w.store.Operator(r)
	if err != nil || (o.Authenticated() && o.ID() != b.person.ID()) {
		w.t.Errorf("request %d is %q's: %v", n, o.Subject, err)
	}
	mortal := n%20 >= 16
	switch step := n / 20 % 10; {
	case step < 4:
		if o.Authenticated() && !w.store.CheckToken(r, b.token) {
			w.t.Errorf("request %d: an open form is refused", n)
		}
		f, err := w.store.TakeFlash(answer, r)
		if err != nil {
			w.t.Errorf("request %d: %v", n, err)
		}
		if f != nil {
			w.note(&w.shown, b.cookie.Value+f.Text)
		}
	case step < 6:
		text := fmt.Sprintf(" message %d", n)
		if err := w.store.SetFlash(answer, r, session.Flash{Text: text}); err != nil {
			w.t.Errorf("request %d: %v", n, err)
		}
		w.note(&w.left, b.cookie.Value+text)
	case step < 8 || !mortal:
		newer := b.person
		newer.GroupsAt, newer.Groups = noon.Add(time.Duration(n)*time.Second), []string{fmt.Sprint(n)}
		if err := w.store.Renew(answer, r, newer, session.Proof{AccessToken: fmt.Sprint(n)}); err != nil {
			w.t.Errorf("request %d: %v", n, err)
		}
	case step == 8:
		if err := w.store.SignOut(answer, r); err != nil {
			w.t.Errorf("request %d: %v", n, err)
		}
		w.over(b)
	default:
		if hash := w.store.Hash(r); hash != "" {
			if _, err := w.store.End(r.Context(), hash, b.person.ID()); err != nil {
				w.t.Errorf("request %d: %v", n, err)
			}
		}
		w.over(b)
	}
	if w.isOver(b) && w.who(b.cookie) != "" {
		w.t.Errorf("request %d: an ended session is back", n)
	}
}

// check looks at what is left when all is quiet.
func (w *together) check(browsers []browser) {
	for i, b := range browsers {
		r := request(b.cookie)
		o, _ := w.store.Operator(r)
		p, _ := w.store.Proof(r)
		if i >= 16 {
			if o.Authenticated() || !w.isOver(b) {
				w.t.Errorf("browser %d is still signed in", i)
			}
			continue
		}
		// The last renewal of each browser is the one with the newest groups, whichever was written last.
		last := fmt.Sprint(980 + i)
		if o.ID() != b.person.ID() || !slices.Equal(o.Groups, []string{last}) || p.AccessToken != last {
			w.t.Errorf(
				"browser %d is %q with the groups %v and the proof %q, want those of %s",
				i,
				o.Subject,
				o.Groups,
				p.AccessToken,
				last,
			)
		}
		if !w.store.CheckToken(r, b.token) {
			w.t.Errorf("browser %d: an open form is lost", i)
		}
		if text := w.take(r); text != "" {
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

func (w *together) note(list *[]string, text string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	*list = append(*list, text)
}

func (w *together) over(b browser) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.ended[b.cookie.Value] = true
}

func (w *together) isOver(b browser) bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.ended[b.cookie.Value]
}
