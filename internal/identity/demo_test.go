package identity_test

import (
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

func TestDemoPeopleHaveJustTheirRole(t *testing.T) {
	t.Parallel()
	groups := config.DemoGroups()
	p := policy.New(policy.Mapping{Groups: map[policy.DashboardRole][]string{
		policy.Admin: groups.AdminGroups, policy.Editor: groups.EditorGroups,
		policy.Auditor: groups.AuditorGroups, policy.Viewer: groups.ViewerGroups,
	}}, nil)
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	demo := identity.Demo{Now: func() time.Time { return noon }}
	for i, role := range policy.DashboardRoles() {
		if demo.Roles()[i] != string(role) {
			t.Errorf("role %d: got %s, want %s", i, demo.Roles()[i], role)
		}
		o, ok := demo.SignIn(string(role))
		if !ok || o.Name == "" || !o.ProvenAt.Equal(noon) || o.ID() != "demo|"+string(role) {
			t.Errorf("%s: got %+v, %t", role, o, ok)
		}
		if got := p.RolesOf(o); !slices.Equal(got, []policy.DashboardRole{role}) {
			t.Errorf("%s has the roles %v", role, got)
		}
	}
	for _, role := range []string{"", "Admin", "root", "admin "} {
		if o, ok := demo.SignIn(role); ok || o.Known() {
			t.Errorf("%q: got %+v", role, o)
		}
	}
}

func TestDemoTakesItsOwnSessionsOnly(t *testing.T) {
	t.Parallel()
	var demo identity.Demo
	r := httptest.NewRequest("GET", "/", nil)
	admin, _ := demo.SignIn("admin")
	if got := demo.Operator(r, admin); got.ID() != "demo|admin" {
		t.Errorf("got %+v", got)
	}
	for name, o := range map[string]operator.Operator{
		"nobody":       {},
		"other issuer": {Issuer: "https://idp.example", Subject: "admin", Method: "demo"},
		"other method": {Issuer: "demo", Subject: "admin", Method: "oidc"},
	} {
		if got := demo.Operator(r, o); got.Known() {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}
