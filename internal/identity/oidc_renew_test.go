package identity_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operator"
	idptest "github.com/voxwarden/voxwarden/internal/testkit/idp"
)

func TestOIDCGroupsChangeDuringSession(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]idptest.Options{
		"by refresh, groups in the token":    {},
		"by refresh, groups in userinfo":     {NoIDGroups: true},
		"by userinfo, without refresh token": {NoRefresh: true, AccessTokenLifetime: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, p := withProvider(t, options)
			s.signInAs("")
			before := s.currentOperator()
			p.SetGroups("u-1", "ops")
			s.clock.forward(13 * time.Minute)
			if o := s.currentOperator(); len(o.Groups) != 2 || p.Hits("refresh_token") != 0 {
				t.Errorf("after 13 minutes: %q", o.Groups)
			}
			s.clock.forward(2 * time.Minute)
			o := s.currentOperator()
			if !slices.Equal(o.Groups, []string{"ops"}) || s.clock.now().Sub(o.GroupsAt) > time.Minute {
				t.Errorf("after 15 minutes: %q of %v", o.Groups, o.GroupsAt)
			}
			if o.ID() != before.ID() || o.Name != before.Name || !o.ProvenAt.Equal(before.ProvenAt) || !o.EmailVerified {
				t.Errorf("before %+v, after %+v", before, o)
			}
			if kept := s.sessions.onlySession(t).operator; !slices.Equal(kept.Groups, []string{"ops"}) {
				t.Errorf("groups in the session: %q", kept.Groups)
			}
			// The rotated token was stored: it works once more.
			p.SetGroups("u-1", "ops", "vox-viewers")
			s.clock.forward(15 * time.Minute)
			if o := s.currentOperator(); !slices.Equal(o.Groups, []string{"ops", "vox-viewers"}) {
				t.Errorf("after half an hour: %q, %v", o.Groups, s.lastError())
			}
			s.wantNoSecretsLogged()
		})
	}
}

func TestOIDCDisabledUserIsSignedOut(t *testing.T) {
	t.Parallel()
	s, p := withProvider(t, idptest.Options{})
	s.signInAs("")
	p.Disable("u-1")
	if o := s.currentOperator(); !o.Authenticated() {
		t.Error("signed out before the groups were due")
	}
	s.clock.forward(14 * time.Minute)
	if o := s.currentOperator(); o.Authenticated() || s.lastError() != nil || s.sessions.count() != 0 {
		t.Errorf("got %+v, %v, %d sessions", o, s.lastError(), s.sessions.count())
	}
	if !strings.Contains(s.log.String(), "session ended because") {
		t.Errorf("not in the log: %s", s.log)
	}
}

func TestOIDCProviderDownAtRenewal(t *testing.T) {
	t.Parallel()
	s, p := withProvider(t, idptest.Options{})
	s.signInAs("")
	before := s.currentOperator()
	p.SetGroups("u-1")
	p.SetDown(true)
	s.clock.forward(20 * time.Minute)
	for range 3 {
		if o := s.currentOperator(); len(o.Groups) != 2 || !o.GroupsAt.Equal(before.GroupsAt) || s.lastError() != nil {
			t.Fatalf("got %+v, %v", o, s.lastError())
		}
	}
	hits := p.Hits("/oauth/token")
	s.clock.forward(59 * time.Second)
	if s.currentOperator(); p.Hits("/oauth/token") != hits {
		t.Error("tried again within a minute")
	}
	p.SetDown(false)
	s.clock.forward(time.Second)
	if o := s.currentOperator(); len(o.Groups) != 0 || s.clock.now().Sub(o.GroupsAt) > time.Minute {
		t.Errorf("available again: %+v", o)
	}
}

func TestOIDCRenewalWithoutToken(t *testing.T) {
	t.Parallel()
	s, p := withProvider(t, idptest.Options{NoRefresh: true})
	s.signInAs("")
	before := s.currentOperator()
	p.SetGroups("u-1")
	s.clock.forward(20 * time.Minute)
	if o := s.currentOperator(); len(o.Groups) != 2 || !o.GroupsAt.Equal(before.GroupsAt) {
		t.Errorf("got %+v", o)
	}
	if strings.Contains(s.log.String(), "WARN") {
		t.Errorf("warning without a problem: %s", s.log)
	}
}

