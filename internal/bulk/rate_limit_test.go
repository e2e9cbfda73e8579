package bulk_test

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// TestThousandItemsAtRateLimit changes the roles of a thousand subusers while the vendor limits how often it may be
// called. On the way the process is cut off and another takes up the run, a person stops it, and somebody starts
// what was left.
func TestThousandItemsAtRateLimit(t *testing.T) {
	size := 1000
	if testing.Short() {
		size = 100
	}
	inWorld(
		t,
		apptest.Options{Company: agents(size), Variants: voxsim.Variants{RateLimit: 20}, RPS: 25},
		func(t *testing.T, d fixture) {
			defer d.startWorkers()()
			r := d.draftRoles([]string{"Accountant"}, []string{"Support"})
			if r.Counts.Waiting != size || d.writeCount() != 0 {
				t.Fatalf("%s, %d writes", summary(r), d.writeCount())
			}
			began := time.Now()
			d.start(r)
			d.waitUntil(r.ID, func(r bulk.Change) bool { return r.Counts.Applied >= size*3/10 })
			d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.CommitThenHang})
			d.waitUntil(r.ID, func(r bulk.Change) bool { return len(d.unfinishedOperations(r.ID)) > 0 })
			d.Restart()
			defer d.startWorkers()()
			d.waitUntil(r.ID, func(r bulk.Change) bool { return r.Counts.Applied >= size*6/10 })
			must[bulk.Change](t)(d.Bulk.Stop(t.Context(), admin(), r.ID))
			stopped := d.waitUntilEnded(r.ID)
			c := stopped.Counts
			if c.Waiting == 0 || c.Finished()+c.Waiting != size {
				t.Fatalf("stopped with %s", summary(stopped))
			}

			applied, last := 0, stopped
			for id := r.ID; last.State != bulk.Done || last.Counts.Applied < last.Counts.Total; id = last.ID {
				again := must[bulk.Change](t)(d.Bulk.Retry(t.Context(), d.request(admin()), id))
				if left := len(d.items(id, bulk.OnlyNotSent)); again.Counts.Total != left || again.Counts.Waiting != left {
					t.Fatalf("%s of %d rows that were left", summary(again), left)
				}
				d.start(again)
				last = d.waitUntilEnded(again.ID)
				applied += last.Counts.Applied
				t.Logf("after %v: %s", last.EndedAt.Sub(began).Round(time.Second), summary(last))
			}
			first := d.waitUntil(r.ID, func(r bulk.Change) bool { return r.Counts.Unknown == 0 })
			if first.Counts.Applied+applied != size {
				t.Errorf("the first run: %s; %d after it", summary(first), applied)
			}
			for _, s := range d.Sim.State().Subusers {
				if held := d.roleNamesOf(s.Login); s.Login != "the_owner" && held != "Accountant" {
					t.Errorf("%s holds %s", s.Login, held)
				}
			}
			d.checkAgreement()
			t.Logf("%d requests, %d refused for the rate", len(d.Sim.Calls()), d.rateLimitedCalls())
		},
	)
}

// unfinishedOperations are the operations that have begun and have no outcome.
func (d fixture) unfinishedOperations(run string) []audit.Operation {
	d.t.Helper()
	var begun []audit.Operation
	for _, op := range must[[]audit.Operation](d.t)(d.AuditLog.Operations(d.t.Context(), audit.Filter{Open: true})) {
		if op.RequestID == run && op.Result == "" {
			begun = append(begun, op)
		}
	}
	return begun
}

// rateLimitedCalls is how many calls the vendor refused because there were too many.
func (d fixture) rateLimitedCalls() int {
	count := 0
	for _, c := range d.Sim.Calls() {
		if c.Code == 340 {
			count++
		}
	}
	return count
}
