package session_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie := s.signIn()
		r := request(cookie)
		if o, err := s.store.Operator(r); err != nil || !reflect.DeepEqual(o, anna) {
			t.Errorf("got %+v, %v", o, err)
		}
		if p, err := s.store.Tokens(r); err != nil || p.RefreshToken != tokens.RefreshToken ||
			!p.AccessExpires.Equal(tokens.AccessExpires) {
			t.Errorf("the tokens are not those of the sign-in: %v", err)
		}
		if got := s.currentSubject(); got != "" {
			t.Errorf("without a cookie: got %q", got)
		}
		if p, err := s.store.Tokens(request()); err != nil || p.IDToken != "" || s.store.Hash(request()) != "" {
			t.Errorf("there are tokens or a hash without a session: %v", err)
		}
	})
}

func TestSignInRequiresIssuerAndSubject(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		for _, o := range []operator.Operator{{}, {Issuer: "x"}, {Subject: "x"}} {
			if err := s.store.SignIn(httptest.NewRecorder(), request(), o, session.Tokens{}); err == nil || s.count() != 0 {
				t.Errorf("%+v was signed in", o)
			}
		}
	})
}

// An id that was planted in the browser before the sign-in opens no session afterwards.
func TestSessionFixation(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		attacker := s.signInAs(boris, request())
		planted := &http.Cookie{Name: attacker.Name, Value: attacker.Value}
		victim := s.signIn(planted)
		if victim.Value == planted.Value {
			t.Fatal("signing in keeps the id")
		}
		if s.currentSubject(planted) != "" || s.currentSubject(victim) != "anna" || s.count() != 1 {
			t.Error("the planted id still opens a session, or the new one does not")
		}
		chosen := &http.Cookie{Name: attacker.Name, Value: strings.Repeat("A", len(attacker.Value))}
		if got := s.signIn(chosen); got.Value == chosen.Value || s.currentSubject(chosen) != "" {
			t.Error("SignIn uses an id of the request")
		}
		again := s.signIn(victim)
		if again.Value == victim.Value || s.currentSubject(victim) != "" || s.currentSubject(again) != "anna" {
			t.Error("signing in again keeps the id")
		}
	})
}

func TestSignInWithinOneRequest(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		old := s.signIn()
		w, r := httptest.NewRecorder(), request(old)
		if err := s.store.SignOut(w, r); err != nil {
			t.Fatal(err)
		}
		for _, o := range []operator.Operator{anna, boris} {
			if err := s.store.SignIn(w, r, o, session.Tokens{}); err != nil {
				t.Fatal(err)
			}
		}
		set := sessionCookies(w)
		if len(set) != 1 || set[0].MaxAge != 36000 {
			t.Fatalf("the response sets %+v", set)
		}
		if s.currentSubject(set[0]) != "b|oris" || s.count() != 1 {
			t.Errorf("got %q, and %d rows", s.currentSubject(set[0]), s.count())
		}
		if o, _ := s.store.Operator(r); o.ID() != boris.ID() {
			t.Errorf("the request has the operator %q", o.Subject)
		}
	})
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie, other := s.signIn(), s.signIn()
		w, r := httptest.NewRecorder(), request(cookie)
		if err := s.store.SignOut(w, r); err != nil {
			t.Fatal(err)
		}
		if set := sessionCookies(w); len(set) != 1 || set[0].MaxAge >= 0 || set[0].Name != cookie.Name ||
			set[0].Path != cookie.Path ||
			!set[0].Secure {
			t.Errorf("the cookie is not deleted: %+v", set)
		}
		if o, _ := s.store.Operator(r); o.Authenticated() || s.store.Hash(r) != "" {
			t.Error("the request is still signed in after signing out")
		}
		if s.currentSubject(cookie) != "" || s.currentSubject(other) != "anna" || s.count() != 1 {
			t.Error("the cookie still opens the session, or another browser was signed out too")
		}
	})
}

func TestSignOutSurvivesDisconnect(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie := s.signIn()
		ctx, cancel := context.WithCancel(t.Context())
		r := request(cookie).WithContext(ctx)
		if _, err := s.store.Operator(r); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := s.store.SignOut(httptest.NewRecorder(), r); err != nil || s.currentSubject(cookie) != "" {
			t.Errorf("still signed in: %v", err)
		}
	})
}

func TestEndedSessionStaysEnded(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		for name, end := range map[string]func(*site, *http.Cookie) error{
			"signed out": func(s *site, c *http.Cookie) error { return s.store.SignOut(httptest.NewRecorder(), request(c)) },
			"ended": func(s *site, c *http.Cookie) error {
				_, err := s.store.End(s.t.Context(), s.store.Hash(request(c)), "", nil)
				return err
			},
			"ended with others": func(s *site, _ *http.Cookie) error {
				_, err := s.store.EndOtherSessions(s.t.Context(), anna.ID(), "", nil)
				return err
			},
			"signed in again": func(s *site, c *http.Cookie) error {
				return s.store.SignIn(httptest.NewRecorder(), request(c), boris, session.Tokens{})
			},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newSite(t, fresh)
				cookie := s.signIn()
				slow := request(cookie)
				if _, err := s.store.Operator(slow); err != nil {
					t.Fatal(err)
				}
				if err := end(s, cookie); err != nil {
					t.Fatal(err)
				}
				left := s.count()
				if err := s.store.SetFlash(slow, session.Flash{Text: "late"}); err != nil {
					t.Fatal(err)
				}
				newer := anna
				newer.GroupsAt = noon.Add(time.Minute)
				if err := renew(s.store, slow, newer, tokens); err != nil {
					t.Fatal(err)
				}
				if s.currentSubject(cookie) != "" || s.count() != left {
					t.Error("a request that was in progress restored the session")
				}
				if o, _ := s.store.Operator(slow); o.Authenticated() || s.store.Hash(slow) != "" {
					t.Error("the request still has its session")
				}
			})
		}
	})
}

func TestBrowsersHaveSeparateSessions(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		office, home := s.signIn(), s.signIn()
		if office.Value == home.Value || s.count() != 2 {
			t.Fatal("two browsers share a session")
		}
		s.flash(office, "for the office")
		if got := s.takeFlashText(request(home)); got != "" {
			t.Errorf("the other browser shows %q", got)
		}
		if s.store.CheckFormToken(request(home), s.store.FormToken(request(office))) {
			t.Error("the form token of one browser is accepted in the other")
		}
		again := s.signIn(office)
		if s.currentSubject(home) != "anna" || s.currentSubject(again) != "anna" || s.currentSubject(office) != "" {
			t.Error("signing in again in one browser changes the other session")
		}
	})
}