// TestOIDCRenewsOnce sends concurrent requests of one session: a refresh token can be used once.
func TestOIDCRenewsOnce(t *testing.T) {
	t.Parallel()
	s, p := withProvider(t, idptest.Options{})
	s.signInAs("")
	p.SetGroups("u-1", "ops")
	s.clock.forward(15 * time.Minute)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			response, err := s.browser.Get(s.server.URL + "/me")
			if err != nil {
				t.Error(err)
				return
			}
			var o operator.Operator
			if err := json.NewDecoder(response.Body).Decode(&o); err != nil || !slices.Equal(o.Groups, []string{"ops"}) {
				t.Errorf("got %+v, %v", o, err)
			}
			_ = response.Body.Close()
		})
	}
	all.Wait()
	if n := p.Hits("refresh_token"); n != 1 || s.sessions.renewed != 1 {
		t.Errorf("the token was used %d times, the session written %d times", n, s.sessions.renewed)
	}
}

// refreshing changes the forger's response to refresh tokens.
func refreshing(f *idptest.Forger, answer func() (int, idptest.Claims)) {
	f.Token = func(form url.Values) (int, idptest.Claims) {
		if form.Get("grant_type") == "refresh_token" {
			return answer()
		}
		return http.StatusOK, idptest.Claims{
			"access_token":  "a-1",
			"refresh_token": "r-1",
			"expires_in":    300,
			"id_token":      f.Sign(f.ValidClaims()),
		}
	}
}

// TestOIDCRefreshResponses checks valid and invalid responses to a refresh.
func TestOIDCRefreshResponses(t *testing.T) {
	t.Parallel()
	with := func(name string, value any) func(*idptest.Forger) idptest.Claims {
		return func(f *idptest.Forger) idptest.Claims {
			c := f.ValidClaims()
			delete(c, "nonce")
			c["groups"] = []string{"new"}
			c[name] = value
			return idptest.Claims{"access_token": "a-2", "refresh_token": "r-2", "id_token": f.Sign(c)}
		}
	}
	for name, c := range map[string]struct {
		answer func(*idptest.Forger) idptest.Claims
		info   idptest.Claims
		groups []string
	}{
		"valid token":                 {with("x", 1), nil, []string{"new"}},
		"token of another subject":    {with("sub", "boris"), nil, []string{"ops"}},
		"token for another audience":  {with("aud", "other"), nil, []string{"ops"}},
		"token for several audiences": {with("aud", []string{"other", "voxwarden"}), nil, []string{"new"}},
		"token of another party":      {with("azp", "other"), nil, []string{"ops"}},
		"expired token":               {with("exp", 1), nil, []string{"ops"}},
		"token without groups": {
			with("groups", nil),
			idptest.Claims{"sub": "anna", "groups": []string{"info"}},
			[]string{"info"},
		},
		"no token, but userinfo": {func(*idptest.Forger) idptest.Claims {
			return idptest.Claims{"access_token": "a-2", "refresh_token": "r-2"}
		}, idptest.Claims{"sub": "anna", "groups": []string{"info"}}, []string{"info"}},
		"no token, userinfo of another subject": {func(*idptest.Forger) idptest.Claims {
			return idptest.Claims{"access_token": "a-2", "refresh_token": "r-2"}
		}, idptest.Claims{"sub": "boris", "groups": []string{"info"}}, []string{"ops"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t)
			refreshing(f, func() (int, idptest.Claims) { return http.StatusOK, c.answer(f) })
			f.UserInfo = func() (int, idptest.Claims) { return http.StatusOK, c.info }
			s.get("/sign-in")
			before := s.currentOperator()
			s.clock.forward(15 * time.Minute)
			o := s.currentOperator()
			if !slices.Equal(o.Groups, c.groups) || o.Subject != "anna" || o.Email != before.Email || o.Name != before.Name {
				t.Errorf("got %+v, %v", o, s.lastError())
			}
			if renewed := !o.GroupsAt.Equal(before.GroupsAt); renewed != (c.groups[0] != "ops") {
				t.Errorf("groups of %v", o.GroupsAt)
			}
			// In every case the new refresh token must be stored: the old one is used up.
			if proof := s.sessions.onlySession(t).tokens; proof.RefreshToken != "r-2" || proof.AccessToken != "a-2" ||
				proof.IDToken == "" {
				t.Errorf("tokens in the session: %s, %s", proof.RefreshToken, proof.AccessToken)
			}
		})
	}
}

