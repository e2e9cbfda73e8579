package session_test

import (
	"encoding/base64"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/session"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// unmask returns the token without its pad.
func unmask(t testing.TB, token string) string {
	t.Helper()
	masked, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(masked) != 64 {
		t.Fatalf("%q is not a masked token of 256 bits: %v", token, err)
	}
	plain := make([]byte, 32)
	for i := range plain {
		plain[i] = masked[i] ^ masked[32+i]
	}
	return string(plain)
}

func TestFormToken(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie := s.signIn()
		r := request(cookie)
		first, second := s.store.FormToken(r), s.store.FormToken(r)
		if first == second || first[:43] == second[:43] || first[43:] == second[43:] {
			t.Error("two calls return the same text")
		}
		if unmask(t, first) != unmask(t, second) || unmask(t, first) != unmask(t, s.store.FormToken(request(cookie))) {
			t.Error("two calls return different tokens")
		}
		for _, token := range []string{first, second} {
			if !s.store.CheckFormToken(request(cookie), token) {
				t.Error("the token is refused")
			}
		}
		other := s.store.FormToken(request(s.signIn()))
		swapped := first[:42] + "A" + first[43:]
		if swapped == first {
			swapped = first[:42] + "B" + first[43:]
		}
		for name, token := range map[string]string{
			"empty":             "",
			"another session's": other,
			"cut":               first[:85],
			"longer":            first + "A",
			"one bit":           swapped,
			"spaces":            " " + first[1:],
			"unmasked":          base64.RawURLEncoding.EncodeToString([]byte(unmask(t, first))),
			"not base64":        strings.Repeat("=", 86),
			"no pad":            strings.Repeat("A", 86),
			"line break":        first[:85] + "\n",
			"huge":              strings.Repeat("A", 1<<20),
			"the id":            cookie.Value,
		} {
			if s.store.CheckFormToken(request(cookie), token) {
				t.Errorf("%s: accepted", name)
			}
		}
	})
}

func TestFormTokenWithoutSession(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		if got := s.store.FormToken(request()); got != "" {
			t.Errorf("got %q", got)
		}
		if !s.store.CheckFormToken(request(), "") || !s.store.CheckFormToken(request(), "anything") {
			t.Error("a form without a session is refused")
		}
		cookie := s.signIn()
		_ = s.db.Close()
		if s.store.CheckFormToken(request(cookie), "anything") || s.store.FormToken(request(cookie)) != "" {
			t.Error("a token is accepted although the session cannot be read")
		}
	})
}

func TestFormTokenIsKeptForSameOperator(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		first := s.signIn()
		open := s.store.FormToken(request(first))
		second := s.signIn(first)
		if !s.store.CheckFormToken(request(second), open) {
			t.Error("signing in again changes the token")
		}
		third := s.signInAs(boris, request(second))
		if s.store.CheckFormToken(request(third), open) {
			t.Error("another operator gets the same token")
		}
		fourth := s.signIn(third)
		if s.store.CheckFormToken(
			request(fourth),
			open,
		) || s.store.CheckFormToken(request(fourth), s.store.FormToken(request(third))) {
			t.Error("the token is restored")
		}
	})
}

// A form that was open when the session expired can be submitted after signing in again. A form of a session that was
// ended cannot.
func TestFormTokenAfterExpiry(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		first := s.signIn()
		open := s.store.FormToken(request(first))
		s.now = s.now.Add(time.Hour)
		s.signInAs(boris, request())
		if s.currentSubject(first) != "" {
			t.Fatal("the session has not expired")
		}
		second := s.signIn(first)
		if !s.store.CheckFormToken(request(second), open) {
			t.Error("the open form is refused")
		}
		s.now = s.now.Add(time.Hour)
		if c := s.signInAs(boris, request(second)); s.store.CheckFormToken(request(c), open) {
			t.Error("another operator gets the same token")
		}
		third := s.signIn()
		open = s.store.FormToken(request(third))
		if _, err := s.store.EndOtherSessions(t.Context(), anna.ID(), "", nil); err != nil {
			t.Fatal(err)
		}
		if c := s.signIn(third); s.store.CheckFormToken(request(c), open) {
			t.Error("the token of an ended session is restored")
		}
		r := request(third)
		if err := s.store.SignOut(httptest.NewRecorder(), r); err != nil {
			t.Fatal(err)
		}
		if err := s.store.SignIn(httptest.NewRecorder(), r, anna, session.Tokens{}); err != nil ||
			s.store.CheckFormToken(r, open) {
			t.Errorf("the token of a signed-out session is restored: %v", err)
		}
	})
}
