package bulk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// TestCrashDuringItem ends the process without a shutdown while the second of four items is in progress, and starts
// another one with the same database.
func TestCrashDuringItem(t *testing.T) {
	tests := []struct {
		name   string
		fault  voxsim.Fault
		logged bool // the audit log has the operation when the process ends
		want   string
	}{
		// An item reads the roles once before its operation begins and once after it.
		{
			"before the intent",
			voxsim.Fault{Method: "GetSubUserRoles", Nth: 3, Kind: voxsim.HangBeforeCommit},
			false,
			"done, 4 applied",
		},
		{
			"after the intent",
			voxsim.Fault{Method: "SetSubUserRoles", Nth: 2, Kind: voxsim.HangBeforeCommit},
			true,
			"done, 3 applied, 1 not applied",
		},
		{
			"after the commit",
			voxsim.Fault{Method: "SetSubUserRoles", Nth: 2, Kind: voxsim.CommitThenHang},
			true,
			"done, 4 applied",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, apptest.Options{Company: agents(4)}, func(t *testing.T, d fixture) {
				defer d.startWorkers()()
				change := d.draftRoles([]string{"Accountant"}, nil)
				d.Sim.AddFault(test.fault)
				d.start(change)
				d.waitUntil(change.ID, func(c bulk.Change) bool { return summary(c) == "running, 2 waiting, 1 busy, 1 applied" })
				id := d.currentOperationID(change.ID)
				if _, err := d.AuditLog.Operation(t.Context(), id); (err == nil) != test.logged {
					t.Fatalf("reading the operation of the item in progress: %v", err)
				}
				if item := d.items(change.ID, "")[1]; item.State != bulk.InProgress || (item.OperationID != "") != test.logged {
					t.Errorf("the item in progress shows the operation %q", item.OperationID)
				}
				d.Restart()
				defer d.startWorkers()()
				d.waitUntilEnded(change.ID)
				end := d.waitUntil(change.ID, func(c bulk.Change) bool { return c.Counts.Unknown == 0 })
				wantSummary(t, end, test.want)
				if item := d.items(change.ID, "")[1]; item.OperationID != id {
					t.Errorf("the item was continued as %s instead of %s", item.OperationID, id)
				}
				d.checkAgreement()
			})
		})
	}
}

// currentOperationID returns the stored operation id of the item in progress, even if the operation has not begun.
func (d fixture) currentOperationID(bulkID string) (id string) {
	d.t.Helper()
	if err := d.DB.SQL().QueryRowContext(
		d.t.Context(),
		`SELECT operation_id FROM bulk_items WHERE bulk_id = $1 AND state = 'busy'`,
		bulkID,
	).Scan(&id); err != nil || id == "" {
		d.t.Fatalf("no item is in progress: %v", err)
	}
	return id
}

// TestCrashAfterStop leaves an item in progress in a stopped bulk change: it counts as never sent and can be retried.
func TestCrashAfterStop(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		change := d.draftRoles([]string{"Accountant"}, nil)
		d.Sim.AddFault(voxsim.Fault{Method: "GetSubUserRoles", Nth: 3, Kind: voxsim.HangBeforeCommit})
		d.start(change)
		d.waitUntil(change.ID, func(c bulk.Change) bool { return c.Counts.InProgress == 1 && c.Counts.Applied == 1 })
		stopped := must[bulk.Change](t)(d.Bulk.Stop(t.Context(), admin(), change.ID))
		wantSummary(t, stopped, "stopped, 6 waiting, 1 busy, 1 applied")
		d.Restart()
		defer d.startWorkers()()
		wantSummary(t, d.waitUntilEnded(change.ID), "stopped, 7 waiting, 1 applied")
		if item := d.items(change.ID, "")[1]; item.OperationID != "" || item.State != bulk.Waiting {
			t.Errorf("%+v", item)
		}
		again := must[bulk.Change](t)(d.Bulk.Retry(t.Context(), d.request(admin()), change.ID))
		d.start(again)
		wantSummary(t, d.waitUntilEnded(again.ID), "done, 7 applied")
		d.checkAgreement()
	})
}

// TestGracefulRestart checks that a shutdown waits for the item in progress and that the next process continues at
// once.
func TestGracefulRestart(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		end := d.startWorkers()
		change := d.draftRoles([]string{"Accountant"}, nil)
		d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Nth: 3, Kind: voxsim.SlowDrip, Delay: 3 * time.Second})
		d.start(change)
		d.waitUntil(change.ID, func(c bulk.Change) bool { return c.Counts.InProgress == 1 && c.Counts.Applied == 2 })
		end()
		wantSummary(t, d.show(change.ID), "running, 5 waiting, 3 applied")
		d.Restart()
		began := time.Now()
		defer d.startWorkers()()
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 8 applied")
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("continued after %v", took)
		}
		d.checkAgreement()
	})
}

