package bulk_test

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// TestAThousandAtTheRateLimit changes the roles of a thousand subusers while the vendor limits how often it may be
// called. On the way the process is cut off and another takes up the run, a person stops it, and somebody starts
// what was left.
func TestAThousandAtTheRateLimit(t *testing.T) {
	size := 1000
	if testing.Short() {
		size = 100
	}
	inWorld(
		t,
		apptest.Options{Company: agents(size), Variants: voxsim.Variants{RateLimit: 20}, RPS: 25},
		func(t *testing.T, d desk) {
			defer d.work()()
			r := d.planned([]string{"Accountant"}, []string{"Support"})
			if r.Counts.Waiting != size || d.writes() != 0 {
				t.Fatalf("%s, %d writes", counts(r), d.writes())
			}
			began := time.Now()
			d.start(r)
			d.until(r.ID, func(r bulk.Run) bool { return r.Counts.Applied >= size*3/10 })
			d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.CommitThenHang})
			d.until(r.ID, func(r bulk.Run) bool { return len(d.underWay(r.ID)) > 0 })
			d.Restart()
			defer d.work()()
			d.until(r.ID, func(r bulk.Run) bool { return r.Counts.Applied >= size*6/10 })
			must[bulk.Run](t)(d.Bulk.Stop(t.Context(), admin(), r.ID))
			stopped := d.ended(r.ID)
			c := stopped.Counts
			if c.Waiting == 0 || c.Sent()+c.Waiting != size {
				t.Fatalf("stopped with %s", counts(stopped))
			}

			applied, last := 0, stopped
			for id := r.ID; last.State != bulk.Done || last.Counts.Applied < last.Counts.Total; id = last.ID {
				again := must[bulk.Run](t)(d.Bulk.Retry(t.Context(), d.act(admin()), id))
				if left := len(d.rows(id, bulk.OnlyNotSent)); again.Counts.Total != left || again.Counts.Waiting != left {
					t.Fatalf("%s of %d rows that were left", counts(again), left)
				}
				d.start(again)
				last = d.ended(again.ID)
				applied += last.Counts.Applied
				t.Logf("after %v: %s", last.EndedAt.Sub(began).Round(time.Second), counts(last))
			}
			first := d.until(r.ID, func(r bulk.Run) bool { return r.Counts.Unknown == 0 })
			if first.Counts.Applied+applied != size {
				t.Errorf("the first run: %s; %d after it", counts(first), applied)
			}
			for _, s := range d.Sim.State().Subusers {
				if held := d.held(s.Login); s.Login != "the_owner" && held != "Accountant" {
					t.Errorf("%s holds %s", s.Login, held)
				}
			}
			d.agree()
			t.Logf("%d requests, %d refused for the rate", len(d.Sim.Calls()), d.limited())
		},
	)
}

// underWay are the operations that have begun and have no outcome.
func (d desk) underWay(run string) []audit.Operation {
	d.t.Helper()
	var begun []audit.Operation
	for _, op := range must[[]audit.Operation](d.t)(d.Record.Operations(d.t.Context(), audit.Filter{Open: true})) {
		if op.RequestID == run && op.Result == "" {
			begun = append(begun, op)
		}
	}
	return begun
}

// limited is how many calls the vendor refused because there were too many.
func (d desk) limited() int {
	count := 0
	for _, c := range d.Sim.Calls() {
		if c.Code == 340 {
			count++
		}
	}
	return count
}
