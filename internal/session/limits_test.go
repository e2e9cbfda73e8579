package session_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/session"
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

// seen_at is updated once in a thirtieth of the idle limit, so that most requests only read.
func TestLastSeenUpdatesAreThrottled(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie := s.signIn()
		s.exec(`CREATE TABLE notes (at BIGINT)`)
		storetest.RunAfterWrite(t, s.db, "UPDATE", "sessions", `INSERT INTO notes VALUES (NEW.seen_at)`)
		for range 180 {
			s.now = s.now.Add(time.Second)
			s.currentSubject(cookie)
		}
		var notes int
		if err := s.db.SQL().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM notes`).Scan(&notes); err != nil ||
			notes != 3 {
			t.Errorf("180 requests in 3 minutes caused %d updates, %v", notes, err)
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
