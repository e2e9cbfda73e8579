package bulk_test

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/storetest"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// replica is another console over the same database, with connections of its own.
func (d desk) replica() (other desk, end func()) {
	d.t.Helper()
	w, end := d.Replica()
	return desk{World: w, t: d.t}, end
}

// TestARunWaitsWhileAnotherReplicaHasTheTurn lets a replica that never says anything hold the job, for longer than a
// lease, and then die or let it go.
func TestARunWaitsWhileAnotherReplicaHasTheTurn(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		database storetest.Fresh
		cut      bool
	}{
		{"SQLite, it ends", storetest.SQLite, false},
		{"PostgreSQL, it ends", storetest.Postgres, false},
		{"PostgreSQL, its connection is cut", storetest.Postgres, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, apptest.Options{Database: test.database(t)}, func(t *testing.T, d desk) {
				other, end := d.replica()
				defer end()
				letGo, ok, err := other.DB.Exclusive(t.Context(), bulk.WorkJob)
				if err != nil || !ok {
					t.Fatalf("the job cannot be taken: %v, %v", ok, err)
				}
				defer letGo()
				third, end := d.replica()
				defer end()
				defer loops(d.Bulk.Run, third.Bulk.Run)()
				r := d.planImport(admin(), "login\nanna_k\n")
				d.start(r)
				time.Sleep(10 * time.Minute)
				want(t, d.show(r.ID), "running, 1 waiting")
				if test.cut {
					storetest.LoseJobs(t, d.DB)
				} else {
					letGo()
				}
				want(t, d.ended(r.ID), "done, 1 applied") // by the one who knows the password
				d.agree()
			})
		})
	}
}

// TestReplicasWorkOffRunsInTheirOrder starts two runs on one replica, and between them one on another that only it can
// work off. The vendor's rate limit makes the first longer than a lease.
func TestReplicasWorkOffRunsInTheirOrder(t *testing.T) {
	onBoth(t, apptest.Options{Company: agents(3)}, func(t *testing.T, d desk) {
		other, end := d.replica()
		defer end()
		d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.Refuse, Count: 12})
		defer loops(d.Bulk.Run, other.Bulk.Run)()
		first := d.planned([]string{"Accountant"}, nil)
		d.start(first)
		d.until(first.ID, func(r bulk.Run) bool { return r.Counts.Refused == 1 })
		second := other.planImport(admin(), "login\nanna_k\n")
		other.start(second)
		time.Sleep(time.Second) // or the two have started at the same time
		third := d.planned([]string{"Developer"}, nil)
		d.start(third)
		ends := []bulk.Run{d.ended(first.ID), d.ended(second.ID), d.ended(third.ID)}
		want(t, ends[1], "done, 1 applied")
		want(t, ends[2], "done, 3 applied")
		if took := ends[0].EndedAt.Sub(ends[0].StartedAt); took < 3*time.Minute {
			t.Errorf("the first took only %v", took)
		}
		before := ends[0]
		for _, r := range ends[1:] {
			if began := d.began(r); began.Before(before.EndedAt) {
				t.Errorf("a run began at %v, when the one before ended at %v", began, before.EndedAt)
			}
			before = r
		}
		d.agree()
	})
}

// began is when a run's first operation began.
func (d desk) began(r bulk.Run) time.Time {
	d.t.Helper()
	op, err := d.Record.Operation(d.t.Context(), d.rows(r.ID, "")[0].OperationID)
	if err != nil {
		d.t.Fatal(err)
	}
	return op.CreatedAt
}
