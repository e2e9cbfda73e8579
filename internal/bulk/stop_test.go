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
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		change := d.draftRoles([]string{"Accountant"}, nil)
		d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Nth: 3, Kind: voxsim.SlowDrip, Delay: 3 * time.Second})
		d.start(change)
		d.waitUntil(change.ID, func(c bulk.Change) bool { return c.Counts.InProgress == 1 && c.Counts.Applied == 2 })
		stopped := must[bulk.Change](t)(d.Bulk.Stop(t.Context(), admin(), change.ID))
		wantSummary(t, stopped, "stopped, 5 waiting, 1 busy, 2 applied")
		if stopped.StopReason != "Stopped by admin." || stopped.EndedAt.IsZero() {
			t.Errorf("%+v", stopped)
		}
		wantSummary(t, d.waitUntilEnded(change.ID), "stopped, 5 waiting, 3 applied")
		time.Sleep(time.Hour)
		wantSummary(t, d.show(change.ID), "stopped, 5 waiting, 3 applied")
		if _, err := d.Bulk.Stop(t.Context(), admin(), change.ID); !isStateConflict(err) {
			t.Errorf("stopped twice: %v", err)
		}
		if left := d.items(change.ID, bulk.OnlyNotSent); len(left) != 5 || left[0].Name != "agent_0004" {
			t.Errorf("left: %+v", left)
		}
		again := must[bulk.Change](t)(d.Bulk.Retry(t.Context(), d.request(admin()), change.ID))
		d.start(again)
		wantSummary(t, d.waitUntilEnded(again.ID), "done, 5 applied")
		d.checkAgreement()
	})
}

func isStateConflict(err error) bool {
	_, conflict := errors.AsType[*bulk.StateConflict](err)
	return conflict
}

// TestStopWhileItemWaitsForRetry stops a bulk change with an item that waits for its next attempt.
func TestStopWhileItemWaitsForRetry(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault voxsim.Fault
		want  string
	}{
		{
			"after a refused write",
			voxsim.Fault{Method: "SetSubUserRoles", Nth: 2},
			"stopped, 6 waiting, 1 applied, 1 refused",
		},
		{
			"after a refused reading",
			voxsim.Fault{Method: "GetSubUserRoles", Nth: 3, Count: 9},
			"stopped, 7 waiting, 1 applied",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
				defer d.startWorkers()()
				change := d.draftRoles([]string{"Accountant"}, nil)
				test.fault.Kind, test.fault.Code = voxsim.Refuse, 340
				d.Sim.AddFault(test.fault)
				d.start(change)
				time.Sleep(8 * time.Second)
				must[bulk.Change](t)(d.Bulk.Stop(t.Context(), admin(), change.ID))
				time.Sleep(time.Second)
				wantSummary(t, d.show(change.ID), test.want)
				d.Sim.ClearFaults()
				again := must[bulk.Change](t)(d.Bulk.Retry(t.Context(), d.request(admin()), change.ID))
				d.start(again)
				wantSummary(t, d.waitUntilEnded(again.ID), "done, 7 applied")
				d.checkAgreement()
			})
		})
	}
}

// TestStopBeforeFirstItem stops an import that no worker has begun: nothing is sent later.
func TestStopBeforeFirstItem(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		change := d.draftImport(admin(), "login\nanna_k\n")
		d.start(change)
		must[bulk.Change](t)(d.Bulk.Stop(t.Context(), admin(), change.ID))
		defer d.startWorkers()()
		time.Sleep(time.Minute)
		wantSummary(t, d.show(change.ID), "stopped, 1 waiting")
		if d.writeCount() != 0 {
			t.Errorf("%d writes", d.writeCount())
		}
	})
}

func TestDraftDeletedAfterMaxAge(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		change := d.draftRoles([]string{"Accountant"}, nil)
		work := func() {
			defer d.startWorkers()()
			time.Sleep(time.Second)
		}
		time.Sleep(23 * time.Hour)
		work()
		d.show(change.ID)
		time.Sleep(2 * time.Hour)
		work()
		if _, err := d.Bulk.Show(t.Context(), admin(), change.ID); !errors.Is(err, bulk.ErrNotFound) {
			t.Errorf("%v", err)
		}
		var items int
		if err := d.DB.SQL().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM bulk_items`).Scan(&items); err != nil ||
			items != 0 {
			t.Errorf("%d items were left, %v", items, err)
		}
	})
}

// TestPermissionsOnChange tries every method on the bulk change of one editor as other operators.
func TestPermissionsOnChange(t *testing.T) {
	inWorld(t, apptest.Options{RequireReason: true}, func(t *testing.T, d fixture) {
		request := d.request(editor())
		request.Reason = "OPS-9"
		change := must[bulk.Change](t)(d.Bulk.PlanRoles(
			t.Context(),
			request,
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
			_, showErr := d.Bulk.Show(t.Context(), o, change.ID)
			_, itemsErr := d.Bulk.Items(t.Context(), o, change.ID, bulk.ItemFilter{})
			list, _ := d.Bulk.List(t.Context(), o, d.Account)
			listed := slices.ContainsFunc(list, func(listed bulk.Change) bool { return listed.ID == change.ID })
			_, stopErr := d.Bulk.Stop(t.Context(), o, change.ID)
			if (showErr == nil) != test.shown || (itemsErr == nil) != test.shown || listed != test.listed ||
				isStateConflict(stopErr) != test.stop {
				t.Errorf("%s: %v, %v, listed %v, %v", test.name, showErr, itemsErr, listed, stopErr)
			}
			form := bulk.StartForm{Reason: "because"}
			if test.name != "editor" {
				_, startErr := d.Bulk.Start(t.Context(), d.request(o), change.ID, form)
				if _, denied := errors.AsType[*policy.Denied](startErr); !denied {
					t.Errorf("%s starts it: %v", test.name, startErr)
				}
			}
		}
		_, err := d.Bulk.Start(t.Context(), d.request(editor()), change.ID, bulk.StartForm{})
		if fieldError(err, "reason") == "" {
			t.Errorf("started without a reason: %v", err)
		}
		d.start(change)
		auditor := apptest.Operator("auditor", policy.Auditor)
		list := must[[]bulk.Change](t)(d.Bulk.List(t.Context(), auditor, d.Account))
		if len(list) != 1 || list[0].Counts.Waiting != 8 {
			t.Errorf("the auditor's list: %+v", list)
		}
		if _, err := d.Bulk.Retry(t.Context(), d.request(editor()), change.ID); !isStateConflict(err) {
			t.Errorf("a retry of a running bulk change: %v", err)
		}
		for _, id := range []string{"", "nothing"} {
			if _, err := d.Bulk.Show(t.Context(), admin(), id); !errors.Is(err, bulk.ErrNotFound) {
				t.Errorf("bulk change %q: %v", id, err)
			}
		}
	})
}

func TestStartNeedsWaitingItems(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		change := d.draftRoles([]string{"Support"}, nil)
		wantSummary(t, change, "draft, 8 idle")
		_, err := d.Bulk.Start(t.Context(), d.request(admin()), change.ID, bulk.StartForm{})
		if wrong, ok := errors.AsType[*operations.Invalid](err); !ok || wrong.Fields["rows"] == "" {
			t.Errorf("%v", err)
		}
	})
}
