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
	"github.com/voxwarden/voxwarden/internal/storetest"
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
		if p, err := s.store.Proof(r); err != nil || p.RefreshToken != proof.RefreshToken ||
			!p.AccessExpires.Equal(proof.AccessExpires) {
			t.Errorf("the proof is not what was given: %v", err)
		}
		if got := s.who(); got != "" {
			t.Errorf("without a cookie: got %q", got)
		}
		if p, err := s.store.Proof(request()); err != nil || p.IDToken != "" || s.store.Hash(request()) != "" {
			t.Errorf("a proof or a hash without a session: %v", err)
		}
	})
}

func TestNobodyIsNotSignedIn(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		for _, o := range []operator.Operator{{}, {Issuer: "x"}, {Subject: "x"}} {
			if err := s.store.SignIn(httptest.NewRecorder(), request(), o, session.Proof{}); err == nil || s.count() != 0 {
				t.Errorf("%+v was signed in", o)
			}
		}
	})
}

// Fixation: who plants an id in a browser before its owner signs in holds nothing afterwards.
func TestAPlantedIDIsWorthNothing(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		mine := s.signInAs(boris, request())
		planted := &http.Cookie{Name: mine.Name, Value: mine.Value}
		hers := s.signIn(planted)
		if hers.Value == planted.Value {
			t.Fatal("the id is the same after signing in")
		}
		if s.who(planted) != "" || s.who(hers) != "anna" || s.count() != 1 {
			t.Error("the planted id still opens a session, or the new one does not")
		}
		made := &http.Cookie{Name: mine.Name, Value: strings.Repeat("A", len(mine.Value))}
		if got := s.signIn(made); got.Value == made.Value || s.who(made) != "" {
			t.Error("an id chosen outside was taken over")
		}
		again := s.signIn(hers)
		if again.Value == hers.Value || s.who(hers) != "" || s.who(again) != "anna" {
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
			if err := s.store.SignIn(w, r, o, session.Proof{}); err != nil {
				t.Fatal(err)
			}
		}
		set := sessionCookies(w)
		if len(set) != 1 || set[0].MaxAge != 36000 {
			t.Fatalf("the answer sets %+v", set)
		}
		if s.who(set[0]) != "b|oris" || s.count() != 1 {
			t.Errorf("got %q, and %d rows", s.who(set[0]), s.count())
		}
		if o, _ := s.store.Operator(r); o.ID() != boris.ID() {
			t.Errorf("the request itself is %q's", o.Subject)
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
			t.Errorf("the cookie is not taken back: %+v", set)
		}
		if o, _ := s.store.Operator(r); o.Authenticated() || s.store.Hash(r) != "" {
			t.Error("the request is still signed in after signing out")
		}
		if s.who(cookie) != "" || s.who(other) != "anna" || s.count() != 1 {
			t.Error("the session can be replayed, or another browser was signed out too")
		}
	})
}

// Who closes the tab right after pressing the button is signed out all the same.
func TestSignOutOutlivesTheConnection(t *testing.T) {
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
		if err := s.store.SignOut(httptest.NewRecorder(), r); err != nil || s.who(cookie) != "" {
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
				_, err := s.store.End(s.t.Context(), s.store.Hash(request(c)), "")
				return err
			},
			"ended with others": func(s *site, _ *http.Cookie) error {
				_, err := s.store.EndOthers(s.t.Context(), anna.ID(), "")
				return err
			},
			"signed in anew": func(s *site, c *http.Cookie) error {
				return s.store.SignIn(httptest.NewRecorder(), request(c), boris, session.Proof{})
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
				if err := s.store.SetFlash(httptest.NewRecorder(), slow, session.Flash{Text: "late"}); err != nil {
					t.Fatal(err)
				}
				newer := anna
				newer.GroupsAt = noon.Add(time.Minute)
				if err := s.store.Renew(httptest.NewRecorder(), slow, newer, proof); err != nil {
					t.Fatal(err)
				}
				if s.who(cookie) != "" || s.count() != left {
					t.Error("a request that was still under way brought the session back")
				}
				if o, _ := s.store.Operator(slow); o.Authenticated() || s.store.Hash(slow) != "" {
					t.Error("the request does not learn that its session was ended")
				}
			})
		}
	})
}

func TestTwoBrowsers(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		office, home := s.signIn(), s.signIn()
		if office.Value == home.Value || s.count() != 2 {
			t.Fatal("two browsers share a session")
		}
		s.flash(office, "for the office")
		if got := s.take(request(home)); got != "" {
			t.Errorf("the other browser shows %q", got)
		}
		if s.store.CheckToken(request(home), s.store.Token(request(office))) {
			t.Error("the form token of one browser is good in the other")
		}
		again := s.signIn(office)
		if s.who(home) != "anna" || s.who(again) != "anna" || s.who(office) != "" {
			t.Error("signing in again in one browser touches the other")
		}
	})
}
