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
	got := s.get(anonymous, "/sign-in?return=/subusers%3Fq%3Da").hasStatus(t, 200)
	if got.field("return") != "/subusers?q=a" {
		t.Errorf("return is %q", got.field("return"))
	}
	if back := s.get(anonymous, "/sign-in?return=//evil.example").field("return"); strings.Contains(back, "evil") {
		t.Errorf("return is %q", back)
	}
	s.post(anonymous, "/sign-in", url.Values{
		"role":   {"editor"},
		"return": {"/subusers?q=a"},
	}).redirectsTo(t, "/subusers?q=a")
	if s.sessions.signedIn.ID() != "demo|editor" {
		t.Errorf("signed in %+v", s.sessions.signedIn)
	}
	s.post(anonymous, "/sign-in", url.Values{"role": {"editor"}, "return": {"https://evil.example"}}).redirectsTo(t, "/")
	s.post(anonymous, "/sign-in", url.Values{"role": {"root"}}).hasStatus(t, 422)
	s.post("admin", "/sign-out", nil).hasStatus(t, 200).contains(t, "Signed out")
	if s.sessions.signOuts != 1 {
		t.Error("the session was not ended")
	}
	s.get("admin", "/sign-out").redirectsTo(t, "/")
	s.get(anonymous, "/sign-out").hasStatus(t, 200).contains(t, "Sign in again")
	s.get(anonymous, "/sign-in/callback?code=x&state=y").hasStatus(t, 404)
}

// Sign-ins and sign-outs are logged.
func TestSignInAndSignOutAreLogged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(anonymous, "/sign-in", url.Values{"role": {"editor"}}).redirectsTo(t, "/")
	if !strings.Contains(s.log.String(), `"msg":"signed in","method":"demo","operator":"demo|editor"`) {
		t.Errorf("who signed in is not said: %s", s.log)
	}
	s.log.Reset()
	s.post("admin", "/sign-out", nil).hasStatus(t, 200).excludes(t, "Ms admin")
	if !strings.Contains(s.log.String(), `"msg":"signed out","operator":"demo|admin"`) {
		t.Errorf("who signed out is not said: %s", s.log)
	}
}

func TestProviderSignIn(t *testing.T) {
	t.Parallel()
	p := &fakeProvider{operator: providerAdmin(0), signOutURL: "https://idp.example/end?id_token_hint=x"}
	s := newSite(t, withProvider(p))
	s.get(anonymous, "/subusers?q=a").redirectsTo(t, "/sign-in?return=%2Fsubusers%3Fq%3Da")
	got := s.get(anonymous, "/sign-in?return=%2Fsubusers%3Fq%3Da").hasStatus(t, http.StatusSeeOther)
	if got.Header().Get("Location") != "https://idp.example/authorize?state=x" || p.returnPath != "/subusers?q=a" ||
		p.reauthenticate {
		t.Errorf("leads to %q, back to %q, again %t", got.Header().Get("Location"), p.returnPath, p.reauthenticate)
	}
	s.get(anonymous, "/sign-in/callback?code=c&state=s").redirectsTo(t, "/subusers?q=a")
	s.get("admin", "/sign-in?again=1&return=//evil.example").hasStatus(t, http.StatusSeeOther)
	if p.returnPath != "/" || !p.reauthenticate {
		t.Errorf("back to %q, again %t", p.returnPath, p.reauthenticate)
	}
	for _, circle := range []string{"/sign-in", "/sign-in?return=%2Fsign-in", "/sign-in/callback?code=c"} {
		s.get("admin", "/sign-in?return="+url.QueryEscape(circle)).hasStatus(t, http.StatusSeeOther)
		if p.returnPath != "/" {
			t.Errorf("%s leads back to %q", circle, p.returnPath)
		}
	}
	p.returnPath = "https://evil.example/" // a path from outside
	s.get(anonymous, "/sign-in/callback?code=c&state=s").redirectsTo(t, "/")
	s.post(anonymous, "/sign-in", url.Values{"role": {"admin"}}).hasStatus(t, http.StatusNotFound)
	if s.sessions.signedIn.Authenticated() {
		t.Error("the demo's sign-in works beside the provider's")
	}
	out := s.post("admin", "/sign-out", nil).hasStatus(t, 200)
	if out.doc.Find(`a[href="https://idp.example/end?id_token_hint=x"]`).Length() != 1 || s.sessions.signOuts != 1 {
		t.Errorf("the provider's own sign-out is not offered: %s", out.text())
	}
	p.signOutURL = ""
	s.post("admin", "/sign-out", nil).hasStatus(t, 200).contains(t, "still signed in")
	s.get("admin", "/sign-in/done").hasStatus(t, 200)
	s.get(anonymous, "/sign-in/done").hasStatus(t, http.StatusSeeOther)
}

