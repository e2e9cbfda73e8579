package session_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/session"
	"github.com/voxwarden/voxwarden/internal/storetest"
)

// sessionCookies are the cookies of an answer that carry a session.
func sessionCookies(w *httptest.ResponseRecorder) []*http.Cookie {
	return slices.DeleteFunc(w.Result().Cookies(), func(c *http.Cookie) bool { return strings.HasSuffix(c.Name, "_form") })
}

// signOut ends a session and answers the keepsake that it leaves.
func (s *site) signOut(cookie *http.Cookie) *http.Cookie {
	s.t.Helper()
	w := httptest.NewRecorder()
	if err := s.store.SignOut(w, request(cookie)); err != nil {
		s.t.Fatal(err)
	}
	for _, c := range w.Result().Cookies() {
		if strings.HasSuffix(c.Name, "_form") {
			return c
		}
	}
	s.t.Fatal("nothing is left of the form token")
	return nil
}

// Whoever was signed out in another tab signs in again, and the form that was open all the while can be sent.
func TestAFormOutlivesSigningOut(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie := s.signIn()
		open := s.store.Token(request(cookie))
		left := s.signOut(cookie)
		if !left.HttpOnly || !left.Secure || left.SameSite != http.SameSiteLaxMode || left.Path != cookie.Path ||
			left.MaxAge != cookie.MaxAge ||
			!strings.HasPrefix(left.Name, cookie.Name) {
			t.Errorf("the keepsake is kept as %+v", left)
		}
		if s.who(&http.Cookie{Name: cookie.Name, Value: left.Value}) != "" || s.count() != 0 {
			t.Error("the keepsake opens a session")
		}
		if s.store.Token(request(left)) != "" {
			t.Error("a token without a session")
		}
		if c := s.signInAs(boris, request(left)); s.store.CheckToken(request(c), open) {
			t.Error("the next person at this browser has the token")
		}
		w, r := httptest.NewRecorder(), request(left)
		if err := s.store.SignIn(w, r, anna, session.Proof{}); err != nil {
			t.Fatal(err)
		}
		if !s.store.CheckToken(request(sessionCookies(w)[0]), open) {
			t.Error("the form is lost")
		}
		if taken := w.Result().Cookies(); !slices.ContainsFunc(
			taken,
			func(c *http.Cookie) bool { return c.Name == left.Name && c.MaxAge < 0 },
		) {
			t.Errorf("the keepsake stays: %+v", taken)
		}
		for name, value := range map[string]string{
			"another text":   "x",
			"empty":          "",
			"changed":        left.Value[:len(left.Value)-2] + "AA",
			"a session's id": cookie.Value,
		} {
			if c := s.signIn(&http.Cookie{Name: left.Name, Value: value}); s.store.CheckToken(request(c), open) {
				t.Errorf("%s: taken for a keepsake", name)
			}
		}
	})
}

// What was sealed with a key that is gone is no keepsake, and no error.
func TestAKeepsakeOfAnotherKey(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		key := func(text string) func(*session.Options) {
			return func(o *session.Options) { o.Keys = []config.Secret{config.NewSecret(strings.Repeat(text, 32))} }
		}
		s := newSite(t, fresh, key("a"))
		cookie := s.signIn()
		open, left := s.store.Token(request(cookie)), s.signOut(cookie)
		other := newSite(t, fresh, key("b"))
		if c := other.signIn(left); other.store.CheckToken(request(c), open) {
			t.Error("the token came back")
		}
	})
}

// Somebody who was signed out by others begins anew.
func TestNothingIsLeftOfWhatOthersEnded(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie := s.signIn()
		open := s.store.Token(request(cookie))
		if ended, err := s.store.End(t.Context(), s.store.Hash(request(cookie)), ""); err != nil || !ended {
			t.Fatalf("ended: %t, %v", ended, err)
		}
		if c := s.signIn(cookie); s.store.CheckToken(request(c), open) {
			t.Error("the token came back")
		}
	})
}
