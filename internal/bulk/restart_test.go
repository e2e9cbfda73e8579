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

// TestCrashDuringItem ends the process while the second of four rows is under way, without a word, and starts
// another over the same database.
func TestCrashDuringItem(t *testing.T) {
	tests := []struct {
		name  string
		fault voxsim.Fault
		kept  bool // the record has the operation when the process ends
		want  string
	}{
		// A row reads the roles once before its operation begins and once after it.
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
			onBothEngines(t, apptest.Options{Company: agents(4)}, func(t *testing.T, d fixture) {
				defer d.startWorkers()()
				r := d.draftRoles([]string{"Accountant"}, nil)
				d.Sim.AddFault(test.fault)
				d.start(r)
				d.waitUntil(r.ID, func(r bulk.Change) bool { return summary(r) == "running, 2 waiting, 1 busy, 1 applied" })
				id := d.currentOperationID(r.ID)
				if _, err := d.AuditLog.Operation(t.Context(), id); (err == nil) != test.kept {
					t.Fatalf("the record's answer on the row under way: %v", err)
				}
				if row := d.items(r.ID, "")[1]; row.State != bulk.InProgress || (row.OperationID != "") != test.kept {
					t.Errorf("the row under way shows the operation %q", row.OperationID)
				}
				d.Restart()
				defer d.startWorkers()()
				d.waitUntilEnded(r.ID)
				end := d.waitUntil(r.ID, func(r bulk.Change) bool { return r.Counts.Unknown == 0 })
				wantSummary(t, end, test.want)
				if row := d.items(r.ID, "")[1]; row.OperationID != id {
					t.Errorf("the row was taken up as %s instead of %s", row.OperationID, id)
				}
				d.checkAgreement()
			})
		})
	}
}

// currentOperationID is the id that the database has for the row under way, whether its operation has begun or not.
func (d fixture) currentOperationID(run string) (id string) {
	d.t.Helper()
	if err := d.DB.SQL().QueryRowContext(
		d.t.Context(),
		`SELECT operation_id FROM bulk_items WHERE bulk_id = $1 AND state = 'busy'`,
		run,
	).Scan(&id); err != nil ||
		id == "" {
		d.t.Fatalf("no row is under way: %v", err)
	}
	return id
}

// TestCrashAfterStop leaves a row of a run that nobody will take up: it was never sent, and may be tried again.
func TestCrashAfterStop(t *testing.T) {
	onBothEngines(t, apptest.Options{}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		r := d.draftRoles([]string{"Accountant"}, nil)
		d.Sim.AddFault(voxsim.Fault{Method: "GetSubUserRoles", Nth: 3, Kind: voxsim.HangBeforeCommit})
		d.start(r)
		d.waitUntil(r.ID, func(r bulk.Change) bool { return r.Counts.InProgress == 1 && r.Counts.Applied == 1 })
		wantSummary(t, must[bulk.Change](t)(d.Bulk.Stop(t.Context(), admin(), r.ID)), "stopped, 6 waiting, 1 busy, 1 applied")
		d.Restart()
		defer d.startWorkers()()
		wantSummary(t, d.waitUntilEnded(r.ID), "stopped, 7 waiting, 1 applied")
		if row := d.items(r.ID, "")[1]; row.OperationID != "" || row.State != bulk.Waiting {
			t.Errorf("%+v", row)
		}
		again := must[bulk.Change](t)(d.Bulk.Retry(t.Context(), d.request(admin()), r.ID))
		d.start(again)
		wantSummary(t, d.waitUntilEnded(again.ID), "done, 7 applied")
		d.checkAgreement()
	})
}

// TestGracefulRestart waits for the row under way, and goes on at once.
func TestGracefulRestart(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		end := d.startWorkers()
		r := d.draftRoles([]string{"Accountant"}, nil)
		d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Nth: 3, Kind: voxsim.SlowDrip, Delay: 3 * time.Second})
		d.start(r)
		d.waitUntil(r.ID, func(r bulk.Change) bool { return r.Counts.InProgress == 1 && r.Counts.Applied == 2 })
		end()
		wantSummary(t, d.show(r.ID), "running, 5 waiting, 3 applied")
		d.Restart()
		began := time.Now()
		defer d.startWorkers()()
		wantSummary(t, d.waitUntilEnded(r.ID), "done, 8 applied")
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("it went on after %v", took)
		}
		d.checkAgreement()
	})
}