// TestOIDCGroupsNotSentAtRenewal sends the groups at the sign-in, and something else at the renewal. What does not say
// which groups the operator has leaves them as they were, and as old: a change then needs a new sign-in.
func TestOIDCGroupsNotSentAtRenewal(t *testing.T) {
	t.Parallel()
	zitadel := idptest.Claims{"new": idptest.Claims{"1001": "example.com"}}
	for name, c := range map[string]struct {
		groups any // of the renewed ID token and of userinfo; nil for no claim
		want   []string
		fresh  bool
	}{
		"missing":              {nil, []string{"ops"}, false},
		"null":                 {json.RawMessage("null"), []string{"ops"}, false},
		"a number":             {7, []string{"ops"}, false},
		"an object":            {idptest.Claims{"ops": true}, []string{"ops"}, false},
		"a list of lists":      {[]any{[]any{"ops"}}, []string{"ops"}, false},
		"an empty list":        {[]string{}, nil, true},
		"an empty string":      {"", nil, true},
		"a list":               {[]string{"new"}, []string{"new"}, true},
		"a string":             {"new", []string{"new"}, true},
		"an object of objects": {zitadel, []string{"new"}, true},
	} {
		answer := func(f *idptest.Forger, idToken bool) (int, idptest.Claims) {
			claims := f.ValidClaims()
			delete(claims, "nonce")
			delete(claims, "groups")
			if c.groups != nil {
				claims["groups"] = c.groups
			}
			response := idptest.Claims{"access_token": "a-2", "refresh_token": "r-2"}
			if idToken {
				response["id_token"] = f.Sign(claims)
			}
			return http.StatusOK, response
		}
		for way, idToken := range map[string]bool{"in the ID token": true, "in userinfo": false} {
			t.Run(name+" "+way, func(t *testing.T) {
				t.Parallel()
				s, f := withForger(t, func(o *identity.OIDCOptions) { o.Configured = []string{"ops"} })
				refreshing(f, func() (int, idptest.Claims) { return answer(f, idToken) })
				f.UserInfo = func() (int, idptest.Claims) {
					info := idptest.Claims{"sub": "anna"}
					if c.groups != nil && !idToken {
						info["groups"] = c.groups
					}
					return http.StatusOK, info
				}
				s.get("/sign-in")
				before := s.currentOperator()
				s.clock.forward(15 * time.Minute)
				o := s.currentOperator()
				if !slices.Equal(o.Groups, c.want) || o.GroupsAt.Equal(before.GroupsAt) == c.fresh {
					t.Errorf("got %q of %v, %v", o.Groups, o.GroupsAt, s.lastError())
				}
				if o.GroupsStatus != operator.GroupsSent {
					t.Errorf("the status is %q", o.GroupsStatus)
				}
				if s.sessions.onlySession(t).tokens.RefreshToken != "r-2" {
					t.Error("the new refresh token was not stored")
				}
			})
		}
	}
	t.Run("userinfo broken, then back", func(t *testing.T) {
		t.Parallel()
		s, f := withForger(t)
		refreshing(f, func() (int, idptest.Claims) {
			return http.StatusOK, idptest.Claims{"access_token": "a-2", "refresh_token": "r-2"}
		})
		status := http.StatusInternalServerError
		f.UserInfo = func() (int, idptest.Claims) {
			return status, idptest.Claims{"sub": "anna", "groups": []string{"new"}}
		}
		s.get("/sign-in")
		s.clock.forward(15 * time.Minute)
		if o := s.currentOperator(); !slices.Equal(o.Groups, []string{"ops"}) || o.GroupsStatus != operator.GroupsSent {
			t.Errorf("got %+v, %v", o, s.lastError())
		}
		status = http.StatusOK
		s.clock.forward(time.Minute)
		if o := s.currentOperator(); !slices.Equal(o.Groups, []string{"new"}) {
			t.Errorf("a minute later: got %+v, %v", o, s.lastError())
		}
	})
	t.Run("too many", func(t *testing.T) {
		t.Parallel()
		s, f := withForger(t)
		refreshing(f, func() (int, idptest.Claims) {
			claims := f.ValidClaims()
			delete(claims, "nonce")
			delete(claims, "groups")
			claims["_claim_names"] = idptest.Claims{"groups": "src1"}
			return http.StatusOK, idptest.Claims{"access_token": "a-2", "id_token": f.Sign(claims)}
		})
		s.get("/sign-in")
		s.clock.forward(15 * time.Minute)
		o := s.currentOperator()
		if age := s.clock.now().Sub(o.GroupsAt); !slices.Equal(o.Groups, []string{"ops"}) || age < 15*time.Minute {
			t.Errorf("got %+v, %v", o, s.lastError())
		}
	})
	t.Run("without refresh token", func(t *testing.T) {
		t.Parallel()
		s, f := withForger(t)
		f.Token = func(url.Values) (int, idptest.Claims) {
			return http.StatusOK, idptest.Claims{"access_token": "a-1", "id_token": f.Sign(f.ValidClaims())}
		}
		f.UserInfo = func() (int, idptest.Claims) { return http.StatusOK, idptest.Claims{"sub": "anna"} }
		s.get("/sign-in")
		before := s.currentOperator()
		for range 3 {
			s.clock.forward(15 * time.Minute)
			if o := s.currentOperator(); !slices.Equal(o.Groups, []string{"ops"}) || !o.GroupsAt.Equal(before.GroupsAt) {
				t.Errorf("got %+v, %v", o, s.lastError())
			}
		}
		if n := strings.Count(s.log.String(), "not at their renewal"); n != 1 {
			t.Errorf("logged %d times:\n%s", n, s.log)
		}
	})
}

