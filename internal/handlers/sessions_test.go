package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/session"
)

// sampleSessions are two sessions of the admin, one of them current, and one of another operator.
func sampleSessions() []session.Session {
	return []session.Session{
		{
			Hash:      "session-hash",
			Operator:  testOperator("admin"),
			Address:   "192.0.2.1",
			Browser:   "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
			CreatedAt: noon,
			SeenAt:    noon,
		},
		{
			Hash:      "other-hash",
			Operator:  testOperator("admin"),
			Address:   "192.0.2.2",
			CreatedAt: noon.Add(-time.Hour),
			SeenAt:    noon.Add(-time.Minute),
		},
		{Hash: "hers", Operator: testOperator("editor"), Address: "192.0.2.3", CreatedAt: noon, SeenAt: noon},
	}
}

func TestMe(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.sessions.list = sampleSessions()
	got := s.get("admin", "/me").
		hasStatus(t, 200).
		contains(t, "demo|admin", "Ms admin", "demo-admin", "Create keys.", "192.0.2.1", "192.0.2.2", "Firefox on Linux").
		excludes(t, "192.0.2.3")
	if got.doc.Find(`form[action="/me?sent"] input[value="session-hash"]`).Length() != 0 ||
		got.doc.Find(`form[action="/me?sent"] input[value="other-hash"]`).Length() != 1 {
		t.Error("the sessions to end are not those that are not in use")
	}
	if got.doc.Find(`a[href="/sessions"]`).Length() != 1 ||
		s.get("editor", "/me").doc.Find(`a[href="/sessions"]`).Length() != 0 {
		t.Error("everybody's sessions are an admin's")
	}
	// Operators without a role can open it.
	s.get(guest, "/me").hasStatus(t, 200).contains(t, "You have no role in this console yet", "demo|guest")
	s.get(guest, "/").hasStatus(t, http.StatusForbidden).contains(t, "Your sign-in")
	s.get(anonymous, "/me").redirectsTo(t, "/sign-in?return=%2Fme")

	s.post("editor", "/me", url.Values{"session": {"hers"}}).redirectsTo(t, "/me")
	s.post("editor", "/me", url.Values{"others": {"1"}}).redirectsTo(t, "/me")
	// The session store checks the owner.
	if want := []string{"hers of demo|editor", "others of demo|editor but session-hash"}; !slices.Equal(
		s.sessions.endCalls,
		want,
	) {
		t.Errorf("ended %v, want %v", s.sessions.endCalls, want)
	}
	s.post("editor", "/me", url.Values{"session": {"session-hash"}}).hasStatus(t, 200).contains(t, "Signed out")
	s.sessions.err = errors.New("disk full")
	s.get("admin", "/me").hasStatus(t, http.StatusServiceUnavailable)
}

func TestSessions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.sessions.list = sampleSessions()
	s.get("admin", "/sessions").hasStatus(t, 200).contains(t, "Ms editor", "192.0.2.3", "Ms admin")
	s.post("admin", "/sessions", url.Values{"session": {"hers"}}).redirectsTo(t, "/sessions")
	if !strings.Contains(
		s.log.String(),
		`"msg":"sessions ended","sessions":1,"of":"demo|editor","operator":"demo|admin"`,
	) {
		t.Errorf("the log does not name the operator of the session: %s", s.log)
	}
	s.post("admin", "/sessions", url.Values{"subject": {"demo|editor"}}).redirectsTo(t, "/sessions")
	// Ending the current session signs out without a redirect.
	s.post("admin", "/sessions", url.Values{"session": {"session-hash"}}).hasStatus(t, 200).contains(t, "Signed out")
	if s.sessions.signOuts != 1 {
		t.Errorf("signed out %d times", s.sessions.signOuts)
	}
	if want := []string{"hers of ", "others of demo|editor but session-hash"}; !slices.Equal(s.sessions.endCalls, want) {
		t.Errorf("ended %v, want %v", s.sessions.endCalls, want)
	}
}

// Ending sessions of other operators needs an admin, and a recent sign-in where the sign-in method has one.
func TestEndSessionsRequiresRecentSignIn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		ago  time.Duration
		want int
	}{{5 * time.Minute, http.StatusSeeOther}, {6 * time.Minute, http.StatusUnauthorized}} {
		s := newSite(t, withProvider(&fakeProvider{}), withIdentity(providerAdmin(test.ago), nil))
		got := s.post("", "/sessions", url.Values{"session": {"hers"}}).hasStatus(t, test.want)
		if done := len(s.sessions.endCalls) == 1; done != (test.want == http.StatusSeeOther) {
			t.Errorf("%s: ended %v", test.ago, s.sessions.endCalls)
		}
		if test.want == http.StatusUnauthorized {
			got.contains(t, "Confirm your identity", "Nothing was changed")
			if got.Header().Get("X-Voxwarden-Sign-In") != "again" ||
				got.doc.Find(`a[target="_blank"][href="/sign-in?again=1&return=%2Fsign-in%2Fdone"]`).Length() != 1 {
				t.Errorf("the way to sign in again is missing: %s", got.Body)
			}
		}
	}
}

// Pages with privileged forms say in advance that they need a recent sign-in.
func TestPrivilegedFormsAnnounceRecentSignIn(t *testing.T) {
	t.Parallel()
	ask, any := `.message a[href="/sign-in?again=1&return=%2Fkeys%2Fnew"]`, `main > .message a[href*="again=1"]`
	old := newSite(t, withProvider(&fakeProvider{}), withIdentity(providerAdmin(time.Hour), nil))
	if old.get("", "/keys/new").hasStatus(t, 200).doc.Find(ask).Length() != 1 {
		t.Error("nothing is said of an old sign-in")
	}
	if old.get("", "/keys").hasStatus(t, 200).doc.Find(any).Length() != 0 {
		t.Error("a list wants a recent sign-in")
	}
	if newSite(
		t,
		withProvider(&fakeProvider{}),
		withIdentity(providerAdmin(time.Minute), nil),
	).get("", "/keys/new").
		doc.Find(ask).
		Length() !=
		0 {
		t.Error("a recent sign-in is not enough")
	}
	if newSite(t, behindProxy).get("admin", "/keys/new").doc.Find(any).Length() != 0 {
		t.Error("the page asks for a sign-in that a proxy does not offer")
	}
}
