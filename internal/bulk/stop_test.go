package bulk_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

func TestStopEndsAfterTheRowUnderWay(t *testing.T) {
	onBoth(t, apptest.Options{}, func(t *testing.T, d desk) {
		defer d.work()()
		r := d.planned([]string{"Accountant"}, nil)
		d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Nth: 3, Kind: voxsim.SlowDrip, Delay: 3 * time.Second})
		d.start(r)
		d.until(r.ID, func(r bulk.Run) bool { return r.Counts.Busy == 1 && r.Counts.Applied == 2 })
		stopped := must[bulk.Run](t)(d.Bulk.Stop(t.Context(), admin(), r.ID))
		want(t, stopped, "stopped, 5 waiting, 1 busy, 2 applied")
		if stopped.Note != "Stopped by admin." || stopped.EndedAt.IsZero() {
			t.Errorf("%+v", stopped)
		}
		want(t, d.ended(r.ID), "stopped, 5 waiting, 3 applied")
		time.Sleep(time.Hour)
		want(t, d.show(r.ID), "stopped, 5 waiting, 3 applied")
		if _, err := d.Bulk.Stop(t.Context(), admin(), r.ID); !isPast(err) {
			t.Errorf("stopping twice: %v", err)
		}
		if left := d.rows(r.ID, bulk.OnlyNotSent); len(left) != 5 || left[0].Login != "agent_0004" {
			t.Errorf("what is left: %+v", left)
		}
		again := must[bulk.Run](t)(d.Bulk.Retry(t.Context(), d.act(admin()), r.ID))
		d.start(again)
		want(t, d.ended(again.ID), "done, 5 applied")
		d.agree()
	})
}

func isPast(err error) bool {
	_, past := errors.AsType[*bulk.Past](err)
	return past
}

// TestStopWhileARowWaits stops a run whose row waits to be tried again, for either reason.
func TestStopWhileARowWaits(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault voxsim.Fault
		want  string
	}{
		{"after a refusal", voxsim.Fault{Method: "SetSubUserRoles", Nth: 2}, "stopped, 6 waiting, 1 applied, 1 refused"},
		{
			"before anything was written",
			voxsim.Fault{Method: "GetSubUserRoles", Nth: 3, Count: 9},
			"stopped, 7 waiting, 1 applied",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, apptest.Options{}, func(t *testing.T, d desk) {
				defer d.work()()
				r := d.planned([]string{"Accountant"}, nil)
				test.fault.Kind, test.fault.Code = voxsim.Refuse, 340
				d.Sim.AddFault(test.fault)
				d.start(r)
				time.Sleep(8 * time.Second)
				must[bulk.Run](t)(d.Bulk.Stop(t.Context(), admin(), r.ID))
				time.Sleep(time.Second)
				want(t, d.show(r.ID), test.want)
				d.Sim.ClearFaults()
				again := must[bulk.Run](t)(d.Bulk.Retry(t.Context(), d.act(admin()), r.ID))
				d.start(again)
				want(t, d.ended(again.ID), "done, 7 applied")
				d.agree()
			})
		})
	}
}

// TestAStoppedRunThatWaitedForItsTurn never sends anything, and its passwords are forgotten.
func TestAStoppedRunThatWaitedForItsTurn(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d desk) {
		r := d.planImport(admin(), "login\nanna_k\n")
		d.start(r)
		must[bulk.Run](t)(d.Bulk.Stop(t.Context(), admin(), r.ID))
		defer d.work()()
		time.Sleep(time.Minute)
		want(t, d.show(r.ID), "stopped, 1 waiting")
		if d.writes() != 0 {
			t.Errorf("%d writes", d.writes())
		}
	})
}