// TestNotResumedAfterMaxAge stops the server over a weekend. What was not sent by then, somebody has to decide
// anew.
func TestNotResumedAfterMaxAge(t *testing.T) {
	for away, ends := range map[time.Duration]string{
		23 * time.Hour: "done, 8 applied",
		24 * time.Hour: "stopped, 8 waiting",
	} {
		t.Run(away.String(), func(t *testing.T) {
			inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
				r := d.draftRoles([]string{"Accountant"}, nil)
				d.start(r)
				time.Sleep(away)
				d.Restart()
				defer d.startWorkers()()
				end := d.waitUntilEnded(r.ID)
				wantSummary(t, end, ends)
				if end.State != bulk.Stopped {
					return
				}
				if !strings.Contains(end.StopReason, "more than a day ago") {
					t.Errorf("it does not say why: %q", end.StopReason)
				}
				d.checkUntouched()
				again := must[bulk.Change](t)(d.Bulk.Retry(t.Context(), d.request(admin()), r.ID))
				d.start(again)
				wantSummary(t, d.waitUntilEnded(again.ID), "done, 8 applied")
			})
		})
	}
}

func TestImportStopsOnRestart(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		r := d.draftImport(admin(), "login,roles\nanna_k,Support\nbob_kk,Support\ncarl_k,Support\ndora_k,Support\n")
		d.Sim.AddFault(voxsim.Fault{Method: "AddSubUser", Nth: 2, Kind: voxsim.CommitThenHang})
		first := d.start(r)
		d.waitUntil(r.ID, func(r bulk.Change) bool { return r.Counts.InProgress == 1 && r.Counts.Applied == 1 })
		d.Restart()
		defer d.startWorkers()()
		d.waitUntilEnded(r.ID)
		end := d.waitUntil(r.ID, func(r bulk.Change) bool { return r.Counts.Unknown == 0 })
		wantSummary(t, end, "stopped, 2 waiting, 2 applied")
		if !strings.Contains(end.StopReason, "The server was restarted") {
			t.Errorf("it says %q", end.StopReason)
		}
		again := must[bulk.Change](t)(d.Bulk.Retry(t.Context(), d.request(admin()), r.ID))
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

// otherProcess is another process over the same database.
func (d fixture) otherProcess() *bulk.Service {
	return bulk.New(bulk.Options{
		DB:         d.DB,
		Operations: d.Operations,
		Directory:  d.Directory,
		Policy:     d.Policy,
		AuditLog:   d.AuditLog,
	})
}

func TestTwoProcessesSendEachItemOnce(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		defer startLoops(d.Bulk.Run, d.otherProcess().Run, d.otherProcess().Run)()
		r := d.draftRoles([]string{"Accountant"}, nil)
		second := d.draftRoles(nil, []string{"Support"})
		d.start(r)
		wantSummary(t, d.waitUntilEnded(r.ID), "done, 8 applied")
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
			t.Errorf("it was taken from a process that may live, after %v", took)
		}
		wantSummary(t, d.waitUntilEnded(file.ID), "stopped, 1 waiting")
		d.checkAgreement()
	})
}

// TestItemFinishedAfterLeaseLost lets a process stand still in the middle of a row for longer than its lease, and
// lose its turn meanwhile.
func TestItemFinishedAfterLeaseLost(t *testing.T) {
	t.Parallel()
	inBubble(t, apptest.Options{Company: agents(3), Database: storetest.Postgres(t)}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		r := d.draftRoles([]string{"Accountant"}, nil)
		d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Nth: 2, Kind: voxsim.SlowDrip, Delay: 4 * time.Second})
		d.start(r)
		d.waitUntil(r.ID, func(r bulk.Change) bool { return r.Counts.InProgress == 1 && r.Counts.Applied == 1 })
		if _, err := d.DB.SQL().ExecContext(t.Context(), `UPDATE bulk_changes SET lease_until = 1`); err != nil {
			t.Fatal(err)
		}
		storetest.DropJobLocks(t, d.DB)
		defer startLoops(d.otherProcess().Run)()
		d.waitUntilEnded(r.ID)
		wantSummary(t, d.waitUntil(r.ID, func(r bulk.Change) bool { return r.Counts.Unknown == 0 }), "done, 3 applied")
		for _, row := range d.items(r.ID, "") {
			if op := must[audit.Operation](t)(d.AuditLog.Operation(t.Context(), row.OperationID)); op.Result != audit.Applied {
				t.Errorf("%s: %s", row.Name, op.Result)
			}
		}
		d.checkAgreement()
	})
}
