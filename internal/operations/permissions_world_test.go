package operations_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// principal is a subuser and a key with the same roles, on which actions are tried. The list contains each way of being
// privileged and of not being privileged.
type principal struct {
	name       string   // the login, and the name of the key
	roles      []string // a principal with any role also has CallHistory, which is not privileged
	privileged bool     // in a world with a known catalogue and the privileged roles of apptest.Strictly()
	hasKey     bool     // a key belongs to the subuser
}

// principals returns all of them, each with its own login.
func principals() []principal {
	return []principal{
		{name: "holds_nothing"},
		{name: "holds_plain", roles: []string{"Developer"}},
		{name: "holds_half", roles: []string{"UserUpdate"}},
		{name: "holds_owner", roles: []string{"Owner"}, privileged: true},
		{name: "holds_container", roles: []string{"ACDManager"}, privileged: true},
		{name: "holds_together", roles: []string{"UserRead", "UserUpdate"}, privileged: true},
		{name: "holds_and_key", roles: []string{"Developer"}, hasKey: true},
	}
}

// allRoles returns the names of the roles of the principal.
func (h principal) allRoles() []string {
	if len(h.roles) == 0 {
		return nil
	}
	return append(slices.Clone(h.roles), "CallHistory")
}

// permissionWorld is a world in which permissions are tested.
type permissionWorld struct {
	*apptest.World
	t               *testing.T
	roleIDByName    map[string]int64
	partialReissues map[string]string // re-issues that deleted a subuser only, by operator
	nameCount       int
	decidedAt       time.Time // when the request was decided; zero for now
	reason          string    // of requests; "because" unless a test changes it
}

// inPermissionWorld runs a test in a bubble with all principals.
func inPermissionWorld(t *testing.T, p *policy.Policy, test func(g *permissionWorld)) {
	t.Helper()
	company := voxsim.SmallCompany()
	company.Keys = slices.Clone(company.Keys[:1])
	company.Subusers = []voxsim.Subuser{{ID: 200, Login: "the_other_owner", Roles: []string{"Owner"}}}
	for i, target := range principals() {
		company.Subusers = append(company.Subusers, voxsim.Subuser{
			ID:    int64(300 + i),
			Login: target.name,
			Roles: target.allRoles(),
		})
		company.Keys = append(company.Keys, voxsim.Key{ID: keyIDOf(target), Name: target.name, Roles: target.allRoles()})
		if target.hasKey {
			company.Keys = append(
				company.Keys,
				voxsim.Key{ID: "99999999-9999-4999-8999-999999999999", Name: "theirs", Subuser: target.name},
			)
		}
	}
	inBubble(t, apptest.Options{Company: company, Policy: p}, func(t *testing.T, w *apptest.World) {
		g := &permissionWorld{
			World:           w,
			t:               t,
			roleIDByName:    map[string]int64{},
			partialReissues: map[string]string{},
			reason:          "because",
		}
		for _, r := range w.Sim.State().Roles {
			g.roleIDByName[r.Name] = r.ID
		}
		test(g)
	})
}

// keyIDOf returns the id of the key with the roles of the principal.
func keyIDOf(h principal) string {
	at := slices.IndexFunc(principals(), func(other principal) bool { return other.name == h.name })
	return fmt.Sprintf("%08d-1111-4111-8111-111111111111", at)
}

// ids returns the ids of roles by name.
func (g *permissionWorld) ids(names []string) []int64 {
	var ids []int64
	for _, name := range names {
		ids = append(ids, g.roleIDByName[name])
	}
	return ids
}

// request returns a request of an operator with a new operation id.
func (g *permissionWorld) request(o operator.Operator) operations.Request {
	return operations.Request{
		ID:        g.Operations.NewID(),
		Operator:  o,
		Account:   g.Account,
		Reason:    g.reason,
		DecidedAt: g.decidedAt,
	}
}

// unusedName returns a name that no principal has yet.
func (g *permissionWorld) unusedName() string {
	g.nameCount++
	return fmt.Sprintf("newcomer_%d", g.nameCount)
}

// addSubuser creates a subuser without roles outside the console and returns its login.
func (g *permissionWorld) addSubuser() string {
	g.t.Helper()
	login := g.unusedName()
	if err := g.Sim.ApplyExternal(voxsim.ExternalChange{Kind: voxsim.ExternalAddSubuser, Login: login}); err != nil {
		g.t.Fatal(err)
	}
	return login
}

// traces are what a denied action must not leave.
type traces struct{ requests, commits, operations, events int }

// traces counts write requests, what the vendor committed, and the events of the audit log. It leaves out the events
// that belong to no action: the first one, and those of drift, which compares listings in the background.
func (g *permissionWorld) traces() traces {
	g.t.Helper()
	seen := traces{commits: len(g.Sim.Ledger())}
	for _, c := range g.Sim.Calls() {
		if !strings.HasPrefix(c.Method, "Get") {
			seen.requests++
		}
	}
	counted := g.DB.SQL().
		QueryRowContext(g.t.Context(), `SELECT (SELECT COUNT(*) FROM operations),
			(SELECT COUNT(*) FROM events WHERE kind NOT IN ('genesis', 'drift_state', 'facts'))`)
	if err := counted.Scan(&seen.operations, &seen.events); err != nil {
		g.t.Fatal(err)
	}
	return seen
}

// describeResult returns the result of an action in a word: "begun", or why it was not, or "?" with an unexpected
// error.
func describeResult(err error) string {
	if denied, ok := errors.AsType[*policy.Denied](err); ok {
		return "denied " + string(denied.Permission)
	}
	if unknown, ok := errors.AsType[*operations.PrivilegeUnknown](err); ok {
		return "denied " + string(policy.Privileged) + ": " + unknown.Error()
	}
	if stale, ok := errors.AsType[*policy.StaleSignIn](err); ok {
		return map[bool]string{true: "sign in again", false: "groups again"}[stale.Reauthenticate]
	}
	if _, ok := errors.AsType[*operations.Invalid](err); ok || errors.Is(err, operations.ErrNoCatalogue) {
		return "not now"
	}
	if err != nil {
		return "? " + err.Error()
	}
	return "begun"
}
