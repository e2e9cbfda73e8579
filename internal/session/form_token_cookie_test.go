package session_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/session"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// sessionCookies returns the session cookies of a response.
func sessionCookies(w *httptest.ResponseRecorder) []*http.Cookie {
	return slices.DeleteFunc(w.Result().Cookies(), func(c *http.Cookie) bool { return strings.HasSuffix(c.Name, "_form") })
}

// signOut signs a session out and returns its form-token cookie.
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
	s.t.Fatal("signing out sets no form-token cookie")
	return nil
}

// An operator who signed out in another tab and signs in again can submit a form that stayed open.
func TestFormTokenSurvivesSignOut(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie := s.signIn()
		token := s.store.FormToken(request(cookie))
		formToken := s.signOut(cookie)
		if !formToken.HttpOnly || !formToken.Secure || formToken.SameSite != http.SameSiteLaxMode ||
			formToken.Path != cookie.Path ||
			formToken.MaxAge != cookie.MaxAge ||
			!strings.HasPrefix(formToken.Name, cookie.Name) {
			t.Errorf("the form-token cookie is %+v", formToken)
		}
		if s.currentSubject(&http.Cookie{Name: cookie.Name, Value: formToken.Value}) != "" || s.count() != 0 {
			t.Error("the form-token cookie opens a session")
		}
		if s.store.FormToken(request(formToken)) != "" {
			t.Error("there is a form token without a session")
		}
		if c := s.signInAs(boris, request(formToken)); s.store.CheckFormToken(request(c), token) {
			t.Error("another operator in this browser gets the token")
		}
		w, r := httptest.NewRecorder(), request(formToken)
		if err := s.store.SignIn(w, r, anna, session.Tokens{}); err != nil {
			t.Fatal(err)
		}
		if !s.store.CheckFormToken(request(sessionCookies(w)[0]), token) {
			t.Error("the open form is refused")
		}
		if taken := w.Result().Cookies(); !slices.ContainsFunc(
			taken,
			func(c *http.Cookie) bool { return c.Name == formToken.Name && c.MaxAge < 0 },
		) {
			t.Errorf("the form-token cookie is not deleted: %+v", taken)
		}
		for name, value := range map[string]string{
			"another text":   "x",
			"empty":          "",
			"changed":        formToken.Value[:len(formToken.Value)-2] + "AA",
			"a session's id": cookie.Value,
		} {
			if c := s.signIn(&http.Cookie{Name: formToken.Name, Value: value}); s.store.CheckFormToken(request(c), token) {
				t.Errorf("%s: accepted as a form-token cookie", name)
			}
		}
	})
}

func TestFormTokenCookieOfAnotherKey(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		key := func(text string) func(*session.Options) {
			return func(o *session.Options) { o.Keys = []config.Secret{config.NewSecret(strings.Repeat(text, 32))} }
		}
		s := newSite(t, fresh, key("a"))
		cookie := s.signIn()
		token, formToken := s.store.FormToken(request(cookie)), s.signOut(cookie)
		other := newSite(t, fresh, key("b"))
		if c := other.signIn(formToken); other.store.CheckFormToken(request(c), token) {
			t.Error("the token is restored")
		}
	})
}

func TestEndedSessionLeavesNoFormToken(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie := s.signIn()
		open := s.store.FormToken(request(cookie))
		if ended, err := s.store.End(t.Context(), s.store.Hash(request(cookie)), "", nil); err != nil || !ended {
			t.Fatalf("ended: %t, %v", ended, err)
		}
		if c := s.signIn(cookie); s.store.CheckFormToken(request(c), open) {
			t.Error("the token is restored")
		}
	})
}
