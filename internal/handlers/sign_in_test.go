package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operator"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	got := s.get(stranger, "/sign-in?return=/subusers%3Fq%3Da").wants(t, 200)
	if got.field("return") != "/subusers?q=a" {
		t.Errorf("return is %q", got.field("return"))
	}
	if back := s.get(stranger, "/sign-in?return=//evil.example").field("return"); strings.Contains(back, "evil") {
		t.Errorf("return is %q", back)
	}
	s.post(stranger, "/sign-in", url.Values{"role": {"editor"}, "return": {"/subusers?q=a"}}).leads(t, "/subusers?q=a")
	if s.sessions.signedIn.ID() != "demo|editor" {
		t.Errorf("signed in %+v", s.sessions.signedIn)
	}
	s.post(stranger, "/sign-in", url.Values{"role": {"editor"}, "return": {"https://evil.example"}}).leads(t, "/")
	s.post(stranger, "/sign-in", url.Values{"role": {"root"}}).wants(t, 422)
	s.post("admin", "/sign-out", nil).wants(t, 200).says(t, "Signed out")
	if s.sessions.ended != 1 {
		t.Error("the session was not ended")
	}
	s.get("admin", "/sign-out").leads(t, "/")
	s.get(stranger, "/sign-out").wants(t, 200).says(t, "Sign in again")
	s.get(stranger, "/sign-in/callback?code=x&state=y").wants(t, 404)
}

// Who signed in and out when is nowhere but in the log.
func TestTheLogSaysWhoSignsInAndOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(stranger, "/sign-in", url.Values{"role": {"editor"}}).leads(t, "/")
	if !strings.Contains(s.log.String(), `"msg":"signed in","method":"demo","operator":"demo|editor"`) {
		t.Errorf("who signed in is not said: %s", s.log)
	}
	s.log.Reset()
	s.post("admin", "/sign-out", nil).wants(t, 200).hides(t, "Ms admin")
	if !strings.Contains(s.log.String(), `"msg":"signed out","operator":"demo|admin"`) {
		t.Errorf("who signed out is not said: %s", s.log)
	}
}

func TestSignInAtAProvider(t *testing.T) {
	t.Parallel()
	p := &fakeProvider{who: proven(0), out: "https://idp.example/end?id_token_hint=x"}
	s := newSite(t, withProvider(p))
	s.get(stranger, "/subusers?q=a").leads(t, "/sign-in?return=%2Fsubusers%3Fq%3Da")
	got := s.get(stranger, "/sign-in?return=%2Fsubusers%3Fq%3Da").wants(t, http.StatusSeeOther)
	if got.Header().Get("Location") != "https://idp.example/authorize?state=x" || p.back != "/subusers?q=a" || p.again {
		t.Errorf("leads to %q, back to %q, again %t", got.Header().Get("Location"), p.back, p.again)
	}
	s.get(stranger, "/sign-in/callback?code=c&state=s").leads(t, "/subusers?q=a")
	s.get("admin", "/sign-in?again=1&return=//evil.example").wants(t, http.StatusSeeOther)
	if p.back != "/" || !p.again {
		t.Errorf("back to %q, again %t", p.back, p.again)
	}
	for _, circle := range []string{"/sign-in", "/sign-in?return=%2Fsign-in", "/sign-in/callback?code=c"} {
		s.get("admin", "/sign-in?return="+url.QueryEscape(circle)).wants(t, http.StatusSeeOther)
		if p.back != "/" {
			t.Errorf("%s leads back to %q", circle, p.back)
		}
	}
	p.back = "https://evil.example/" // whatever came back with the browser
	s.get(stranger, "/sign-in/callback?code=c&state=s").leads(t, "/")
	s.post(stranger, "/sign-in", url.Values{"role": {"admin"}}).wants(t, http.StatusNotFound)
	if s.sessions.signedIn.Authenticated() {
		t.Error("the demo's sign-in works beside the provider's")
	}
	out := s.post("admin", "/sign-out", nil).wants(t, 200)
	if out.doc.Find(`a[href="https://idp.example/end?id_token_hint=x"]`).Length() != 1 || s.sessions.ended != 1 {
		t.Errorf("the provider's own sign-out is not offered: %s", out.text())
	}
	p.out = ""
	s.post("admin", "/sign-out", nil).wants(t, 200).says(t, "still signed in")
	s.get("admin", "/sign-in/done").wants(t, 200)
	s.get(stranger, "/sign-in/done").wants(t, http.StatusSeeOther)
}

