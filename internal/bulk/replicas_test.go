package bulk_test

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/bulk"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// startReplica starts another console with the same database and its own connections.
func (d fixture) startReplica() (other fixture, end func()) {
	d.t.Helper()
	w, end := d.Replica()
	return fixture{World: w, t: d.t}, end
}

// TestWaitsWhileAnotherReplicaHasLeaderLock lets an idle replica hold the lock for longer than a lease, until it
// releases the lock or dies.
func TestWaitsWhileAnotherReplicaHasLeaderLock(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		database storetest.Fresh
		cut      bool
	}{
		{"SQLite, released", storetest.SQLite, false},
		{"PostgreSQL, released", storetest.Postgres, false},
		{"PostgreSQL, connection lost", storetest.Postgres, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, apptest.Options{Database: test.database(t)}, func(t *testing.T, d fixture) {
				other, end := d.startReplica()
				defer end()
				release, ok, err := other.DB.TryLock(t.Context(), bulk.JobName)
				if err != nil || !ok {
					t.Fatalf("the lock cannot be taken: %v, %v", ok, err)
				}
				defer release()
				third, end := d.startReplica()
				defer end()
				defer startLoops(d.Bulk.Run, third.Bulk.Run)()
				change := d.draftImport(admin(), "login\nanna_k\n")
				d.start(change)
				time.Sleep(10 * time.Minute)
				wantSummary(t, d.show(change.ID), "running, 1 waiting")
				if test.cut {
					storetest.DropJobLocks(t, d.DB)
				} else {
					release()
				}
				wantSummary(t, d.waitUntilEnded(change.ID), "done, 1 applied") // by the replica that knows the password
				d.checkAgreement()
			})
		})
	}
}

// TestReplicasRunChangesInOrder starts two bulk changes on one replica, and between them one on another that only the
// other can process. The vendor's rate limit makes the first take longer than a lease.
func TestReplicasRunChangesInOrder(t *testing.T) {
	inWorld(t, apptest.Options{Company: agents(3)}, func(t *testing.T, d fixture) {
		other, end := d.startReplica()
		defer end()
		d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.Refuse, Count: 12})
		defer startLoops(d.Bulk.Run, other.Bulk.Run)()
		first := d.draftRoles([]string{"Accountant"}, nil)
		d.start(first)
		d.waitUntil(first.ID, func(c bulk.Change) bool { return c.Counts.Refused == 1 })
		second := other.draftImport(admin(), "login\nanna_k\n")
		other.start(second)
		time.Sleep(time.Second) // so that their start times differ
		third := d.draftRoles([]string{"Developer"}, nil)
		d.start(third)
		ends := []bulk.Change{d.waitUntilEnded(first.ID), d.waitUntilEnded(second.ID), d.waitUntilEnded(third.ID)}
		wantSummary(t, ends[1], "done, 1 applied")
		wantSummary(t, ends[2], "done, 3 applied")
		if took := ends[0].EndedAt.Sub(ends[0].StartedAt); took < 3*time.Minute {
			t.Errorf("the first took only %v", took)
		}
		before := ends[0]
		for _, change := range ends[1:] {
			if began := d.firstOperationAt(change); began.Before(before.EndedAt) {
				t.Errorf("a bulk change began at %v, and the one before ended at %v", began, before.EndedAt)
			}
			before = change
		}
		d.checkAgreement()
	})
}

// firstOperationAt returns when the first operation of a bulk change began.
func (d fixture) firstOperationAt(change bulk.Change) time.Time {
	d.t.Helper()
	op, err := d.AuditLog.Operation(d.t.Context(), d.items(change.ID, "")[0].OperationID)
	if err != nil {
		d.t.Fatal(err)
	}
	return op.CreatedAt
}