// TestOIDCRenewalWithoutGroups renews a sign-in for which the provider never sent groups. The response
// of the provider confirms the operator, so that a person in the settings can make changes.
func TestOIDCRenewalWithoutGroups(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		userInfo     int // status; 0 for a provider without userinfo
		refreshToken string
		fresh        bool
	}{
		"refreshed":                     {http.StatusOK, "r-1", true},
		"refreshed, userinfo refused":   {http.StatusForbidden, "r-1", true},
		"refreshed, no userinfo":        {0, "r-1", true},
		"access token":                  {http.StatusOK, "", true},
		"access token, no userinfo":     {0, "", false},
		"access token refused":          {http.StatusUnauthorized, "", false},
		"access token, userinfo broken": {http.StatusInternalServerError, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t)
			f.Token = func(form url.Values) (int, idptest.Claims) {
				response := idptest.Claims{"access_token": "a-1", "refresh_token": c.refreshToken}
				if form.Get("grant_type") != "refresh_token" {
					claims := f.ValidClaims()
					delete(claims, "groups")
					response["id_token"] = f.Sign(claims)
				}
				return http.StatusOK, response
			}
			f.UserInfo = func() (int, idptest.Claims) { return c.userInfo, idptest.Claims{"sub": "anna"} }
			f.Discovery = func(d idptest.Claims) {
				if c.userInfo == 0 {
					delete(d, "userinfo_endpoint")
				}
			}
			s.get("/sign-in")
			before := s.currentOperator()
			s.clock.forward(15 * time.Minute)
			if o := s.currentOperator(); !o.Authenticated() || o.GroupsAt.Equal(before.GroupsAt) == c.fresh {
				t.Errorf("got %+v, before %+v, %v", o, before, s.lastError())
			}
		})
	}
}

// TestOIDCRefreshRefusals distinguishes an ended sign-in from an unavailable provider.
func TestOIDCRefreshRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		code   string
		ends   bool
	}{
		"ended":                         {http.StatusBadRequest, "invalid_grant", true},
		"ended, with status 200":        {http.StatusOK, "invalid_grant", true},
		"invalid_grant with status 503": {http.StatusServiceUnavailable, "invalid_grant", false},
		"misconfigured":                 {http.StatusUnauthorized, "invalid_client", false},
		"busy":                          {http.StatusTooManyRequests, "slow_down", false},
		"broken":                        {http.StatusInternalServerError, "server_error", false},
		"invalid request":               {http.StatusBadRequest, "invalid_request", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t)
			refreshing(f, func() (int, idptest.Claims) { return c.status, idptest.Claims{"error": c.code} })
			s.get("/sign-in")
			s.clock.forward(15 * time.Minute)
			if o := s.currentOperator(); o.Authenticated() == c.ends || s.lastError() != nil {
				t.Errorf("got %+v, %v", o, s.lastError())
			}
		})
	}
}

// TestOIDCRefreshTokenUsedByAnotherReplica does not end the session.
func TestOIDCRefreshTokenUsedByAnotherReplica(t *testing.T) {
	t.Parallel()
	s, f := withForger(t)
	refreshing(f, func() (int, idptest.Claims) {
		s.sessions.updateAll(func(r *row) {
			r.tokens.RefreshToken, r.operator.Groups, r.operator.GroupsAt = "r-2", []string{"there"}, s.clock.now()
		})
		return http.StatusBadRequest, idptest.Claims{"error": "invalid_grant"}
	})
	s.get("/sign-in")
	s.clock.forward(15 * time.Minute)
	if o := s.currentOperator(); !slices.Equal(o.Groups, []string{"there"}) || s.sessions.ended != 0 {
		t.Errorf("got %+v, %v", o, s.lastError())
	}
}

