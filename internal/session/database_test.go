package session_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/session"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

func TestDatabaseUnavailable(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie := s.signIn()
		under := request(cookie)
		s.store.Hash(under)
		check := s.store.ReadinessChecks()[0]
		if err := check.Run(t.Context()); err != nil {
			t.Errorf("not ready: %v", err)
		}
		_ = s.db.Close()
		if _, err := s.store.Operator(request(cookie)); err == nil {
			t.Error("a database that cannot be read is treated as no session")
		}
		if check.Run(t.Context()) == nil {
			t.Error("ready without a database")
		}
		w := httptest.NewRecorder()
		_, listed := s.store.Sessions(t.Context(), "")
		_, ended := s.store.End(t.Context(), "x", "", nil)
		for name, err := range map[string]error{
			"renewing":    renew(s.store, under, anna, tokens),
			"flashing":    s.store.SetFlash(under, session.Flash{}),
			"signing in":  s.store.SignIn(w, under, anna, tokens),
			"signing out": s.store.SignOut(w, under),
			"listing":     listed,
			"ending":      ended,
		} {
			if err == nil {
				t.Errorf("%s without a database returned no error", name)
			}
		}
		if len(w.Result().Cookies()) != 0 {
			t.Error("a failed change set or deleted a cookie")
		}
	})
}

// A full database can still be read. Sessions only expire earlier.
func TestDatabaseFull(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie := s.signIn()
		storetest.RefuseWrites(t, s.db, "UPDATE", "sessions")
		s.now = s.now.Add(20 * time.Minute)
		if o, err := s.store.Operator(request(cookie)); err != nil || o.Subject != "anna" {
			t.Errorf("a session cannot be read while writing fails: %q, %v", o.Subject, err)
		}
		s.now = s.now.Add(11 * time.Minute)
		if o, err := s.store.Operator(request(cookie)); err != nil || o.Authenticated() {
			t.Errorf("the idle limit does not apply: %q, %v", o.Subject, err)
		}
	})
}

// A sign-in that cannot be written changes nothing.
func TestFailedSignIn(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie := s.signIn()
		storetest.RefuseWrites(t, s.db, "INSERT", "sessions")
		w, r := httptest.NewRecorder(), request(cookie)
		if err := s.store.SignIn(w, r, boris, tokens); err == nil || len(w.Result().Cookies()) != 0 {
			t.Fatalf("signed in: %v", err)
		}
		if o, _ := s.store.Operator(r); o.ID() != anna.ID() || s.currentSubject(cookie) != "anna" {
			t.Errorf("the session belongs to %q", o.Subject)
		}
	})
}