func TestSignInThatFails(t *testing.T) {
	t.Parallel()
	p := &fakeProvider{err: &identity.Refused{Reason: "the nonce is another one"}}
	s := newSite(t, withProvider(p))
	s.get(stranger, "/sign-in/callback?code=c&state=s").
		wants(t, http.StatusUnauthorized).
		says(t, "Your sign-in was not accepted").
		hides(t, "nonce")
	if !strings.Contains(s.log.String(), `"msg":"sign-in refused","reason":"the nonce is another one"`) {
		t.Errorf("the log does not say why: %s", s.log)
	}
	if strings.Contains(s.log.String(), "code=c") {
		t.Errorf("the log has the query: %s", s.log)
	}
	p.err = errors.Join(identity.ErrAway, errors.New("dial"))
	s.get(stranger, "/sign-in").wants(t, http.StatusServiceUnavailable).says(t, "Your company's sign-in cannot be reached")
	again := s.get(stranger, "/sign-in/callback?code=c&state=s").wants(t, http.StatusServiceUnavailable)
	if again.doc.Find(`main a[href="/sign-in"]`).Length() != 1 || again.doc.Find(`a[href*="code=c"]`).Length() != 0 {
		t.Errorf("a code is tried twice: %s", again.Body)
	}
	p.err = errors.New("disk full")
	s.get(stranger, "/sign-in/callback?code=c&state=s").
		wants(t, http.StatusServiceUnavailable).
		says(t, "database").
		hides(t, "disk full")
}

func TestBehindAProxy(t *testing.T) {
	t.Parallel()
	s := newSite(t, behindProxy)
	s.get(stranger, "/").leads(t, "/sign-in")
	s.get(stranger, "/sign-in").wants(t, http.StatusUnauthorized).says(t, "Nobody said who you are")
	s.get("viewer", "/sign-in?return=/keys").leads(t, "/keys")
	s.post(stranger, "/sign-in", url.Values{"role": {"admin"}}).wants(t, http.StatusNotFound)
	out := s.post("viewer", "/sign-out", nil).wants(t, 200)
	if out.doc.Find(`a[href="https://proxy.example/sign-out"]`).Length() != 1 {
		t.Errorf("the proxy's sign-out is not offered: %s", out.text())
	}
	s.get("viewer", "/me").wants(t, 200).says(t, "The proxy in front of this console signs people in")

	forged := newSite(t, behindProxy, by(operator.Operator{}, &identity.Refused{Reason: "the audience is another one"}))
	for _, route := range forged.routes() {
		if route == "GET /healthz" || route == "GET /readyz" {
			continue
		}
		forged.do("admin", routeRequest(route)).
			wants(t, http.StatusUnauthorized).
			says(t, "Your sign-in was not accepted").
			hides(t, "audience")
	}
	away := newSite(t, behindProxy, by(operator.Operator{}, identity.ErrAway))
	away.get("admin", "/").wants(t, http.StatusServiceUnavailable)
	broken := newSite(t, behindProxy, by(operator.Operator{}, errors.New("disk full")))
	broken.get("admin", "/").wants(t, http.StatusServiceUnavailable).says(t, "database")
}

// The demo's door is a demo's alone: no other way of signing in leaves it open.
func TestTheDemosSignInIsClosedElsewhere(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Options){"provider": withProvider(&fakeProvider{}), "proxy": behindProxy} {
		s := newSite(t, change)
		for _, role := range []string{"viewer", "admin"} {
			s.post(stranger, "/sign-in", url.Values{"role": {role}}).wants(t, http.StatusNotFound)
		}
		if s.sessions.signedIn.Authenticated() {
			t.Errorf("%s: somebody was signed in as %s", name, s.sessions.signedIn.ID())
		}
	}
}