// TestOIDCRenewedByAnotherReplicaMeanwhile does not use the newer token.
func TestOIDCRenewedByAnotherReplicaMeanwhile(t *testing.T) {
	t.Parallel()
	s, p := withProvider(t, idptest.Options{})
	s.signInAs("")
	s.clock.forward(15 * time.Minute)
	s.sessions.onHash = func() {
		s.sessions.updateAll(func(r *row) { r.operator.Groups, r.operator.GroupsAt = []string{"there"}, s.clock.now() })
	}
	if o := s.currentOperator(); !slices.Equal(o.Groups, []string{"there"}) || p.Hits("refresh_token") != 0 {
		t.Errorf("got %+v, %v", o, s.lastError())
	}
}

// TestOIDCRefreshWithoutClaims uses a provider without userinfo and without an ID token after a refresh.
func TestOIDCRefreshWithoutClaims(t *testing.T) {
	t.Parallel()
	s, f := withForger(t)
	f.Discovery = func(d idptest.Claims) { delete(d, "userinfo_endpoint") }
	refreshing(f, func() (int, idptest.Claims) {
		return http.StatusOK, idptest.Claims{"access_token": "a-2", "refresh_token": "r-2"}
	})
	s.get("/sign-in")
	before := s.currentOperator()
	s.clock.forward(15 * time.Minute)
	if o := s.currentOperator(); len(o.Groups) != 1 || !o.GroupsAt.Equal(before.GroupsAt) ||
		s.sessions.onlySession(t).tokens.RefreshToken != "r-2" {
		t.Errorf("got %+v, %v", o, s.lastError())
	}
}

func TestOIDCSessionEndedDuringRenewal(t *testing.T) {
	t.Parallel()
	s, _ := withProvider(t, idptest.Options{})
	s.signInAs("")
	s.clock.forward(15 * time.Minute)
	s.sessions.onRenew = func() {
		s.sessions.mu.Lock()
		defer s.sessions.mu.Unlock()
		clear(s.sessions.rows)
	}
	if o := s.currentOperator(); o.Authenticated() || s.lastError() != nil {
		t.Errorf("got %+v, %v", o, s.lastError())
	}
}

func TestOIDCRenewalWriteFails(t *testing.T) {
	t.Parallel()
	s, p := withProvider(t, idptest.Options{})
	s.signInAs("")
	p.SetGroups("u-1", "ops")
	s.clock.forward(15 * time.Minute)
	s.sessions.failure = errors.New("the database is full")
	if o := s.currentOperator(); !slices.Equal(o.Groups, []string{"ops"}) || s.lastError() != nil {
		t.Errorf("got %+v, %v", o, s.lastError())
	}
	if !strings.Contains(s.log.String(), "storing a renewed sign-in failed") {
		t.Errorf("not in the log: %s", s.log)
	}
}

// TestOIDCGroupsFromTheFuture renews groups with a time from a wrong clock.
func TestOIDCGroupsFromTheFuture(t *testing.T) {
	t.Parallel()
	s, p := withProvider(t, idptest.Options{})
	s.signInAs("")
	s.sessions.updateAll(func(r *row) { r.operator.GroupsAt = s.clock.now().Add(24 * time.Hour) })
	if o := s.currentOperator(); o.GroupsAt.After(s.clock.now()) || p.Hits("refresh_token") != 1 {
		t.Errorf("got %+v", o)
	}
}

// TestOIDCAccessTokenWithoutExpiry uses the access token until the provider refuses it.
func TestOIDCAccessTokenWithoutExpiry(t *testing.T) {
	t.Parallel()
	s, f := withForger(t, func(o *identity.OIDCOptions) { o.GroupsClaim = "realm_access.roles" })
	f.Token = func(url.Values) (int, idptest.Claims) {
		c := f.ValidClaims()
		c["realm_access"] = idptest.Claims{"roles": []string{"ops"}}
		return http.StatusOK, idptest.Claims{"access_token": "a-1", "id_token": f.Sign(c)}
	}
	status := http.StatusOK
	f.UserInfo = func() (int, idptest.Claims) {
		return status, idptest.Claims{"sub": "anna", "realm_access": idptest.Claims{"roles": []string{"info"}}}
	}
	s.get("/sign-in")
	if o := s.currentOperator(); !slices.Equal(o.Groups, []string{"ops"}) {
		t.Fatalf("got %+v, %v", o, s.lastError())
	}
	s.clock.forward(15 * time.Minute)
	if o := s.currentOperator(); !slices.Equal(o.Groups, []string{"info"}) {
		t.Errorf("got %+v, %v", o, s.lastError())
	}
	status = http.StatusUnauthorized
	s.clock.forward(15 * time.Minute)
	if o := s.currentOperator(); !o.Authenticated() || s.clock.now().Sub(o.GroupsAt) < 15*time.Minute {
		t.Errorf("got %+v, %v", o, s.lastError())
	}
}
