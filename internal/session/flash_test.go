package session_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/session"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

func TestFlash(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie := s.signIn()
		want := session.Flash{Tone: "done", Text: "Subuser anna was created.", LinkText: "Operation", LinkHref: "/audit/X"}
		if err := s.store.SetFlash(request(cookie), want); err != nil {
			t.Fatal(err)
		}
		got, err := s.store.TakeFlash(request(cookie))
		if err != nil || got == nil || *got != want {
			t.Errorf("got %+v, %v", got, err)
		}
		if again := s.takeFlashText(request(cookie)); again != "" {
			t.Errorf("the message is shown twice: %q", again)
		}
		if err := s.store.SetFlash(request(), want); err != nil || s.count() != 1 {
			t.Errorf("a message without a session inserted a row: %v", err)
		}
		r := request(cookie)
		if err := s.store.SetFlash(r, want); err != nil {
			t.Fatal(err)
		}
		if s.takeFlashText(r) != want.Text || s.takeFlashText(r) != "" || s.takeFlashText(request(cookie)) != "" {
			t.Error("a message that the same request stored is not taken exactly once")
		}
	})
}

func TestFlashAndRenewalDoNotOverwriteEachOther(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		newer, p := annaWithGroups(time.Minute, "leavers")
		// Both read the session before either writes.
		begin := func(t *testing.T) (s *site, flashing, renewing func()) {
			s = newSite(t, fresh)
			cookie := s.signIn()
			s.flash(cookie, "first")
			one, two := request(cookie), request(cookie)
			for _, hash := range []string{s.store.Hash(one), s.store.Hash(two)} {
				if hash == "" {
					t.Fatal("no session")
				}
			}
			flashing = func() {
				if got := s.takeFlashText(one); got != "first" {
					t.Errorf("TakeFlash returned %q", got)
				}
				if err := s.store.SetFlash(one, session.Flash{Text: "second"}); err != nil {
					t.Error(err)
				}
			}
			renewing = func() {
				if err := renew(s.store, two, newer, p); err != nil {
					t.Error(err)
				}
			}
			t.Cleanup(func() {
				o, _ := s.store.Operator(request(cookie))
				kept, _ := s.store.Tokens(request(cookie))
				if len(o.Groups) != 1 || o.Groups[0] != "leavers" || kept.AccessToken != p.AccessToken {
					t.Errorf("the renewal is lost: %v", o.Groups)
				}
				if got := s.takeFlashText(request(cookie)); got != "second" {
					t.Errorf("the message is %q, want the second", got)
				}
			})
			return s, flashing, renewing
		}
		t.Run("message first", func(t *testing.T) {
			t.Parallel()
			_, flashing, renewing := begin(t)
			flashing()
			renewing()
		})
		t.Run("renewal first", func(t *testing.T) {
			t.Parallel()
			_, flashing, renewing := begin(t)
			renewing()
			flashing()
		})
	})
}

func TestFlashIsShownOnce(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie := s.signIn()
		s.flash(cookie, "once")
		var shown atomic.Int32
		var group sync.WaitGroup
		for range 8 {
			r := request(cookie)
			s.store.Hash(r) // reads the session
			group.Go(func() {
				if f, err := s.store.TakeFlash(r); err != nil {
					t.Error(err)
				} else if f != nil {
					shown.Add(1)
				}
			})
		}
		group.Wait()
		if shown.Load() != 1 {
			t.Errorf("shown %d times", shown.Load())
		}
	})
}

// A slow request that has read an older message must not delete the newer one.
func TestNewerFlashIsKept(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie := s.signIn()
		s.flash(cookie, "older")
		slow := request(cookie)
		s.store.Hash(slow)
		s.flash(cookie, "newer")
		if got := s.takeFlashText(slow); got != "" {
			t.Errorf("the slow request shows %q", got)
		}
		if got := s.takeFlashText(request(cookie)); got != "newer" {
			t.Errorf("the next page shows %q", got)
		}
	})
}