func TestADraftIsForgottenAfterADay(t *testing.T) {
	onBoth(t, apptest.Options{}, func(t *testing.T, d desk) {
		r := d.planned([]string{"Accountant"}, nil)
		work := func() {
			defer d.work()()
			time.Sleep(time.Second)
		}
		time.Sleep(23 * time.Hour)
		work()
		d.show(r.ID)
		time.Sleep(2 * time.Hour)
		work()
		if _, err := d.Bulk.Show(t.Context(), admin(), r.ID); !errors.Is(err, bulk.ErrNotFound) {
			t.Errorf("%v", err)
		}
		var rows int
		if err := d.DB.SQL().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM run_rows`).Scan(&rows); err != nil ||
			rows != 0 {
			t.Errorf("%d rows were left, %v", rows, err)
		}
	})
}

// TestWhoMayDoWhatWithARun walks what can be done with a run of one editor through everybody else.
func TestWhoMayDoWhatWithARun(t *testing.T) {
	onBoth(t, apptest.Options{RequireReason: true}, func(t *testing.T, d desk) {
		r := must[bulk.Run](t)(d.Bulk.PlanRoles(t.Context(), d.act(editor()), everybody(), d.roles("Accountant"), nil))
		for _, test := range []struct {
			name                string
			role                policy.DashboardRole
			shown, listed, stop bool
		}{
			{"editor", policy.Editor, true, true, true},
			{"another editor", policy.Editor, false, false, false},
			{"viewer", policy.Viewer, false, false, false},
			{"auditor", policy.Auditor, true, false, false},
			{"admin", policy.Admin, true, false, true},
		} {
			o := apptest.Operator(test.name, test.role)
			_, show := d.Bulk.Show(t.Context(), o, r.ID)
			_, rows := d.Bulk.Rows(t.Context(), o, r.ID, bulk.RowFilter{})
			list, _ := d.Bulk.List(t.Context(), o, d.Account)
			listed := slices.ContainsFunc(list, func(l bulk.Run) bool { return l.ID == r.ID })
			_, stop := d.Bulk.Stop(t.Context(), o, r.ID)
			if (show == nil) != test.shown || (rows == nil) != test.shown || listed != test.listed || isPast(stop) != test.stop {
				t.Errorf("%s: %v, %v, listed %v, %v", test.name, show, rows, listed, stop)
			}
			form := bulk.StartForm{Reason: "because"}
			if test.name != "editor" {
				_, start := d.Bulk.Start(t.Context(), d.act(o), r.ID, form)
				if _, denied := errors.AsType[*policy.Denied](start); !denied {
					t.Errorf("%s starts it: %v", test.name, start)
				}
			}
		}
		if _, err := d.Bulk.Start(t.Context(), d.act(editor()), r.ID, bulk.StartForm{}); field(err, "reason") == "" {
			t.Errorf("it started without a reason: %v", err)
		}
		d.start(r)
		if list := must[[]bulk.Run](t)(d.Bulk.List(t.Context(), apptest.Operator("auditor", policy.Auditor), d.Account)); len(
			list,
		) != 1 ||
			list[0].Counts.Waiting != 8 {
			t.Errorf("the auditor's list: %+v", list)
		}
		if _, err := d.Bulk.Retry(t.Context(), d.act(editor()), r.ID); !isPast(err) {
			t.Errorf("trying again what runs: %v", err)
		}
		for _, id := range []string{"", "nothing"} {
			if _, err := d.Bulk.Show(t.Context(), admin(), id); !errors.Is(err, bulk.ErrNotFound) {
				t.Errorf("run %q: %v", id, err)
			}
		}
	})
}

func TestARunWithNothingToSendIsNotStarted(t *testing.T) {
	onBoth(t, apptest.Options{}, func(t *testing.T, d desk) {
		r := d.planned([]string{"Support"}, nil)
		want(t, r, "draft, 8 idle")
		_, err := d.Bulk.Start(t.Context(), d.act(admin()), r.ID, bulk.StartForm{})
		if wrong, ok := errors.AsType[*operations.Invalid](err); !ok || wrong.Fields["rows"] == "" {
			t.Errorf("%v", err)
		}
	})
}