func TestSignInFailure(t *testing.T) {
	t.Parallel()
	p := &fakeProvider{err: &identity.Refused{Reason: "the nonce is another one"}}
	s := newSite(t, withProvider(p))
	s.get(anonymous, "/sign-in/callback?code=c&state=s").
		hasStatus(t, http.StatusUnauthorized).
		contains(t, "Your sign-in was not accepted").
		excludes(t, "nonce")
	if !strings.Contains(s.log.String(), `"msg":"sign-in refused","reason":"the nonce is another one"`) {
		t.Errorf("the log does not say why: %s", s.log)
	}
	if strings.Contains(s.log.String(), "code=c") {
		t.Errorf("the log has the query: %s", s.log)
	}
	p.err = &identity.Refused{Reason: identity.ClientNotAccepted}
	s.get(anonymous, "/sign-in/callback?code=c&state=s").
		hasStatus(t, http.StatusServiceUnavailable).
		contains(t, "does not accept this console").
		excludes(t, "The identity")
	p.err = errors.Join(identity.ErrUnavailable, errors.New("dial"))
	s.get(anonymous, "/sign-in").hasStatus(t, http.StatusServiceUnavailable).contains(
		t,
		"Your company's sign-in cannot be reached",
	)
	again := s.get(anonymous, "/sign-in/callback?code=c&state=s").hasStatus(t, http.StatusServiceUnavailable)
	if again.doc.Find(`main a[href="/sign-in"]`).Length() != 1 || again.doc.Find(`a[href*="code=c"]`).Length() != 0 {
		t.Errorf("a code is tried twice: %s", again.Body)
	}
	p.err = &identity.NoUsableKeyError{}
	s.get(anonymous, "/sign-in/callback?code=c&state=s").
		hasStatus(t, http.StatusServiceUnavailable).
		contains(t, "Your company's sign-in cannot be verified").
		excludes(t, "cannot be reached")
	p.err = errors.New("disk full")
	s.get(anonymous, "/sign-in/callback?code=c&state=s").
		hasStatus(t, http.StatusServiceUnavailable).
		contains(t, "database").
		excludes(t, "disk full")
}

// A response of the provider that is used again leads an operator with a session on, and offers others one click to
// sign in again.
func TestOldSignInResponse(t *testing.T) {
	t.Parallel()
	old := func(returnTo string) error {
		return &identity.Unfinished{Old: true, ReturnTo: returnTo, Err: &identity.Refused{Reason: "no such sign-in"}}
	}
	p := &fakeProvider{err: old("")}
	s := newSite(t, withProvider(p))
	s.get("admin", "/sign-in/callback?code=c&state=s").redirectsTo(t, "/")
	if s.sessions.signOuts != 0 || strings.Contains(s.log.String(), "refused") {
		t.Errorf("the session ended, or the log has a refusal: %s", s.log)
	}
	got := s.get(anonymous, "/sign-in/callback?code=c&state=s").
		hasStatus(t, http.StatusUnauthorized).
		contains(t, "This sign-in has ended")
	link := got.doc.Find(`main a[href="/sign-in?return=%2F"]`)
	if link.Length() != 1 || link.AttrOr("target", "") != "" || got.doc.Find("main .actions a").Length() != 1 {
		t.Errorf("the page does not have one link to sign in, in the same tab: %s", got.Body)
	}
	p.err = old("/keys?q=a")
	s.get("admin", "/sign-in/callback?code=c&state=s").redirectsTo(t, "/keys?q=a")
	p.err = old("https://evil.example/")
	s.get("admin", "/sign-in/callback?code=c&state=s").redirectsTo(t, "/")
	// A response after which the operator must do something is shown to operators with a session too.
	p.err = &identity.Unfinished{
		Reauthenticate: true, ReturnTo: "/sign-in/done", Err: &identity.Refused{Reason: "the sign-in has expired"},
	}
	got = s.get("admin", "/sign-in/callback?code=c&state=s").hasStatus(t, http.StatusUnauthorized)
	if got.doc.Find(`main a[href="/sign-in?again=1&return=%2Fsign-in%2Fdone"]`).Length() != 1 {
		t.Errorf("the page does not repeat the sign-in: %s", got.Body)
	}
}

