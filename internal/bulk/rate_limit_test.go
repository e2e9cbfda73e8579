package bulk_test

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// TestThousandItemsAtRateLimit changes the roles of a thousand subusers at the vendor's rate limit. Meanwhile the
// process crashes, another one continues, the bulk change is stopped, and the rest is retried.
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
			change := d.draftRoles([]string{"Accountant"}, []string{"Support"})
			if change.Counts.Waiting != size || d.writeCount() != 0 {
				t.Fatalf("%s, %d writes", summary(change), d.writeCount())
			}
			began := time.Now()
			d.start(change)
			d.waitUntil(change.ID, func(c bulk.Change) bool { return c.Counts.Applied >= size*3/10 })
			d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.CommitThenHang})
			d.waitUntil(change.ID, func(c bulk.Change) bool { return len(d.unfinishedOperations(c.ID)) > 0 })
			d.Restart()
			defer d.startWorkers()()
			d.waitUntil(change.ID, func(c bulk.Change) bool { return c.Counts.Applied >= size*6/10 })
			must[bulk.Change](t)(d.Bulk.Stop(t.Context(), admin(), change.ID))
			stopped := d.waitUntilEnded(change.ID)
			c := stopped.Counts
			if c.Waiting == 0 || c.Finished()+c.Waiting != size {
				t.Fatalf("stopped with %s", summary(stopped))
			}

			applied, last := 0, stopped
			for id := change.ID; last.State != bulk.Done || last.Counts.Applied < last.Counts.Total; id = last.ID {
				again := must[bulk.Change](t)(d.Bulk.Retry(t.Context(), d.request(admin()), id))
				if left := len(d.items(id, bulk.OnlyNotSent)); again.Counts.Total != left || again.Counts.Waiting != left {
					t.Fatalf("%s of %d items that were left", summary(again), left)
				}
				d.start(again)
				last = d.waitUntilEnded(again.ID)
				applied += last.Counts.Applied
				t.Logf("after %v: %s", last.EndedAt.Sub(began).Round(time.Second), summary(last))
			}
			first := d.waitUntil(change.ID, func(c bulk.Change) bool { return c.Counts.Unknown == 0 })
			if first.Counts.Applied+applied != size {
				t.Errorf("the first bulk change: %s; %d applied by the retries", summary(first), applied)
			}
			for _, s := range d.Sim.State().Subusers {
				if roles := d.roleNamesOf(s.Login); s.Login != "the_owner" && roles != "Accountant" {
					t.Errorf("%s has %s", s.Login, roles)
				}
			}
			d.checkAgreement()
			t.Logf("%d requests, %d refused by the rate limit", len(d.Sim.Calls()), d.rateLimitedCalls())
		},
	)
}

// unfinishedOperations returns the operations of a bulk change that have begun and have no outcome.
func (d fixture) unfinishedOperations(bulkID string) []audit.Operation {
	d.t.Helper()
	var begun []audit.Operation
	for _, op := range must[[]audit.Operation](d.t)(d.AuditLog.Operations(d.t.Context(), audit.Filter{Open: true})) {
		if op.RequestID == bulkID && op.Result == "" {
			begun = append(begun, op)
		}
	}
	return begun
}

// rateLimitedCalls returns the number of calls that the rate limit refused.
func (d fixture) rateLimitedCalls() int {
	count := 0
	for _, c := range d.Sim.Calls() {
		if c.Code == 340 {
			count++
		}
	}
	return count
}
