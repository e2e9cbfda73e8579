package bulk_test

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/bulk"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// startReplica is another console over the same database, with connections of its own.
func (d fixture) startReplica() (other fixture, end func()) {
	d.t.Helper()
	w, end := d.Replica()
	return fixture{World: w, t: d.t}, end
}

// TestWaitsWhileAnotherReplicaHasLeaderLock lets a replica that never says anything hold the job, for longer than a
// lease, and then die or let it go.
func TestWaitsWhileAnotherReplicaHasLeaderLock(t *testing.T) {
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
			inBubble(t, apptest.Options{Database: test.database(t)}, func(t *testing.T, d fixture) {
				other, end := d.startReplica()
				defer end()
				letGo, ok, err := other.DB.TryLock(t.Context(), bulk.JobName)
				if err != nil || !ok {
					t.Fatalf("the job cannot be taken: %v, %v", ok, err)
				}
				defer letGo()
				third, end := d.startReplica()
				defer end()
				defer startLoops(d.Bulk.Run, third.Bulk.Run)()
				r := d.draftImport(admin(), "login\nanna_k\n")
				d.start(r)
				time.Sleep(10 * time.Minute)
				wantSummary(t, d.show(r.ID), "running, 1 waiting")
				if test.cut {
					storetest.DropJobLocks(t, d.DB)
				} else {
					letGo()
				}
				wantSummary(t, d.waitUntilEnded(r.ID), "done, 1 applied") // by the one who knows the password
				d.checkAgreement()
			})
		})
	}
}

// TestReplicasRunChangesInOrder starts two runs on one replica, and between them one on another that only it can
// work off. The vendor's rate limit makes the first longer than a lease.
func TestReplicasRunChangesInOrder(t *testing.T) {
	onBothEngines(t, apptest.Options{Company: agents(3)}, func(t *testing.T, d fixture) {
		other, end := d.startReplica()
		defer end()
		d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.Refuse, Count: 12})
		defer startLoops(d.Bulk.Run, other.Bulk.Run)()
		first := d.draftRoles([]string{"Accountant"}, nil)
		d.start(first)
		d.waitUntil(first.ID, func(r bulk.Change) bool { return r.Counts.Refused == 1 })
		second := other.draftImport(admin(), "login\nanna_k\n")
		other.start(second)
		time.Sleep(time.Second) // or the two have started at the same time
		third := d.draftRoles([]string{"Developer"}, nil)
		d.start(third)
		ends := []bulk.Change{d.waitUntilEnded(first.ID), d.waitUntilEnded(second.ID), d.waitUntilEnded(third.ID)}
		wantSummary(t, ends[1], "done, 1 applied")
		wantSummary(t, ends[2], "done, 3 applied")
		if took := ends[0].EndedAt.Sub(ends[0].StartedAt); took < 3*time.Minute {
			t.Errorf("the first took only %v", took)
		}
		before := ends[0]
		for _, r := range ends[1:] {
			if began := d.firstOperationAt(r); began.Before(before.EndedAt) {
				t.Errorf("a run began at %v, when the one before ended at %v", began, before.EndedAt)
			}
			before = r
		}
		d.checkAgreement()
	})
}

// firstOperationAt is when a run's first operation began.
func (d fixture) firstOperationAt(r bulk.Change) time.Time {
	d.t.Helper()
	op, err := d.AuditLog.Operation(d.t.Context(), d.items(r.ID, "")[0].OperationID)
	if err != nil {
		d.t.Fatal(err)
	}
	return op.CreatedAt
}