// An error of the provider has a page that says what the operator can do.
func TestProviderErrorPages(t *testing.T) {
	t.Parallel()
	for cause, want := range map[identity.Cause]struct {
		status int
		title  string
	}{
		identity.NotAdmitted:    {http.StatusForbidden, "Your company did not let you in"},
		identity.NotCompleted:   {http.StatusUnauthorized, "Your sign-in was not completed"},
		identity.ProviderFailed: {http.StatusBadGateway, "Your company's sign-in reported an error"},
	} {
		p := &fakeProvider{err: &identity.Unfinished{
			Cause: cause, ReturnTo: "/keys", Err: &identity.Refused{Reason: "the provider returned an error"},
		}}
		s := newSite(t, withProvider(p))
		for _, operator := range []string{anonymous, "admin"} {
			got := s.get(operator, "/sign-in/callback?error=x&error_description=<b>evil</b>").
				hasStatus(t, want.status).
				contains(t, want.title).
				excludes(t, "evil")
			if got.doc.Find(`main .actions a`).Length() != 1 ||
				got.doc.Find(`main a[href="/sign-in?return=%2Fkeys"]`).Length() != 1 {
				t.Errorf("%s: the page does not have one link to sign in: %s", want.title, got.Body)
			}
		}
	}
}

func TestProxySignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t, behindProxy)
	s.get(anonymous, "/").redirectsTo(t, "/sign-in")
	s.get(anonymous, "/sign-in").hasStatus(t, http.StatusUnauthorized).contains(t, "No identity was received")
	s.get("viewer", "/sign-in?return=/keys").redirectsTo(t, "/keys")
	s.post(anonymous, "/sign-in", url.Values{"role": {"admin"}}).hasStatus(t, http.StatusNotFound)
	out := s.post("viewer", "/sign-out", nil).hasStatus(t, 200)
	if out.doc.Find(`a[href="https://proxy.example/sign-out"]`).Length() != 1 {
		t.Errorf("the proxy's sign-out is not offered: %s", out.text())
	}
	s.get("viewer", "/me").hasStatus(t, 200).contains(t, "The proxy in front of this console signs people in")

	forged := newSite(
		t,
		behindProxy,
		withIdentity(operator.Operator{}, &identity.Refused{Reason: "the audience is another one"}),
	)
	for _, route := range forged.routes() {
		if strings.HasSuffix(route, " /healthz") || strings.HasSuffix(route, " /readyz") {
			continue
		}
		forged.do("admin", routeRequest(route)).
			hasStatus(t, http.StatusUnauthorized).
			contains(t, "Your sign-in was not accepted").
			excludes(t, "audience")
	}
	away := newSite(t, behindProxy, withIdentity(operator.Operator{}, identity.ErrUnavailable))
	away.get("admin", "/").hasStatus(t, http.StatusServiceUnavailable)
	broken := newSite(t, behindProxy, withIdentity(operator.Operator{}, errors.New("disk full")))
	broken.get("admin", "/").hasStatus(t, http.StatusServiceUnavailable).contains(t, "database")
}

// The sign-in of the demo exists only in the demo.
func TestDemoSignInIsDemoOnly(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Options){"provider": withProvider(&fakeProvider{}), "proxy": behindProxy} {
		s := newSite(t, change)
		for _, role := range []string{"viewer", "admin"} {
			s.post(anonymous, "/sign-in", url.Values{"role": {role}}).hasStatus(t, http.StatusNotFound)
		}
		if s.sessions.signedIn.Authenticated() {
			t.Errorf("%s: signed in as %s", name, s.sessions.signedIn.ID())
		}
	}
}
