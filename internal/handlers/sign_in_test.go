package handlers

import (
	"net/url"
	"strings"
	"testing"
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
	s.post("admin", "/sign-out", nil).wants(t, 200)
	if s.sessions.ended != 1 {
		t.Error("the session was not ended")
	}
	s.get("admin", "/sign-out").leads(t, "/sign-in")
}

// Who signed in and out when is nowhere but in the log.
func TestTheLogSaysWhoSignsInAndOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(stranger, "/sign-in", url.Values{"role": {"editor"}}).leads(t, "/")
	if !strings.Contains(s.log.String(), `"operator":"demo|editor"`) {
		t.Errorf("who signed in is not said: %s", s.log)
	}
	s.log.Reset()
	s.post("admin", "/sign-out", nil).wants(t, 200).hides(t, "Ms admin")
	if !strings.Contains(s.log.String(), `"operator":"demo|admin"`) {
		t.Errorf("who signed out is not said: %s", s.log)
	}
}
