package identity_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/voxwarden/voxwarden/internal/identity"
	idptest "github.com/voxwarden/voxwarden/internal/testkit/idp"
)

// TestOIDCUserInfo is where the groups come from when the ID token has none.
func TestOIDCUserInfo(t *testing.T) {
	t.Parallel()
	answer := func(status int, body idptest.Claims) func() (int, idptest.Claims) {
		return func() (int, idptest.Claims) { return status, body }
	}
	for name, c := range map[string]struct {
		info func() (int, idptest.Claims)
		why  string // "" wants to be signed in, "away" ErrAway
	}{
		"theirs": {answer(http.StatusOK, idptest.Claims{"sub": "anna", "groups": []string{"ops"}}), ""},
		"somebody else": {
			answer(http.StatusOK, idptest.Claims{"sub": "boris", "groups": []string{"ops"}}),
			"about somebody else",
		},
		"nobody":  {answer(http.StatusOK, idptest.Claims{"groups": []string{"ops"}}), "about somebody else"},
		"refused": {answer(http.StatusForbidden, nil), "refuses the access token"},
		"broken":  {answer(http.StatusInternalServerError, nil), "away"},
		"gone":    {answer(http.StatusNotFound, nil), "away"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t)
			f.IDToken = func(good idptest.Claims) string {
				delete(good, "groups")
				return f.Sign(good)
			}
			f.UserInfo = c.info
			s.get("/sign-in")
			switch {
			case c.why == "away":
				if !errors.Is(s.lastError(), identity.ErrUnavailable) {
					t.Errorf("got %v", s.lastError())
				}
			case c.why != "":
				s.wantRefused(c.why)
			default:
				if o := s.currentOperator(); len(o.Groups) != 1 || o.Email != "anna@example.com" {
					t.Errorf("got %+v, %v", o, s.lastError())
				}
			}
		})
	}
	t.Run("broken, when only the name is missing", func(t *testing.T) {
		t.Parallel()
		s, f := withForger(t)
		f.IDToken = func(good idptest.Claims) string {
			delete(good, "name")
			return f.Sign(good)
		}
		s.get("/sign-in")
		if o := s.currentOperator(); len(o.Groups) != 1 || f.Hits("/userinfo") != 1 {
			t.Errorf("got %+v, %v", o, s.lastError())
		}
	})
	t.Run("no such endpoint", func(t *testing.T) {
		t.Parallel()
		s, f := withForger(t)
		f.Discovery = func(d idptest.Claims) { delete(d, "userinfo_endpoint") }
		f.IDToken = func(good idptest.Claims) string {
			delete(good, "groups")
			return f.Sign(good)
		}
		s.get("/sign-in")
		if o := s.currentOperator(); !o.Authenticated() || len(o.Groups) != 0 {
			t.Errorf("got %+v, %v", o, s.lastError())
		}
	})
}

// TestOIDCEmailVerified mixes what the ID token and userinfo say of an address.
func TestOIDCEmailVerified(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		token, info idptest.Claims
		want        bool
	}{
		"true":           {idptest.Claims{"email": "a@example.com", "email_verified": true}, nil, true},
		"true as a text": {idptest.Claims{"email": "a@example.com", "email_verified": "true"}, nil, true},
		"not said":       {idptest.Claims{"email": "a@example.com"}, nil, false},
		"another text":   {idptest.Claims{"email": "a@example.com", "email_verified": "yes"}, nil, false},
		"a number":       {idptest.Claims{"email": "a@example.com", "email_verified": 1}, nil, false},
		"said elsewhere": {
			idptest.Claims{"email": "a@example.com"},
			idptest.Claims{"sub": "anna", "email": "b@example.com", "email_verified": true},
			false,
		},
		"said elsewhere of itself": {
			idptest.Claims{},
			idptest.Claims{"sub": "anna", "email": "b@example.com", "email_verified": true},
			true,
		},
		"only the word elsewhere": {
			idptest.Claims{"email": "a@example.com"},
			idptest.Claims{"sub": "anna", "email_verified": true},
			false,
		},
		"unsaid of the address, but in the token": {
			idptest.Claims{"email_verified": true},
			idptest.Claims{"sub": "anna", "email": "b@example.com"},
			false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t)
			f.IDToken = func(good idptest.Claims) string {
				delete(good, "email")
				delete(good, "email_verified")
				delete(good, "name")
				for claim, value := range c.token {
					good[claim] = value
				}
				return f.Sign(good)
			}
			f.UserInfo = func() (int, idptest.Claims) { return http.StatusOK, c.info }
			s.get("/sign-in")
			if o := s.currentOperator(); o.EmailVerified != c.want || o.Email == "" {
				t.Errorf("got %s, verified %t, %v", o.Email, o.EmailVerified, s.lastError())
			}
		})
	}
}
