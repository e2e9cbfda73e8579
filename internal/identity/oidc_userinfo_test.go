package identity_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operator"
	idptest "github.com/voxwarden/voxwarden/internal/testkit/idp"
)

// TestOIDCUserInfo reads the groups from userinfo when the ID token has none. Without userinfo, the ID token alone
// signs the operator in, without groups.
func TestOIDCUserInfo(t *testing.T) {
	t.Parallel()
	answer := func(status int, body idptest.Claims) func() (int, idptest.Claims) {
		return func() (int, idptest.Claims) { return status, body }
	}
	other := answer(http.StatusOK, idptest.Claims{"sub": "boris", "groups": []string{"ops"}})
	configured := func(o *identity.OIDCOptions) { o.Configured = []string{"ops"} }
	noGroups := func(*identity.OIDCOptions) {}
	for name, c := range map[string]struct {
		options func(*identity.OIDCOptions)
		info    func() (int, idptest.Claims)
		groups  []string
		status  operator.GroupsStatus
		refused string // "" means signed in
	}{
		"same subject": {
			configured,
			answer(http.StatusOK, idptest.Claims{"sub": "anna", "groups": []string{"ops"}}),
			[]string{"ops"},
			operator.GroupsSent,
			"",
		},
		"another subject": {configured, other, nil, "", "for another subject"},
		"no subject": {
			configured,
			answer(http.StatusOK, idptest.Claims{"groups": []string{"ops"}}),
			nil,
			"",
			"for another subject",
		},
		"another subject, no groups configured": {noGroups, other, nil, operator.GroupsUnavailable, ""},
		"without the claim": {
			configured, answer(http.StatusOK, idptest.Claims{"sub": "anna"}), nil, operator.GroupsMissing, "",
		},
		"refused":      {configured, answer(http.StatusForbidden, nil), nil, operator.GroupsUnavailable, ""},
		"unauthorized": {configured, answer(http.StatusUnauthorized, nil), nil, operator.GroupsUnavailable, ""},
		"broken":       {configured, answer(http.StatusInternalServerError, nil), nil, operator.GroupsUnavailable, ""},
		"gone":         {configured, answer(http.StatusNotFound, nil), nil, operator.GroupsUnavailable, ""},
		"refused, no groups configured": {
			noGroups, answer(http.StatusForbidden, nil), nil, operator.GroupsUnavailable, "",
		},
		"broken, no groups configured": {
			noGroups, answer(http.StatusInternalServerError, nil), nil, operator.GroupsUnavailable, "",
		},
		"signed": {noGroups, answer(http.StatusOK, nil), nil, operator.GroupsUnavailable, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t, c.options)
			f.SignedUserInfo = name == "signed"
			f.IDToken = func(valid idptest.Claims) string {
				delete(valid, "groups")
				return f.Sign(valid)
			}
			f.UserInfo = c.info
			s.get("/sign-in")
			if c.refused != "" {
				s.wantRefused(c.refused)
				return
			}
			if o := s.currentOperator(); !slices.Equal(o.Groups, c.groups) || o.GroupsStatus != c.status ||
				o.Email != "anna@example.com" {
				t.Errorf("got %+v, %v", o, s.lastError())
			}
			if warned := strings.Contains(s.log.String(), "reading userinfo failed"); warned !=
				(c.status == operator.GroupsUnavailable) {
				t.Errorf("the log says %s", s.log)
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

// TestOIDCManyGroups signs an operator in with 1,501 groups, of which the last is a configured one. The session stores
// no ID token of that length: it is too long for the sign-out at the provider.
func TestOIDCManyGroups(t *testing.T) {
	t.Parallel()
	s, f := withForger(t, func(o *identity.OIDCOptions) { o.Configured = []string{"vox-admins"} })
	f.IDToken = func(valid idptest.Claims) string {
		valid["groups"] = manyGroups("vox-admins")
		return f.Sign(valid)
	}
	s.get("/sign-in")
	o := s.currentOperator()
	if len(o.Groups) < 100 || o.Groups[0] != "vox-admins" || len(o.Groups)+o.GroupsOmitted != 1501 {
		t.Errorf("%d groups, %d left out, %v", len(o.Groups), o.GroupsOmitted, s.lastError())
	}
	if stored := s.sessions.onlySession(t).tokens.IDToken; stored != "" {
		t.Errorf("an ID token of %d bytes is stored", len(stored))
	}
}

// manyGroups returns 1,500 groups of 36 bytes and another one.
func manyGroups(last string) []string {
	var groups []string
	for i := range 1500 {
		groups = append(groups, fmt.Sprintf("5f0c1a6e-7d84-4b8e-a8a8-%012d", i))
	}
	return append(groups, last)
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
