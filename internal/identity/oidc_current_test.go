package identity_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	idptest "github.com/voxwarden/voxwarden/internal/testkit/idp"
)

// TestOIDCCurrent asks for an operator between the items of a bulk change, without a request of the browser.
func TestOIDCCurrent(t *testing.T) {
	t.Parallel()
	s, p := withProvider(t, idptest.Options{})
	s.signInAs("")
	id := s.currentOperator().ID()
	p.SetGroups("u-1", "ops")
	s.clock.forward(59 * time.Second)
	if o, found, err := s.oidc.Current(t.Context(), id); err != nil || !found || len(o.Groups) != 2 ||
		p.Hits("refresh_token") != 0 {
		t.Errorf("groups of the last minute: %+v, %v, %v", o, found, err)
	}
	s.clock.forward(time.Second)
	o, found, err := s.oidc.Current(t.Context(), id)
	if err != nil || !found || !slices.Equal(o.Groups, []string{"ops"}) || o.ID() != id {
		t.Errorf("after a minute: %+v, %v, %v", o, found, err)
	}
	if kept := s.sessions.onlySession(t).operator; !slices.Equal(kept.Groups, []string{"ops"}) {
		t.Errorf("the session of the browser has the groups %q", kept.Groups)
	}
	p.SetDown(true)
	s.clock.forward(30 * time.Minute)
	if later, found, err := s.oidc.Current(t.Context(), id); err != nil || !found || !later.GroupsAt.Equal(o.GroupsAt) {
		t.Errorf("while the provider is away: %+v, %v, %v", later, found, err)
	}
	p.SetDown(false)
	p.Disable("u-1")
	s.clock.forward(time.Minute)
	if o, found, err := s.oidc.Current(t.Context(), id); err != nil || found || s.sessions.refusedCount() != 1 {
		t.Errorf("disabled: %+v, %v, %v, %d refusals", o, found, err, s.sessions.refusedCount())
	}
	if _, found, err := s.oidc.Current(t.Context(), id); err != nil || found {
		t.Errorf("without a session: %v, %v", found, err)
	}
	if o := s.currentOperator(); o.Authenticated() {
		t.Errorf("the browser is signed in: %+v", o)
	}
	s.wantNoSecretsLogged()
}

// TestOIDCCurrentWithoutToken has no way to request groups: the operator stays known, with groups as old as they are.
func TestOIDCCurrentWithoutToken(t *testing.T) {
	t.Parallel()
	s, _ := withProvider(t, idptest.Options{NoRefresh: true})
	s.signInAs("")
	before := s.currentOperator()
	s.clock.forward(20 * time.Minute)
	o, found, err := s.oidc.Current(t.Context(), before.ID())
	if err != nil || !found || !o.GroupsAt.Equal(before.GroupsAt) {
		t.Errorf("%+v, %v, %v", o, found, err)
	}
	if _, found, err := s.oidc.Current(t.Context(), "another|operator"); err != nil || found {
		t.Errorf("another operator: %v, %v", found, err)
	}
}

// TestOIDCCurrentBesideRequests renews one session for a bulk change and for requests of its browser at once. A
// refresh token can be used once.
func TestOIDCCurrentBesideRequests(t *testing.T) {
	t.Parallel()
	s, p := withProvider(t, idptest.Options{})
	s.signInAs("")
	id := s.currentOperator().ID()
	s.clock.forward(15 * time.Minute)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			response, err := s.browser.Get(s.server.URL + "/me")
			if err != nil {
				t.Error(err)
				return
			}
			_ = response.Body.Close()
		})
		all.Go(func() {
			if o, found, err := s.oidc.Current(t.Context(), id); err != nil || !found || len(o.Groups) != 2 {
				t.Errorf("%+v, %v, %v", o, found, err)
			}
		})
	}
	all.Wait()
	if n := p.Hits("refresh_token"); n != 1 || s.sessions.refusedCount() != 0 {
		t.Errorf("the token was used %d times, %d refusals", n, s.sessions.refusedCount())
	}
}
