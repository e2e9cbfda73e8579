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

// principal is somebody, or a key, that acts are tried on. Each way of being privileged is there, and each of not being
// it.
type principal struct {
	name       string   // the login, and the name of the key
	roles      []string // beside them, whoever has any also has CallHistory, which is nothing special
	privileged bool     // in a world whose catalogue is known, and whose privileged roles are apptest.Strictly()
	hasKey     bool     // has a key
}

// holders, with a name each that is a login.
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

// all are the names of the holder's roles.
func (h principal) allRoles() []string {
	if len(h.roles) == 0 {
		return nil
	}
	return append(slices.Clone(h.roles), "CallHistory")
}

// permissionWorld is a world in which rights are tried out.
type permissionWorld struct {
	*apptest.World
	t               *testing.T
	roleIDByName    map[string]int64
	partialReissues map[string]string // operations that left somebody deleted, by whose they are
	nameCount       int
	decidedAt       time.Time // when what is sent was decided; zero for now
}

// inPermissionWorld runs a test in a bubble with all holders, and a key that holds the same for each.
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
		g := &permissionWorld{World: w, t: t, roleIDByName: map[string]int64{}, partialReissues: map[string]string{}}
		for _, r := range w.Sim.State().Roles {
			g.roleIDByName[r.Name] = r.ID
		}
		test(g)
	})
}

// keyIDOf is the id of the key that holds what the holder does.
func keyIDOf(h principal) string {
	at := slices.IndexFunc(principals(), func(other principal) bool { return other.name == h.name })
	return fmt.Sprintf("%08d-1111-4111-8111-111111111111", at)
}

// roleIDs are those of roles by name.
func (g *permissionWorld) ids(names []string) []int64 {
	var ids []int64
	for _, name := range names {
		ids = append(ids, g.roleIDByName[name])
	}
	return ids
}

// request is an act of somebody, with an id that was never used.
func (g *permissionWorld) request(o operator.Operator) operations.Request {
	return operations.Request{
		ID:        g.Operations.NewID(),
		Operator:  o,
		Account:   g.Account,
		Reason:    "because",
		DecidedAt: g.decidedAt,
	}
}

// unusedName is a name that nothing has yet.
func (g *permissionWorld) unusedName() string {
	g.nameCount++
	return fmt.Sprintf("newcomer_%d", g.nameCount)
}

// addSubuser is the login of somebody who was created behind our back, without roles.
func (g *permissionWorld) addSubuser() string {
	g.t.Helper()
	login := g.unusedName()
	if err := g.Sim.ApplyExternal(voxsim.ExternalChange{Kind: voxsim.ExternalAddSubuser, Login: login}); err != nil {
		g.t.Fatal(err)
	}
	return login
}

// traces are what an act that was refused may not leave.
type traces struct{ requests, commits, operations, events int }

// traces counts requests to change anything, what the vendor committed, and what the record has.
func (g *permissionWorld) traces() traces {
	g.t.Helper()
	seen := traces{commits: len(g.Sim.Ledger())}
	for _, c := range g.Sim.Calls() {
		if !strings.HasPrefix(c.Method, "Get") {
			seen.requests++
		}
	}
	counted := g.DB.SQL().
		QueryRowContext(g.t.Context(), `SELECT (SELECT COUNT(*) FROM operations), (SELECT COUNT(*) FROM events)`)
	if err := counted.Scan(&seen.operations, &seen.events); err != nil {
		g.t.Fatal(err)
	}
	return seen
}

// describeResult is what became of an act in a word: "begun", or why it was not, and "?" with the error when nobody
// expects it.
func describeResult(err error) string {
	if denied, ok := errors.AsType[*policy.Denied](err); ok {
		return "denied " + string(denied.Permission)
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
