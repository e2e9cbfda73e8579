package session_test

import (
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/session"
	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

func TestIdleLimit(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie := s.signIn()
		s.now = s.now.Add(30*time.Minute - time.Millisecond)
		if s.currentSubject(cookie) != "anna" {
			t.Fatal("expired before the idle limit")
		}
		s.now = s.now.Add(30*time.Minute - time.Millisecond)
		if s.currentSubject(cookie) != "anna" {
			t.Fatal("use does not extend the idle limit")
		}
		s.now = s.now.Add(30 * time.Minute)
		r := request(cookie)
		if o, err := s.store.Operator(r); err != nil || o.Authenticated() {
			t.Errorf("not expired at the idle limit: %v", err)
		}
		if err := s.store.SetFlash(r, session.Flash{Text: "late"}); err != nil {
			t.Fatal(err)
		}
		if s.store.Hash(r) != "" || s.store.FormToken(r) != "" || s.takeFlashText(request(cookie)) != "" {
			t.Error("an expired session still has values")
		}
	})
}

func TestAbsoluteLimit(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie := s.signIn()
		end := s.now.Add(10 * time.Hour)
		for s.now.Add(20 * time.Minute).Before(end) {
			s.now = s.now.Add(20 * time.Minute)
			newer, p := annaWithGroups(s.now.Sub(noon))
			if err := renew(s.store, request(cookie), newer, p); err != nil {
				t.Fatal(err)
			}
		}
		s.now = end.Add(-time.Millisecond)
		if s.currentSubject(cookie) != "anna" {
			t.Fatal("expired before the absolute limit")
		}
		s.now = end
		if s.currentSubject(cookie) != "" {
			t.Error("use and renewal extend the absolute limit")
		}
	})
}

// TestIdleLimitIsPrecise uses a session every five seconds, or more often, and then lets it expire. It ends up to a
// minute early, never late, and never while it is used.
func TestIdleLimitIsPrecise(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		for _, idle := range []time.Duration{
			time.Second, 5 * time.Second, 45 * time.Second, 2 * time.Minute, 30 * time.Minute, 8 * time.Hour,
		} {
			t.Run(idle.String(), func(t *testing.T) {
				t.Parallel()
				s := newSite(t, fresh, func(o *session.Options) { o.Idle = idle })
				cookie := s.signIn()
				step := min(5*time.Second, idle/3)
				for range 25 {
					s.now = s.now.Add(step)
					if s.currentSubject(cookie) != "anna" {
						t.Fatalf("the session ended while it was used every %v", step)
					}
				}
				lastUsed := s.now
				early := min(time.Minute, idle/2)
				for _, at := range []struct {
					after time.Duration
					valid bool
				}{{idle - early, true}, {idle, false}} {
					s.now = lastUsed.Add(at.after)
					list, err := s.store.Sessions(t.Context(), "") // a request would use the session
					if err != nil || len(list) == 1 != at.valid {
						t.Errorf("%v after its last use: %d sessions, %v", at.after, len(list), err)
					}
				}
			})
		}
	})
}

// TestLastUseIsWrittenOnceAMinute counts the attempts to write when a session was last used: by requests at the same
// time, by one after the other, and while writing fails.
func TestLastUseIsWrittenOnceAMinute(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		var trips *storetest.RoundTrips
		s := newSite(t, func(t testing.TB) string {
			url := fresh(t)
			if !store.IsPostgres(url) {
				return url
			}
			proxy := storetest.NewProxy(t, url)
			trips = storetest.RecordPostgres(proxy)
			return proxy.Address
		})
		if trips == nil {
			trips = storetest.RecordSQLite(s.db)
		}
		writes := func() (n int) {
			for _, statement := range trips.Take() {
				if strings.HasPrefix(statement, "UPDATE") {
					n++
				}
			}
			return n
		}
		cookie := s.signIn()
		writes()
		use := func() {
			var group sync.WaitGroup
			for range 20 {
				group.Go(func() { s.currentSubject(cookie) })
			}
			group.Wait()
		}
		use()
		if n := writes(); n != 0 {
			t.Errorf("%d writes by requests just after the sign-in", n)
		}
		s.now = s.now.Add(time.Minute)
		use()
		if n := writes(); n != 1 {
			t.Errorf("%d writes by 20 requests at the same time, want 1", n)
		}
		for range 180 {
			s.now = s.now.Add(time.Second)
			s.currentSubject(cookie)
		}
		if n := writes(); n != 3 {
			t.Errorf("%d writes in 3 minutes, want 3", n)
		}
		storetest.RefuseWrites(t, s.db, "UPDATE", "sessions")
		for range 180 {
			s.now = s.now.Add(time.Second)
			s.currentSubject(cookie)
		}
		if n := writes(); n != 3 {
			t.Errorf("%d attempts in 3 minutes while writing fails, want 3", n)
		}
	})
}

