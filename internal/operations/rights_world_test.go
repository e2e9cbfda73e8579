package operations_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// holder is somebody, or a key, that acts are tried on. Each way of being privileged is there, and each of not being
// it.
type holder struct {
	name       string   // the login, and the name of the key
	roles      []string // beside them, whoever has any also has CallHistory, which is nothing special
	privileged bool     // in a world whose catalogue is known, and whose privileged roles are apptest.Strictly()
	keyed      bool     // has a key
}

// holders, with a name each that is a login.
func holders() []holder {
	return []holder{
		{name: "holds_nothing"},
		{name: "holds_plain", roles: []string{"Developer"}},
		{name: "holds_half", roles: []string{"UserUpdate"}},
		{name: "holds_owner", roles: []string{"Owner"}, privileged: true},
		{name: "holds_container", roles: []string{"ACDManager"}, privileged: true},
		{name: "holds_together", roles: []string{"UserRead", "UserUpdate"}, privileged: true},
		{name: "holds_and_key", roles: []string{"Developer"}, keyed: true},
	}
}

// all are the names of the holder's roles.
func (h holder) all() []string {
	if len(h.roles) == 0 {
		return nil
	}
	return append(slices.Clone(h.roles), "CallHistory")
}

// ground is a world in which rights are tried out.
type ground struct {
	*apptest.World
	t       *testing.T
	roles   map[string]int64
	halves  map[string]string // operations that left somebody deleted, by whose they are
	tried   int
	decided time.Time // when what is sent was decided; zero for now
}

// onGround runs a test in a bubble with all holders, and a key that holds the same for each.
func onGround(t *testing.T, p *policy.Policy, test func(g *ground)) {
	t.Helper()
	company := voxsim.SmallCompany()
	company.Keys = slices.Clone(company.Keys[:1])
	company.Subusers = []voxsim.Subuser{{ID: 200, Login: "the_other_owner", Roles: []string{"Owner"}}}
	for i, h := range holders() {
		company.Subusers = append(company.Subusers, voxsim.Subuser{ID: int64(300 + i), Login: h.name, Roles: h.all()})
		company.Keys = append(company.Keys, voxsim.Key{ID: keyOf(h), Name: h.name, Roles: h.all()})
		if h.keyed {
			company.Keys = append(
				company.Keys,
				voxsim.Key{ID: "99999999-9999-4999-8999-999999999999", Name: "theirs", Subuser: h.name},
			)
		}
	}
	inBubble(t, apptest.Options{Company: company, Policy: p}, func(t *testing.T, w *apptest.World) {
		g := &ground{World: w, t: t, roles: map[string]int64{}, halves: map[string]string{}}
		for _, r := range w.Sim.State().Roles {
			g.roles[r.Name] = r.ID
		}
		test(g)
	})
}

// keyOf is the id of the key that holds what the holder does.
func keyOf(h holder) string {
	at := slices.IndexFunc(holders(), func(other holder) bool { return other.name == h.name })
	return fmt.Sprintf("%08d-1111-4111-8111-111111111111", at)
}

// ids are those of roles by name.
func (g *ground) ids(names []string) []int64 {
	var ids []int64
	for _, name := range names {
		ids = append(ids, g.roles[name])
	}
	return ids
}

// act is an act of somebody, with an id that was never used.
func (g *ground) act(o operator.Operator) operations.Act {
	return operations.Act{ID: g.Operations.NewID(), Operator: o, Account: g.Account, Reason: "because", Decided: g.decided}
}

// unheard is a name that nothing has yet.
func (g *ground) unheard() string {
	g.tried++
	return fmt.Sprintf("newcomer_%d", g.tried)
}

// newcomer is the login of somebody who was created behind our back, without roles.
func (g *ground) newcomer() string {
	g.t.Helper()
	login := g.unheard()
	if err := g.Sim.ApplyExternal(voxsim.ExternalChange{Kind: voxsim.ExternalAddSubuser, Login: login}); err != nil {
		g.t.Fatal(err)
	}
	return login
}

// traces are what an act that was refused may not leave.
type traces struct{ requests, commits, operations, events int }

// traces counts requests to change anything, what the vendor committed, and what the record has.
func (g *ground) traces() traces {
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

// answer is what became of an act in a word: "begun", or why it was not, and "?" with the error when nobody expects it.
func answer(err error) string {
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
