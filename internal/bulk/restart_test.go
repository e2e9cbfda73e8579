package bulk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/storetest"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// TestCutOffInTheMiddleOfARow ends the process while the second of four rows is under way, without a word, and starts
// another over the same database.
func TestCutOffInTheMiddleOfARow(t *testing.T) {
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
			onBoth(t, apptest.Options{Company: agents(4)}, func(t *testing.T, d desk) {
				defer d.work()()
				r := d.planned([]string{"Accountant"}, nil)
				d.Sim.AddFault(test.fault)
				d.start(r)
				d.until(r.ID, func(r bulk.Run) bool { return counts(r) == "running, 2 waiting, 1 busy, 1 applied" })
				id := d.operationUnderWay(r.ID)
				if _, err := d.Record.Operation(t.Context(), id); (err == nil) != test.kept {
					t.Fatalf("the record's answer on the row under way: %v", err)
				}
				if row := d.rows(r.ID, "")[1]; row.State != bulk.Busy || (row.OperationID != "") != test.kept {
					t.Errorf("the row under way shows the operation %q", row.OperationID)
				}
				d.Restart()
				defer d.work()()
				d.ended(r.ID)
				end := d.until(r.ID, func(r bulk.Run) bool { return r.Counts.Unknown == 0 })
				want(t, end, test.want)
				if row := d.rows(r.ID, "")[1]; row.OperationID != id {
					t.Errorf("the row was taken up as %s instead of %s", row.OperationID, id)
				}
				d.agree()
			})
		})
	}
}

// operationUnderWay is the id that the database has for the row under way, whether its operation has begun or not.
func (d desk) operationUnderWay(run string) (id string) {
	d.t.Helper()
	if err := d.DB.SQL().QueryRowContext(
		d.t.Context(),
		`SELECT operation_id FROM run_rows WHERE run_id = ? AND state = 'busy'`,
		run,
	).Scan(&id); err != nil ||
		id == "" {
		d.t.Fatalf("no row is under way: %v", err)
	}
	return id
}

// TestStoppedAndThenCutOff leaves a row of a run that nobody will take up: it was never sent, and may be tried again.
func TestStoppedAndThenCutOff(t *testing.T) {
	onBoth(t, apptest.Options{}, func(t *testing.T, d desk) {
		defer d.work()()
		r := d.planned([]string{"Accountant"}, nil)
		d.Sim.AddFault(voxsim.Fault{Method: "GetSubUserRoles", Nth: 3, Kind: voxsim.HangBeforeCommit})
		d.start(r)
		d.until(r.ID, func(r bulk.Run) bool { return r.Counts.Busy == 1 && r.Counts.Applied == 1 })
		want(t, must[bulk.Run](t)(d.Bulk.Stop(t.Context(), admin(), r.ID)), "stopped, 6 waiting, 1 busy, 1 applied")
		d.Restart()
		defer d.work()()
		want(t, d.ended(r.ID), "stopped, 7 waiting, 1 applied")
		if row := d.rows(r.ID, "")[1]; row.OperationID != "" || row.State != bulk.Waiting {
			t.Errorf("%+v", row)
		}
		again := must[bulk.Run](t)(d.Bulk.Retry(t.Context(), d.act(admin()), r.ID))
		d.start(again)
		want(t, d.ended(again.ID), "done, 7 applied")
		d.agree()
	})
}

// TestAnOrderlyRestart waits for the row under way, and goes on at once.
func TestAnOrderlyRestart(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d desk) {
		end := d.work()
		r := d.planned([]string{"Accountant"}, nil)
		d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Nth: 3, Kind: voxsim.SlowDrip, Delay: 3 * time.Second})
		d.start(r)
		d.until(r.ID, func(r bulk.Run) bool { return r.Counts.Busy == 1 && r.Counts.Applied == 2 })
		end()
		want(t, d.show(r.ID), "running, 5 waiting, 3 applied")
		d.Restart()
		began := time.Now()
		defer d.work()()
		want(t, d.ended(r.ID), "done, 8 applied")
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("it went on after %v", took)
		}
		d.agree()
	})
}

