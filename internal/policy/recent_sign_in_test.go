package policy

import (
	"errors"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
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
	unproven.ProvenAt = time.Time{} // the provider does not say when
	for _, test := range []struct {
		name       string
		who        operator.Operator
		privileged bool
		want       string
	}{
		{"just signed in", by(operator.OIDC, 0, 0), true, ""},
		{"at the edge", by(operator.OIDC, SignInMaxAge, GroupsMaxAge), true, ""},
		{"an old sign-in, and nothing privileged", by(operator.OIDC, 9*time.Hour, GroupsMaxAge), false, ""},
		{"an old sign-in", by(operator.OIDC, SignInMaxAge+time.Second, 0), true, "again"},
		{"old groups", by(operator.OIDC, 0, GroupsMaxAge+time.Second), false, "groups"},
		{"old groups, privileged", by(operator.OIDC, 0, GroupsMaxAge+time.Second), true, "groups"},
		{"both old", by(operator.OIDC, time.Hour, time.Hour), true, "again"},
		{"nobody knows when", unproven, true, "again"},
		{"nobody knows when, and nothing privileged", unproven, false, ""},
		{"proven by a clock that is a little ahead", by(operator.OIDC, -maxClockSkew, 0), true, ""},
		{"proven in the future", by(operator.OIDC, -maxClockSkew-time.Second, 0), true, "again"},
		{"groups of the future", by(operator.OIDC, 0, -time.Hour), false, "groups"},
		{
			"groups never told",
			operator.Operator{Issuer: "i", Subject: "s", Method: operator.OIDC, ProvenAt: now},
			false,
			"groups",
		},
		{"a proxy proves with every request", by(operator.ProxyHeader, time.Hour, time.Hour), true, ""},
		{"a signed assertion too", by(operator.ProxyJWT, time.Hour, time.Hour), true, ""},
		{"a demo", by(operator.Demo, time.Hour, time.Hour), true, ""},
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

// What none but admins may do at all is privileged by itself; the rest is when a privileged role is touched.
func TestNeedsRecentSignIn(t *testing.T) {
	t.Parallel()
	p := New(Mapping{}, nil)
	want := map[Permission]bool{
		SubusersForce: true,
		KeysCreate:    true,
		KeysEdit:      true,
		KeysRoles:     true,
		KeysDelete:    true,
		AuditResolve:  true,
		DriftAccept:   true,
		SessionsEnd:   true,
		Privileged:    true,
	}
	for _, d := range Permissions() {
		if got := p.NeedsRecentSignIn(d.Permission); got != want[d.Permission] {
			t.Errorf("%s: %t", d.Permission, got)
		}
	}
}

func TestIsPrivilegedChange(t *testing.T) {
	t.Parallel()
	roles := []access.Role{{ID: 1, Name: "Owner"}, {ID: 3, Name: "Support"}}
	set := New(Mapping{}, []string{"Owner"}).Privileged(roles, access.RoleGraph{})
	for _, test := range []struct {
		held, changed []int64
		want          bool
	}{
		{nil, nil, false},
		{[]int64{3}, []int64{3}, false},
		{[]int64{1}, nil, true},
		{nil, []int64{1}, true},
		{[]int64{3}, []int64{3, 1}, true},
	} {
		if got := set.IsPrivilegedChange(test.held, test.changed); got != test.want {
			t.Errorf("held %v, changed %v: %t", test.held, test.changed, got)
		}
	}
}
