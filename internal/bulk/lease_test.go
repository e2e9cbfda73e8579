package bulk_test

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/bulk"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// takeoverTime is the longest time from a restart to the end of what a killed process has left.
const takeoverTime = 10 * time.Second

// TestKilledProcessIsReplacedAtOnce ends the process without a shutdown, while its lease has minutes to go.
func TestKilledProcessIsReplacedAtOnce(t *testing.T) {
	for name, untilAhead := range map[string]time.Duration{"lease of 2 minutes": 0, "clock set back an hour": time.Hour} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, apptest.Options{Company: agents(4)}, func(t *testing.T, d fixture) {
				end := d.startWorkers()
				change := d.draftRoles([]string{"Accountant"}, nil)
				d.Sim.AddFault(voxsim.Fault{Method: "GetSubUserRoles", Nth: 3, Kind: voxsim.HangBeforeCommit})
				d.start(change)
				d.waitUntil(change.ID, func(c bulk.Change) bool { return summary(c) == "running, 2 waiting, 1 busy, 1 applied" })
				storetest.Exec(
					t,
					d.DB,
					`UPDATE bulk_changes SET lease_until = lease_until + $1`,
					untilAhead.Microseconds(),
				)
				d.Restart()
				end() // it cannot write any more
				began := time.Now()
				defer d.startWorkers()()
				wantSummary(t, d.waitUntilEnded(change.ID), "done, 4 applied")
				if took := time.Since(began); took > takeoverTime {
					t.Errorf("continued after %v", took)
				}
				d.checkAgreement()
			})
		})
	}
}

// TestLeaseOfClockThatWasAhead starts a bulk change by a process that lives and does not work, under a clock that is an
// hour ahead. The other process takes over after the time of a lease.
func TestLeaseOfClockThatWasAhead(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		other, end := d.startReplica()
		defer end()
		other.Bulk.Now = func() time.Time { return time.Now().Add(time.Hour) }
		change := other.draftRoles([]string{"Accountant"}, nil)
		other.start(change)
		began := time.Now()
		defer startLoops(d.Bulk.Run)()
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 8 applied")
		if took := time.Since(began); took < time.Minute || took > 4*time.Minute {
			t.Errorf("taken over after %v", took)
		}
		d.checkAgreement()
	})
}
