package policy

import (
	"errors"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
)

func TestRequireRecentSignIn(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	by := func(method string, proven, groups time.Duration) operator.Operator {
		return operator.Operator{
			Issuer:   "i",
			Subject:  "s",
			Method:   method,
			ProvenAt: now.Add(-proven),
			GroupsAt: now.Add(-groups),
		}
	}
	unproven := by(operator.OIDC, 0, 0)
	unproven.ProvenAt = time.Time{} // the provider does not report it
	for _, test := range []struct {
		name       string
		who        operator.Operator
		privileged bool
		want       string
	}{
		{"just signed in", by(operator.OIDC, 0, 0), true, ""},
		{"exactly at both limits", by(operator.OIDC, SignInMaxAge, GroupsMaxAge), true, ""},
		{"an old sign-in, unprivileged", by(operator.OIDC, 9*time.Hour, GroupsMaxAge), false, ""},
		{"an old sign-in", by(operator.OIDC, SignInMaxAge+time.Second, 0), true, "again"},
		{"old groups", by(operator.OIDC, 0, GroupsMaxAge+time.Second), false, "groups"},
		{"old groups, privileged", by(operator.OIDC, 0, GroupsMaxAge+time.Second), true, "groups"},
		{"both old", by(operator.OIDC, time.Hour, time.Hour), true, "again"},
		{"unknown time of sign-in", unproven, true, "again"},
		{"unknown time of sign-in, unprivileged", unproven, false, ""},
		{"signed in by a clock that is a little ahead", by(operator.OIDC, -maxClockSkew, 0), true, ""},
		{"signed in in the future", by(operator.OIDC, -maxClockSkew-time.Second, 0), true, "again"},
		{"groups read in the future", by(operator.OIDC, 0, -time.Hour), false, "groups"},
		{
			"groups never read",
			operator.Operator{Issuer: "i", Subject: "s", Method: operator.OIDC, ProvenAt: now},
			false,
			"groups",
		},
		{"a proxy header authenticates every request", by(operator.ProxyHeader, time.Hour, time.Hour), true, ""},
		{"a signed assertion authenticates every request", by(operator.ProxyJWT, time.Hour, time.Hour), true, ""},
		{"the demo", by(operator.Demo, time.Hour, time.Hour), true, ""},
	} {
		got := ""
		if stale, ok := errors.AsType[*StaleSignIn](RequireRecentSignIn(test.who, test.privileged, now)); ok {
			got = map[bool]string{true: "again", false: "groups"}[stale.Reauthenticate]
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}