// TestNotResumedAfterMaxAge restarts the server after a day. The rest is not sent without a new decision.
func TestNotResumedAfterMaxAge(t *testing.T) {
	for downtime, want := range map[time.Duration]string{
		23 * time.Hour: "done, 8 applied",
		24 * time.Hour: "stopped, 8 waiting",
	} {
		t.Run(downtime.String(), func(t *testing.T) {
			inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
				change := d.draftRoles([]string{"Accountant"}, nil)
				o := signedInAgo(admin(), 0, 0)
				change.Operator = o
				d.start(change)
				time.Sleep(downtime)
				d.Restart()
				d.Bulk.Operators = signedIn(o)
				defer d.startWorkers()()
				end := d.waitUntilEnded(change.ID)
				wantSummary(t, end, want)
				if end.State != bulk.Stopped {
					return
				}
				if !strings.Contains(end.StopReason, "more than a day ago") {
					t.Errorf("the stop reason is %q", end.StopReason)
				}
				d.checkUntouched()
				again := must[bulk.Change](t)(d.Bulk.Retry(t.Context(), d.request(admin()), change.ID))
				d.start(again)
				wantSummary(t, d.waitUntilEnded(again.ID), "done, 8 applied")
			})
		})
	}
}

func TestImportStopsOnRestart(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		change := d.draftImport(admin(), "login,roles\nanna_k,Support\nbob_kk,Support\ncarl_k,Support\ndora_k,Support\n")
		d.Sim.AddFault(voxsim.Fault{Method: "AddSubUser", Nth: 2, Kind: voxsim.CommitThenHang})
		first := d.start(change)
		d.waitUntil(change.ID, func(c bulk.Change) bool { return c.Counts.InProgress == 1 && c.Counts.Applied == 1 })
		d.Restart()
		defer d.startWorkers()()
		d.waitUntilEnded(change.ID)
		end := d.waitUntil(change.ID, func(c bulk.Change) bool { return c.Counts.Unknown == 0 })
		wantSummary(t, end, "stopped, 2 waiting, 2 applied")
		if !strings.Contains(end.StopReason, "The server was restarted") {
			t.Errorf("the stop reason is %q", end.StopReason)
		}
		again := must[bulk.Change](t)(d.Bulk.Retry(t.Context(), d.request(admin()), change.ID))
		wantSummary(t, again, "draft, 2 waiting")
		second := d.start(again)
		wantSummary(t, d.waitUntilEnded(again.ID), "done, 2 applied")
		if len(second.Passwords) != 2 || second.Passwords[0].Login != "carl_k" ||
			second.Passwords[0].Password.Reveal() == first.Passwords[2].Password.Reveal() {
			t.Errorf("the second passwords are for %d", len(second.Passwords))
		}
		for _, p := range []bulk.LoginPassword{
			first.Passwords[0],
			first.Passwords[1],
			second.Passwords[0],
			second.Passwords[1],
		} {
			d.checkPassword(p)
		}
	})
}

// otherProcess returns the service of another process with the same database.
func (d fixture) otherProcess() *bulk.Service {
	other, end := d.startReplica()
	d.t.Cleanup(end)
	other.Bulk.Operators = d.Bulk.Operators
	return other.Bulk
}

func TestTwoProcessesSendEachItemOnce(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		defer startLoops(d.Bulk.Run, d.otherProcess().Run, d.otherProcess().Run)()
		change := d.draftRoles([]string{"Accountant"}, nil)
		second := d.draftRoles(nil, []string{"Support"})
		d.start(change)
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 8 applied")
		d.start(second)
		wantSummary(t, d.waitUntilEnded(second.ID), "done, 8 not sent") // planned before the first one changed the roles
		d.checkAgreement()
	})
}

func TestAnotherProcessResumes(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		roles := d.draftRoles([]string{"Accountant"}, nil)
		file := d.draftImport(admin(), "login\nanna_k\n")
		d.start(roles)
		d.start(file)
		began := time.Now()
		defer startLoops(d.otherProcess().Run)()
		wantSummary(t, d.waitUntilEnded(roles.ID), "done, 8 applied")
		if took := time.Since(began); took < time.Minute {
			t.Errorf("taken over from a process that may be alive, after %v", took)
		}
		wantSummary(t, d.waitUntilEnded(file.ID), "stopped, 1 waiting")
		d.checkAgreement()
	})
}

// TestItemFinishedAfterLeaseLost pauses a process in the middle of an item until it has lost its lease and the lock.
func TestItemFinishedAfterLeaseLost(t *testing.T) {
	t.Parallel()
	inBubble(t, apptest.Options{Company: agents(3), Database: storetest.Postgres(t)}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		change := d.draftRoles([]string{"Accountant"}, nil)
		d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Nth: 2, Kind: voxsim.SlowDrip, Delay: 4 * time.Second})
		d.start(change)
		d.waitUntil(change.ID, func(c bulk.Change) bool { return c.Counts.InProgress == 1 && c.Counts.Applied == 1 })
		if _, err := d.DB.SQL().ExecContext(t.Context(), `UPDATE bulk_changes SET lease_until = 1`); err != nil {
			t.Fatal(err)
		}
		storetest.DropJobLocks(t, d.DB)
		defer startLoops(d.otherProcess().Run)()
		d.waitUntilEnded(change.ID)
		wantSummary(t, d.waitUntil(change.ID, func(c bulk.Change) bool { return c.Counts.Unknown == 0 }), "done, 3 applied")
		for _, item := range d.items(change.ID, "") {
			if op := must[audit.Operation](t)(d.AuditLog.Operation(t.Context(), item.OperationID)); op.Result != audit.Applied {
				t.Errorf("%s: %s", item.Name, op.Result)
			}
		}
		d.checkAgreement()
	})
}
