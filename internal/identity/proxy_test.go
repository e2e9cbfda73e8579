package identity_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// The operator of a request is always the one in its assertion. The session follows.
func TestProxySessionFollowsTheAssertion(t *testing.T) {
	t.Parallel()
	clock, sessions := newProxyClock(), newProxySessions()
	p := headerProxy(t, func(o *identity.ProxyHeaderOptions) { o.Sessions, o.Now = sessions, clock.now })

	first := visit(p, with("X-Forwarded-User", "anna"), with("X-Forwarded-Groups", "ops"))
	wantOperator(t, first, "proxy|anna", "ops")
	if len(first.cookies) != 1 || !first.operator.ProvenAt.Equal(proxyNoon) || !first.operator.GroupsAt.Equal(proxyNoon) ||
		first.operator.Method != operator.ProxyHeader {
		t.Fatalf("got %+v, %v", first.operator, first.cookies)
	}
	cookie := first.cookies[0].Value

	clock.pass(time.Hour)
	again := visit(p, with("X-Forwarded-User", "anna"), with("X-Forwarded-Groups", "admins"), withCookie(cookie))
	wantOperator(t, again, "proxy|anna", "admins")
	if len(again.cookies) != 0 || sessions.began != 1 {
		t.Error("new session for the same operator")
	}
	if !again.operator.ProvenAt.Equal(proxyNoon.Add(time.Hour)) ||
		!again.operator.GroupsAt.Equal(again.operator.ProvenAt) {
		t.Errorf("proven at %s, groups of %s", again.operator.ProvenAt, again.operator.GroupsAt)
	}

	forged := visit(p, with("X-Forwarded-User", "boss"), withCookie(cookie), from("192.0.2.1:1"))
	wantRefused(t, forged, "untrusted address")
	if sessions.operators[cookie].Subject != "anna" {
		t.Error("a forged request ended a session")
	}

	other := visit(p, with("X-Forwarded-User", "bert"), withCookie(cookie))
	wantOperator(t, other, "proxy|bert")
	if len(other.cookies) != 1 || other.cookies[0].Value == cookie || sessions.operators[cookie].Authenticated() {
		t.Error("another operator uses the session, or the old one was not ended")
	}

	gone := visit(p, withCookie(other.cookies[0].Value))
	wantNoOperator(t, gone)
	if len(sessions.operators) != 0 || len(gone.cookies) != 1 || gone.cookies[0].MaxAge >= 0 {
		t.Errorf("the session was not ended without an assertion: %v, %v", sessions.operators, gone.cookies)
	}
	anonymous := visit(p)
	wantNoOperator(t, anonymous)
	if len(anonymous.cookies) != 0 {
		t.Error("an anonymous request sets a cookie")
	}
}

// Sessions of other sign-in methods are ignored, and replaced even if they have the same subject.
func TestProxyReplacesSessionsOfOtherMethods(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]operator.Operator{
		"oidc":           {Issuer: "https://idp.example", Subject: "anna", Method: operator.OIDC},
		"other method":   {Issuer: "proxy", Subject: "anna", Method: operator.ProxyJWT},
		"other issuer":   {Issuer: "https://proxy", Subject: "anna", Method: operator.ProxyHeader},
		"moved boundary": {Issuer: "proxy|a", Subject: "nna", Method: operator.ProxyHeader},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sessions := newProxySessions()
			sessions.operators["old"] = o
			p := headerProxy(t, func(o *identity.ProxyHeaderOptions) { o.Sessions = sessions })
			v := visit(p, with("X-Forwarded-User", "anna"), withCookie("old"))
			wantOperator(t, v, "proxy|anna")
			if sessions.operators["old"].Authenticated() || sessions.began != 1 {
				t.Error("the session of another method was not replaced")
			}
		})
	}
	t.Run("not ended without an assertion", func(t *testing.T) {
		t.Parallel()
		sessions := newProxySessions()
		sessions.operators["old"] = operator.Operator{Issuer: "https://idp.example", Subject: "anna", Method: operator.OIDC}
		p := headerProxy(t, func(o *identity.ProxyHeaderOptions) { o.Sessions = sessions })
		wantNoOperator(t, visit(p, withCookie("old")))
		if !sessions.operators["old"].Authenticated() {
			t.Error("a session of another method was ended")
		}
	})
}

// If the session cannot be read or written, there is no operator, and the error is not a *Refused.
func TestProxySessionErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is full")
	for name, tc := range map[string]struct {
		prepare func(*proxySessions)
		change  []func(*http.Request)
	}{
		"reading":   {func(s *proxySessions) { s.broken = broken }, []func(*http.Request){with("X-Forwarded-User", "anna")}},
		"beginning": {func(s *proxySessions) { s.unsaved = broken }, []func(*http.Request){with("X-Forwarded-User", "anna")}},
		"ending":    {func(s *proxySessions) { s.unsaved = broken }, []func(*http.Request){withCookie("old")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sessions := newProxySessions()
			sessions.operators["old"] = operator.Operator{Issuer: "proxy", Subject: "bert", Method: operator.ProxyHeader}
			tc.prepare(sessions)
			v := visit(headerProxy(t, func(o *identity.ProxyHeaderOptions) { o.Sessions = sessions }), tc.change...)
			if v.operator.Authenticated() || !errors.Is(v.err, broken) {
				t.Errorf("got %+v, %v", v.operator, v.err)
			}
		})
	}
}