// TestARunIsNotTakenUpAfterADay stops the server over a weekend. What was not sent by then, somebody has to decide
// anew.
func TestARunIsNotTakenUpAfterADay(t *testing.T) {
	for away, ends := range map[time.Duration]string{
		23 * time.Hour: "done, 8 applied",
		24 * time.Hour: "stopped, 8 waiting",
	} {
		t.Run(away.String(), func(t *testing.T) {
			inWorld(t, apptest.Options{}, func(t *testing.T, d desk) {
				r := d.planned([]string{"Accountant"}, nil)
				d.start(r)
				time.Sleep(away)
				d.Restart()
				defer d.work()()
				end := d.ended(r.ID)
				want(t, end, ends)
				if end.State != bulk.Stopped {
					return
				}
				if !strings.Contains(end.Note, "more than a day ago") {
					t.Errorf("it does not say why: %q", end.Note)
				}
				d.untouched()
				again := must[bulk.Run](t)(d.Bulk.Retry(t.Context(), d.act(admin()), r.ID))
				d.start(again)
				want(t, d.ended(again.ID), "done, 8 applied")
			})
		})
	}
}

func TestARunThatCreatesEndsWithItsProcess(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d desk) {
		defer d.work()()
		r := d.planImport(admin(), "login,roles\nanna_k,Support\nbob_kk,Support\ncarl_k,Support\ndora_k,Support\n")
		d.Sim.AddFault(voxsim.Fault{Method: "AddSubUser", Nth: 2, Kind: voxsim.CommitThenHang})
		first := d.start(r)
		d.until(r.ID, func(r bulk.Run) bool { return r.Counts.Busy == 1 && r.Counts.Applied == 1 })
		d.Restart()
		defer d.work()()
		d.ended(r.ID)
		end := d.until(r.ID, func(r bulk.Run) bool { return r.Counts.Unknown == 0 })
		want(t, end, "stopped, 2 waiting, 2 applied")
		if !strings.Contains(end.Note, "The server was restarted") {
			t.Errorf("it says %q", end.Note)
		}
		again := must[bulk.Run](t)(d.Bulk.Retry(t.Context(), d.act(admin()), r.ID))
		want(t, again, "draft, 2 waiting")
		second := d.start(again)
		want(t, d.ended(again.ID), "done, 2 applied")
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
			d.opens(p)
		}
	})
}

// other is another process over the same database.
func (d desk) other() *bulk.Service {
	return bulk.New(bulk.Options{DB: d.DB, Acts: d.Operations, Directory: d.Directory, Policy: d.Policy, Record: d.Record})
}

func TestTwoProcessesWorkOffARunOnce(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d desk) {
		defer loops(d.Bulk.Run, d.other().Run, d.other().Run)()
		r := d.planned([]string{"Accountant"}, nil)
		second := d.planned(nil, []string{"Support"})
		d.start(r)
		want(t, d.ended(r.ID), "done, 8 applied")
		d.start(second)
		want(t, d.ended(second.ID), "done, 8 not sent") // planned before the first one changed the roles
		d.agree()
	})
}

func TestAnotherProcessTakesUpWhatWasLeft(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d desk) {
		roles := d.planned([]string{"Accountant"}, nil)
		file := d.planImport(admin(), "login\nanna_k\n")
		d.start(roles)
		d.start(file)
		began := time.Now()
		defer loops(d.other().Run)()
		want(t, d.ended(roles.ID), "done, 8 applied")
		if took := time.Since(began); took < time.Minute {
			t.Errorf("it was taken from a process that may live, after %v", took)
		}
		want(t, d.ended(file.ID), "stopped, 1 waiting")
		d.agree()
	})
}

// TestARowTheOldProcessFinishesLate lets a process stand still in the middle of a row for longer than its lease, and
// lose its turn meanwhile.
func TestARowTheOldProcessFinishesLate(t *testing.T) {
	t.Parallel()
	inBubble(t, apptest.Options{Company: agents(3), Database: storetest.Postgres(t)}, func(t *testing.T, d desk) {
		defer d.work()()
		r := d.planned([]string{"Accountant"}, nil)
		d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Nth: 2, Kind: voxsim.SlowDrip, Delay: 4 * time.Second})
		d.start(r)
		d.until(r.ID, func(r bulk.Run) bool { return r.Counts.Busy == 1 && r.Counts.Applied == 1 })
		if _, err := d.DB.SQL().ExecContext(t.Context(), `UPDATE runs SET lease_until = 1`); err != nil {
			t.Fatal(err)
		}
		storetest.LoseJobs(t, d.DB)
		defer loops(d.other().Run)()
		d.ended(r.ID)
		want(t, d.until(r.ID, func(r bulk.Run) bool { return r.Counts.Unknown == 0 }), "done, 3 applied")
		for _, row := range d.rows(r.ID, "") {
			if op := must[audit.Operation](t)(d.Record.Operation(t.Context(), row.OperationID)); op.Result != audit.Applied {
				t.Errorf("%s: %s", row.Login, op.Result)
			}
		}
		d.agree()
	})
}
