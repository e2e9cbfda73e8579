package identity_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/voxwarden/voxwarden/internal/identity"
	idptest "github.com/voxwarden/voxwarden/internal/testkit/idp"
)

// TestOIDCUserInfo reads the groups from userinfo when the ID token has none.
func TestOIDCUserInfo(t *testing.T) {
	t.Parallel()
	answer := func(status int, body idptest.Claims) func() (int, idptest.Claims) {
		return func() (int, idptest.Claims) { return status, body }
	}
	for name, c := range map[string]struct {
		info func() (int, idptest.Claims)
		why  string // "" means signed in, "unavailable" means ErrUnavailable
	}{
		"same subject": {answer(http.StatusOK, idptest.Claims{"sub": "anna", "groups": []string{"ops"}}), ""},
		"another subject": {
			answer(http.StatusOK, idptest.Claims{"sub": "boris", "groups": []string{"ops"}}),
			"for another subject",
		},
		"no subject": {answer(http.StatusOK, idptest.Claims{"groups": []string{"ops"}}), "for another subject"},
		"refused":    {answer(http.StatusForbidden, nil), "refuses the access token"},
		"broken":     {answer(http.StatusInternalServerError, nil), "unavailable"},
		"gone":       {answer(http.StatusNotFound, nil), "unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t)
			f.IDToken = func(valid idptest.Claims) string {
				delete(valid, "groups")
				return f.Sign(valid)
			}
			f.UserInfo = c.info
			s.get("/sign-in")
			switch {
			case c.why == "unavailable":
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
		f.IDToken = func(valid idptest.Claims) string {
			delete(valid, "name")
			return f.Sign(valid)
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
		f.IDToken = func(valid idptest.Claims) string {
			delete(valid, "groups")
			return f.Sign(valid)
		}
		s.get("/sign-in")
		if o := s.currentOperator(); !o.Authenticated() || len(o.Groups) != 0 {
			t.Errorf("got %+v, %v", o, s.lastError())
		}
	})
}

// TestOIDCEmailVerified combines the claims of ID token and userinfo about an e-mail address.
func TestOIDCEmailVerified(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		token, info idptest.Claims
		want        bool
	}{
		"true":             {idptest.Claims{"email": "a@example.com", "email_verified": true}, nil, true},
		"true as a string": {idptest.Claims{"email": "a@example.com", "email_verified": "true"}, nil, true},
		"missing":          {idptest.Claims{"email": "a@example.com"}, nil, false},
		"another string":   {idptest.Claims{"email": "a@example.com", "email_verified": "yes"}, nil, false},
		"a number":         {idptest.Claims{"email": "a@example.com", "email_verified": 1}, nil, false},
		"only in userinfo, for another address": {
			idptest.Claims{"email": "a@example.com"},
			idptest.Claims{"sub": "anna", "email": "b@example.com", "email_verified": true},
			false,
		},
		"address and flag in userinfo": {
			idptest.Claims{},
			idptest.Claims{"sub": "anna", "email": "b@example.com", "email_verified": true},
			true,
		},
		"address in the token, flag in userinfo": {
			idptest.Claims{"email": "a@example.com"},
			idptest.Claims{"sub": "anna", "email_verified": true},
			false,
		},
		"flag in the token, address in userinfo": {
			idptest.Claims{"email_verified": true},
			idptest.Claims{"sub": "anna", "email": "b@example.com"},
			false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t)
			f.IDToken = func(valid idptest.Claims) string {
				delete(valid, "email")
				delete(valid, "email_verified")
				delete(valid, "name")
				for claim, value := range c.token {
					valid[claim] = value
				}
				return f.Sign(valid)
			}
			f.UserInfo = func() (int, idptest.Claims) { return http.StatusOK, c.info }
			s.get("/sign-in")
			if o := s.currentOperator(); o.EmailVerified != c.want || o.Email == "" {
				t.Errorf("got %s, verified %t, %v", o.Email, o.EmailVerified, s.lastError())
			}
		})
	}
}