func TestTableSizeIsBounded(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		t.Run("rows are deleted at the absolute limit", func(t *testing.T) {
			t.Parallel()
			s := newSite(t, fresh)
			s.signIn()
			s.now = s.now.Add(10*time.Hour - time.Millisecond)
			s.signInAs(boris, request())
			if got := s.count(); got != 2 {
				t.Errorf("%d rows, want 2", got)
			}
			s.now = s.now.Add(time.Millisecond)
			s.signInAs(boris, request())
			if got := s.count(); got != 2 {
				t.Errorf("%d rows, want the two of boris", got)
			}
		})
		t.Run("an operator has at most fifty sessions", func(t *testing.T) {
			t.Parallel()
			s := newSite(t, fresh)
			other := s.signInAs(boris, request())
			first, second := s.signIn(), s.signIn()
			s.now = s.now.Add(2 * time.Minute)
			if s.currentSubject(first) != "anna" {
				t.Fatal("the first session is missing")
			}
			for range 48 {
				s.signIn()
			}
			if s.count() != 51 || s.currentSubject(second) != "anna" {
				t.Fatal("a session was deleted although there are only fifty")
			}
			s.exec(`UPDATE sessions SET seen_at = created_at WHERE hash = $1`, s.store.Hash(request(second)))
			newest := s.signIn()
			if got := s.count(); got != 51 {
				t.Errorf("%d rows, want 50 of anna and one of boris", got)
			}
			if s.currentSubject(second) != "" {
				t.Error("the least recently used session is still there")
			}
			if s.currentSubject(first) != "anna" || s.currentSubject(newest) != "anna" || s.currentSubject(other) != "b|oris" {
				t.Error("a session in use, the new one or one of another operator was deleted")
			}
		})
		t.Run("new sessions do not push out one in use", func(t *testing.T) {
			t.Parallel()
			s := newSite(t, fresh)
			working, left := s.signIn(), s.signIn()
			s.now = s.now.Add(2 * time.Minute)
			s.currentSubject(working)
			s.currentSubject(left)
			s.now = s.now.Add(25 * time.Minute)
			s.currentSubject(working)
			s.now = s.now.Add(10 * time.Minute)
			for range 60 {
				s.signIn()
			}
			if s.currentSubject(working) != "anna" || s.currentSubject(left) != "" || s.count() != 50 {
				t.Errorf(
					"the one in use is %q's, the one that is over %q's, of %d",
					s.currentSubject(working),
					s.currentSubject(left),
					s.count(),
				)
			}
		})
		t.Run("requests without a sign-in insert nothing", func(t *testing.T) {
			t.Parallel()
			s := newSite(t, fresh)
			r := request()
			visitor, err := s.store.Get(r, "__Host-voxwarden")
			if err != nil {
				t.Fatal(err)
			}
			visitor.Values["operator"] = `{"Issuer":"x","Subject":"x"}`
			if err := visitor.Save(r, httptest.NewRecorder()); err != nil || s.count() != 0 {
				t.Errorf("%d rows, %v", s.count(), err)
			}
		})
	})
}
