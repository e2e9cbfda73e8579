package bulk_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

func TestStopAfterCurrentItem(t *testing.T) {
	onBothEngines(t, apptest.Options{}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		r := d.draftRoles([]string{"Accountant"}, nil)
		d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Nth: 3, Kind: voxsim.SlowDrip, Delay: 3 * time.Second})
		d.start(r)
		d.waitUntil(r.ID, func(r bulk.Change) bool { return r.Counts.InProgress == 1 && r.Counts.Applied == 2 })
		stopped := must[bulk.Change](t)(d.Bulk.Stop(t.Context(), admin(), r.ID))
		wantSummary(t, stopped, "stopped, 5 waiting, 1 busy, 2 applied")
		if stopped.StopReason != "Stopped by admin." || stopped.EndedAt.IsZero() {
			t.Errorf("%+v", stopped)
		}
		wantSummary(t, d.waitUntilEnded(r.ID), "stopped, 5 waiting, 3 applied")
		time.Sleep(time.Hour)
		wantSummary(t, d.show(r.ID), "stopped, 5 waiting, 3 applied")
		if _, err := d.Bulk.Stop(t.Context(), admin(), r.ID); !isStateConflict(err) {
			t.Errorf("stopping twice: %v", err)
		}
		if left := d.items(r.ID, bulk.OnlyNotSent); len(left) != 5 || left[0].Name != "agent_0004" {
			t.Errorf("what is left: %+v", left)
		}
		again := must[bulk.Change](t)(d.Bulk.Retry(t.Context(), d.request(admin()), r.ID))
		d.start(again)
		wantSummary(t, d.waitUntilEnded(again.ID), "done, 5 applied")
		d.checkAgreement()
	})
}

func isStateConflict(err error) bool {
	_, past := errors.AsType[*bulk.StateConflict](err)
	return past
}

// TestStopWhileItemWaitsForRetry stops a run whose row waits to be tried again, for either reason.
func TestStopWhileItemWaitsForRetry(t *testing.T) {
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
			inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
				defer d.startWorkers()()
				r := d.draftRoles([]string{"Accountant"}, nil)
				test.fault.Kind, test.fault.Code = voxsim.Refuse, 340
				d.Sim.AddFault(test.fault)
				d.start(r)
				time.Sleep(8 * time.Second)
				must[bulk.Change](t)(d.Bulk.Stop(t.Context(), admin(), r.ID))
				time.Sleep(time.Second)
				wantSummary(t, d.show(r.ID), test.want)
				d.Sim.ClearFaults()
				again := must[bulk.Change](t)(d.Bulk.Retry(t.Context(), d.request(admin()), r.ID))
				d.start(again)
				wantSummary(t, d.waitUntilEnded(again.ID), "done, 7 applied")
				d.checkAgreement()
			})
		})
	}
}

// TestStopBeforeFirstItem never sends anything, and its passwords are forgotten.
func TestStopBeforeFirstItem(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		r := d.draftImport(admin(), "login\nanna_k\n")
		d.start(r)
		must[bulk.Change](t)(d.Bulk.Stop(t.Context(), admin(), r.ID))
		defer d.startWorkers()()
		time.Sleep(time.Minute)
		wantSummary(t, d.show(r.ID), "stopped, 1 waiting")
		if d.writeCount() != 0 {
			t.Errorf("%d writes", d.writeCount())
		}
	})
}

func TestDraftDeletedAfterMaxAge(t *testing.T) {
	onBothEngines(t, apptest.Options{}, func(t *testing.T, d fixture) {
		r := d.draftRoles([]string{"Accountant"}, nil)
		work := func() {
			defer d.startWorkers()()
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
		if err := d.DB.SQL().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM bulk_items`).Scan(&rows); err != nil ||
			rows != 0 {
			t.Errorf("%d rows were left, %v", rows, err)
		}
	})
}

// TestPermissionsOnChange walks what can be done with a run of one editor through everybody else.
func TestPermissionsOnChange(t *testing.T) {
	onBothEngines(t, apptest.Options{RequireReason: true}, func(t *testing.T, d fixture) {
		r := must[bulk.Change](t)(d.Bulk.PlanRoles(
			t.Context(),
			d.request(editor()),
			allAgents(),
			d.roleIDs("Accountant"),
			nil,
		))
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
			_, rows := d.Bulk.Items(t.Context(), o, r.ID, bulk.ItemFilter{})
			list, _ := d.Bulk.List(t.Context(), o, d.Account)
			listed := slices.ContainsFunc(list, func(l bulk.Change) bool { return l.ID == r.ID })
			_, stop := d.Bulk.Stop(t.Context(), o, r.ID)
			if (show == nil) != test.shown || (rows == nil) != test.shown || listed != test.listed ||
				isStateConflict(stop) != test.stop {
				t.Errorf("%s: %v, %v, listed %v, %v", test.name, show, rows, listed, stop)
			}
			form := bulk.StartForm{Reason: "because"}
			if test.name != "editor" {
				_, start := d.Bulk.Start(t.Context(), d.request(o), r.ID, form)
				if _, denied := errors.AsType[*policy.Denied](start); !denied {
					t.Errorf("%s starts it: %v", test.name, start)
				}
			}
		}
		if _, err := d.Bulk.Start(t.Context(), d.request(editor()), r.ID, bulk.StartForm{}); fieldError(err, "reason") == "" {
			t.Errorf("it started without a reason: %v", err)
		}
		d.start(r)
		if list := must[[]bulk.Change](t)(d.Bulk.List(
			t.Context(),
			apptest.Operator("auditor", policy.Auditor),
			d.Account,
		)); len(
			list,
		) != 1 ||
			list[0].Counts.Waiting != 8 {
			t.Errorf("the auditor's list: %+v", list)
		}
		if _, err := d.Bulk.Retry(t.Context(), d.request(editor()), r.ID); !isStateConflict(err) {
			t.Errorf("trying again what runs: %v", err)
		}
		for _, id := range []string{"", "nothing"} {
			if _, err := d.Bulk.Show(t.Context(), admin(), id); !errors.Is(err, bulk.ErrNotFound) {
				t.Errorf("run %q: %v", id, err)
			}
		}
	})
}

func TestStartNeedsWaitingItems(t *testing.T) {
	onBothEngines(t, apptest.Options{}, func(t *testing.T, d fixture) {
		r := d.draftRoles([]string{"Support"}, nil)
		wantSummary(t, r, "draft, 8 idle")
		_, err := d.Bulk.Start(t.Context(), d.request(admin()), r.ID, bulk.StartForm{})
		if wrong, ok := errors.AsType[*operations.Invalid](err); !ok || wrong.Fields["rows"] == "" {
			t.Errorf("%v", err)
		}
	})
}
