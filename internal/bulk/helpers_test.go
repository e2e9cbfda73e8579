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

// agents returns a company of count agents, agent_0001 and so on, each with the role Support, and the_owner with the
// role Owner.
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

// fixture is a world with helpers for bulk changes.
type fixture struct {
	*apptest.World
	t        *testing.T
	tampered *time.Time // when tamper was called last
}

// inWorld runs a test in a synctest bubble on a database of each engine, or on the one that o names. By default its
// company has eight agents.
func inWorld(t *testing.T, o apptest.Options, test func(t *testing.T, d fixture)) {
	t.Helper()
	t.Parallel()
	if o.Database != "" {
		inBubble(t, o, test)
		return
	}
	storetest.Each(t, func(t *testing.T, url string) {
		o := o
		o.Database = url
		inBubble(t, o, test)
	})
}

func inBubble(t *testing.T, o apptest.Options, test func(t *testing.T, d fixture)) {
	t.Helper()
	if o.Company.Keys == nil {
		o.Company = agents(8)
	}
	synctest.Test(t, func(t *testing.T) {
		w := apptest.NewWorld(t, o)
		defer w.Close()
		if err := w.AuditLog.Note(t.Context(), audit.Started{Program: "test"}); err != nil {
			t.Fatal(err)
		}
		d := fixture{World: w, t: t, tampered: new(time.Time)}
		test(t, d)
		d.checkVerify()
	})
}

// startWorkers starts the loops that process bulk changes and reconcile operations. It returns the function that ends
// them and waits for their end.
func (d fixture) startWorkers() (end func()) { return startLoops(d.Bulk.Run, d.Operations.Run) }

// startLoops starts loops. It returns the function that ends them and waits for their end.
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

// roleIDs returns the ids of roles by name.
func (d fixture) roleIDs(names ...string) []int64 {
	var ids []int64
	for _, r := range d.Directory.Catalogue(d.t.Context(), d.Account).Roles {
		if slices.Contains(names, r.Name) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// allAgents selects all agents by a filter.
func allAgents() bulk.Targets {
	return bulk.Targets{Kind: access.Subuser, All: true, Filter: directory.Filter{Query: "agent"}}
}

// subusers selects subusers by their ids.
func subusers(ids ...int64) bulk.Targets { return targetsOf(access.Subuser, ids...) }

// targetsOf selects principals of a kind by the ids of subusers, or by those that keyID returns for them.
func targetsOf(kind access.Kind, ids ...int64) bulk.Targets {
	targets := bulk.Targets{Kind: kind}
	for _, id := range ids {
		targets.Refs = append(targets.Refs, refOf(kind, id))
	}
	return targets
}

func refOf(kind access.Kind, id int64) access.Ref {
	if kind == access.Key {
		return access.KeyRef(keyID(id))
	}
	return access.SubuserRef(id)
}

// keyID returns the id of the key that has the same roles as a subuser.
func keyID(subuser int64) string { return fmt.Sprintf("%08d-0000-4000-8000-000000000000", subuser) }

// must returns the value of a call, and fails the test on an error.
func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if invalid, ok := errors.AsType[*operations.Invalid](err); ok {
			t.Fatal(err, invalid.Fields)
		}
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// draftRoles drafts a change of roles of all agents.
func (d fixture) draftRoles(grant, revoke []string) bulk.Change {
	d.t.Helper()
	grantIDs, revokeIDs := d.roleIDs(grant...), d.roleIDs(revoke...)
	return must[bulk.Change](d.t)(
		d.Bulk.PlanRoles(d.t.Context(), d.request(admin()), allAgents(), grantIDs, revokeIDs),
	)
}

// start starts a draft with everything confirmed.
func (d fixture) start(change bulk.Change) bulk.Started {
	d.t.Helper()
	count, _ := change.Confirmation()
	form := bulk.StartForm{
		Confirm:      fmt.Sprint(count),
		Warned:       change.Warnings,
		Reason:       "the yearly review",
		WithoutRoles: change.WithoutRoles.Count > 0,
	}
	return must[bulk.Started](d.t)(d.Bulk.Start(d.t.Context(), d.request(change.Operator), change.ID, form))
}

func (d fixture) show(id string) bulk.Change {
	d.t.Helper()
	return must[bulk.Change](d.t)(d.Bulk.Show(d.t.Context(), admin(), id))
}

func (d fixture) items(id, only string) []bulk.Item {
	d.t.Helper()
	filter := bulk.ItemFilter{Only: only, PerPage: directory.Everything}
	return must[bulk.ItemPage](d.t)(d.Bulk.Items(d.t.Context(), admin(), id, filter)).Items
}

// waitUntilEnded waits until a bulk change has ended and no item is in progress.
func (d fixture) waitUntilEnded(id string) bulk.Change {
	d.t.Helper()
	return d.waitUntil(id, func(c bulk.Change) bool { return c.Ended() && c.Counts.InProgress == 0 })
}

// waitUntil waits for a state of a bulk change.
func (d fixture) waitUntil(id string, wanted func(bulk.Change) bool) bulk.Change {
	d.t.Helper()
	for range 10_000 {
		if change := d.show(id); wanted(change) {
			return change
		}
		time.Sleep(500 * time.Millisecond)
	}
	d.t.Fatalf("the bulk change never reached the state: %+v\n%s", d.show(id), d.Timeline(d.t))
	return bulk.Change{}
}

// roleNamesOf returns the names of the direct roles of a subuser in the simulator.
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
	return "no such subuser"
}

// writeCount returns the number of writing requests that the simulator has received.
func (d fixture) writeCount() int {
	count := 0
	for _, c := range d.Sim.Calls() {
		if !strings.HasPrefix(c.Method, "Get") {
			count++
		}
	}
	return count
}

// checkAgreement compares the audit log with the ledger. No operation may be open, and no principal changed twice.
func (d fixture) checkAgreement() {
	d.t.Helper()
	if open := d.CheckAgreement(d.t).Open; len(open) > 0 {
		d.t.Errorf("%d operations are open: %+v", len(open), open[0])
	}
	touched := map[string]bool{}
	for _, e := range d.Sim.Ledger() {
		name := fmt.Sprint(e.Method, e.SubuserID, e.KeyID, e.Effect.Login)
		if e.Actor == voxsim.ExternalActor {
			continue
		}
		if touched[name] {
			d.t.Errorf("%s of subuser %d or key %s happened twice", e.Method, e.SubuserID, e.KeyID)
		}
		touched[name] = true
	}
}

// summary returns the state and the counts of a bulk change in short.
func summary(change bulk.Change) string {
	c := change.Counts
	text := string(change.State)
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

// wantSummary compares the summary of a bulk change.
func wantSummary(t *testing.T, change bulk.Change, want string) {
	t.Helper()
	if got := summary(change); got != want {
		t.Errorf("%s; want %s (%s)", got, want, change.StopReason)
	}
}

// fieldError returns the problem of a form field, "" when the error is about no such field.
func fieldError(err error, name string) string {
	if wrong, ok := errors.AsType[*operations.Invalid](err); ok {
		return wrong.Fields[name]
	}
	return ""
}
