package identity_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

func TestDemoOperatorsHaveOneRole(t *testing.T) {
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
		if !ok || o.Name == "" || !o.ProvenAt.Equal(noon) || !o.GroupsAt.Equal(noon) || o.Method != operator.Demo ||
			o.ID() != "demo|"+string(role) {
			t.Errorf("%s: got %+v, %t", role, o, ok)
		}
		if got := p.RolesOf(o); !slices.Equal(got, []policy.DashboardRole{role}) {
			t.Errorf("%s has the roles %v", role, got)
		}
	}
	for _, role := range []string{"", "Admin", "root", "admin "} {
		if o, ok := demo.SignIn(role); ok || o.Authenticated() {
			t.Errorf("%q: got %+v", role, o)
		}
	}
}

// fixedSession is a session store with one operator.
type fixedSession struct {
	operator operator.Operator
	err      error
}

func (r fixedSession) Operator(*http.Request) (operator.Operator, error) { return r.operator, r.err }

func TestDemoIgnoresOtherSessions(t *testing.T) {
	t.Parallel()
	identify := func(r fixedSession, now time.Time) (operator.Operator, error) {
		demo := identity.Demo{Sessions: r, Now: func() time.Time { return now }}
		return demo.Identify(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	}
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	admin, _ := identity.Demo{Now: func() time.Time { return noon }}.SignIn("admin")
	got, err := identify(fixedSession{operator: admin}, noon.Add(time.Hour))
	if err != nil || got.ID() != "demo|admin" || !got.ProvenAt.Equal(noon) || !got.GroupsAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("got %+v, %v", got, err)
	}
	for name, o := range map[string]operator.Operator{
		"no session":   {},
		"other issuer": {Issuer: "https://idp.example", Subject: "admin", Method: "demo"},
		"other method": {Issuer: "demo", Subject: "admin", Method: "oidc"},
	} {
		if got, err := identify(fixedSession{operator: o}, noon); got.Authenticated() || err != nil {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	broken := errors.New("the database is gone")
	if got, err := identify(fixedSession{
		operator: admin,
		err:      broken,
	}, noon); got.Authenticated() || !errors.Is(err, broken) {
		t.Errorf("unreadable session: got %+v, %v", got, err)
	}
}
