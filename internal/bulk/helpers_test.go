package bulk_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// agents is a company of so many agents, agent_0001 and on, each with Support, and one Owner, the_owner.
func agents(count int) voxsim.Company {
	company := voxsim.SmallCompany()
	company.Keys = slices.Clone(company.Keys[:1])
	company.Keys[0].Subuser = ""
	company.Subusers = []voxsim.Subuser{{ID: 200, Login: "the_owner", Roles: []string{"Owner"}}}
	for i := 1; i <= count; i++ {
		company.Subusers = append(
			company.Subusers,
			voxsim.Subuser{ID: int64(1000 + i), Login: fmt.Sprintf("agent_%04d", i), Roles: []string{"Support"}},
		)
	}
	return company
}

// fixture is a world in which somebody works with runs.
type fixture struct {
	*apptest.World
	t *testing.T
}

// inWorld runs a test in a bubble, with a company of eight agents unless the options say otherwise.
func inWorld(t *testing.T, o apptest.Options, test func(t *testing.T, d fixture)) {
	t.Helper()
	t.Parallel()
	inBubble(t, o, test)
}

func inBubble(t *testing.T, o apptest.Options, test func(t *testing.T, d fixture)) {
	t.Helper()
	if o.Company.Keys == nil {
		o.Company = agents(8)
	}
	synctest.Test(t, func(t *testing.T) {
		w := apptest.NewWorld(t, o)
		defer w.Close()
		test(t, fixture{World: w, t: t})
	})
}

// onBothEngines is inWorld on a database of each engine.
func onBothEngines(t *testing.T, o apptest.Options, test func(t *testing.T, d fixture)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		o := o
		o.Database = url
		inBubble(t, o, test)
	})
}

// startWorkers lets this process work off runs and settle operations, until the function that it answers is called;
// that waits for the end.
func (d fixture) startWorkers() (end func()) { return startLoops(d.Bulk.Run, d.Operations.Run) }

// startLoops runs them until the function that it answers is called.
func startLoops(all ...func(ctx context.Context)) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, loop := range all {
		running.Go(func() { loop(ctx) })
	}
	return func() {
		cancel()
		running.Wait()
	}
}

func admin() operator.Operator  { return apptest.Operator("admin", policy.Admin) }
func editor() operator.Operator { return apptest.Operator("editor", policy.Editor) }

func (d fixture) request(o operator.Operator) operations.Request {
	return operations.Request{
		Operator:    o,
		Account:     d.Account,
		RequestID:   "a request",
		SessionID:   "a session",
		Address:     "192.0.2.7",
		AddressFrom: audit.FromForwarded,
	}
}

// roleIDs finds roles by name.
func (d fixture) roleIDs(names ...string) []int64 {
	var ids []int64
	for _, r := range d.Directory.Catalogue(d.t.Context(), d.Account).Roles {
		if slices.Contains(names, r.Name) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// allAgents are all agents.
func allAgents() bulk.Targets {
	return bulk.Targets{All: true, Filter: directory.Filter{Query: "agent"}}
}

// subusers selects subusers by their ids.
func subusers(ids ...int64) bulk.Targets {
	var targets bulk.Targets
	for _, id := range ids {
		targets.Refs = append(targets.Refs, access.SubuserRef(id))
	}
	return targets
}

// must answers what a call gave that may not fail.
func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// draftRoles drafts a change of roles of all agents.
func (d fixture) draftRoles(grant, revoke []string) bulk.Change {
	d.t.Helper()
	return must[bulk.Change](
		d.t,
	)(
		d.Bulk.PlanRoles(d.t.Context(), d.request(admin()), allAgents(), d.roleIDs(grant...), d.roleIDs(revoke...)),
	)
}

// start starts a draft as its page would, everything confirmed.
func (d fixture) start(r bulk.Change) bulk.Started {
	d.t.Helper()
	count, _ := r.Confirmation()
	return must[bulk.Started](
		d.t,
	)(
		d.Bulk.Start(
			d.t.Context(),
			d.request(r.Operator),
			r.ID,
			bulk.StartForm{Confirm: fmt.Sprint(count), Warned: r.Warnings, Reason: "the yearly review"},
		),
	)
}

func (d fixture) show(id string) bulk.Change {
	d.t.Helper()
	return must[bulk.Change](d.t)(d.Bulk.Show(d.t.Context(), admin(), id))
}

func (d fixture) items(id, only string) []bulk.Item {
	d.t.Helper()
	return must[bulk.ItemPage](d.t)(d.Bulk.Items(d.t.Context(), admin(), id, bulk.ItemFilter{
		Only:    only,
		PerPage: -1,
	})).Items
}

// waitUntilEnded waits until a run has ended, and nothing of it is under way.
func (d fixture) waitUntilEnded(id string) bulk.Change {
	d.t.Helper()
	return d.waitUntil(id, func(r bulk.Change) bool { return r.Ended() && r.Counts.InProgress == 0 })
}

// waitUntil waits for a run to be as wanted.
func (d fixture) waitUntil(id string, wanted func(bulk.Change) bool) bulk.Change {
	d.t.Helper()
	for range 10_000 {
		if r := d.show(id); wanted(r) {
			return r
		}
		time.Sleep(500 * time.Millisecond)
	}
	d.t.Fatalf("the run never came to that: %+v\n%s", d.show(id), d.Timeline(d.t))
	return bulk.Change{}
}

// roleNamesOf are the roles that the simulator says a subuser has been given, by name.
func (d fixture) roleNamesOf(login string) string {
	state := d.Sim.State()
	names := map[int64]string{}
	for _, r := range state.Roles {
		names[r.ID] = r.Name
	}
	for _, s := range state.Subusers {
		if s.Login == login {
			var have []string
			for _, id := range s.RoleIDs {
				have = append(have, names[id])
			}
			return strings.Join(have, " ")
		}
	}
	return "nobody"
}

// writeCount is how many writing requests the vendor has received.
func (d fixture) writeCount() int {
	count := 0
	for _, c := range d.Sim.Calls() {
		if !strings.HasPrefix(c.Method, "Get") {
			count++
		}
	}
	return count
}

// checkAgreement compares the record with the ledger, which must leave nothing open.
func (d fixture) checkAgreement() {
	d.t.Helper()
	if open := d.CheckAgreement(d.t).Open; len(open) > 0 {
		d.t.Errorf("%d operations are open: %+v", len(open), open[0])
	}
	touched := map[string]bool{}
	for _, e := range d.Sim.Ledger() {
		name := fmt.Sprint(e.Method, e.SubuserID, e.Effect.Login)
		if e.Actor == voxsim.ExternalActor {
			continue
		}
		if touched[name] {
			d.t.Errorf("%s of subuser %d was done twice", e.Method, e.SubuserID)
		}
		touched[name] = true
	}
}

// summary is a short form of what became of a run.
func summary(r bulk.Change) string {
	c := r.Counts
	text := string(r.State)
	for _, part := range []struct {
		name  string
		count int
	}{
		{"waiting", c.Waiting},
		{"busy", c.InProgress},
		{"idle", c.Unchanged},
		{"skipped", c.Skipped},
		{"applied", c.Applied},
		{"refused", c.Refused},
		{"not sent", c.NotSent},
		{"partly", c.PartlyApplied},
		{"not applied", c.NotApplied},
		{"unknown", c.Unknown},
	} {
		if part.count > 0 {
			text += fmt.Sprintf(", %d %s", part.count, part.name)
		}
	}
	return text
}

// wantSummary compares what became of a run.
func wantSummary(t *testing.T, r bulk.Change, counted string) {
	t.Helper()
	if got := summary(r); got != counted {
		t.Errorf("%s; want %s (%s)", got, counted, r.StopReason)
	}
}

// fieldError answers what is said about a field of a form that is invalid, "" when nothing is.
func fieldError(err error, name string) string {
	if wrong, ok := errors.AsType[*operations.Invalid](err); ok {
		return wrong.Fields[name]
	}
	return ""
}
