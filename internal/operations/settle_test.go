package operations_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

func TestAnUnknownOperationKeepsOthersOut(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.ResetBeforeCommit})
		first, err := change(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil || first.Result != audit.Unknown {
			t.Fatalf("%+v, %v", first, err)
		}
		_, err = change(t, w, "team_one", []string{"Developer"}, nil)
		busy, ok := errors.AsType[*operations.Busy](err)
		if !ok || busy.First.ID != first.Operation.ID {
			t.Fatalf("a second operator: %v", err)
		}
		w.Reconcile(t, 10*time.Minute)
		op, err := w.AuditLog.Operation(t.Context(), first.Operation.ID)
		if err != nil || op.Open || op.Result != audit.NotApplied {
			t.Fatalf("after settling: %+v, %v", op, err)
		}
		if out, err := change(t, w, "team_one", []string{"Developer"}, nil); err != nil || out.Result != audit.Applied {
			t.Errorf("after settling: %+v, %v", out, err)
		}
	})
}

func TestAnUnknownIsNotGivenUpEarly(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.ResetThenCommit, Delay: 5 * time.Minute})
		out, err := change(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil || out.Result != audit.Unknown {
			t.Fatalf("%+v, %v", out, err)
		}
		for range 4 {
			time.Sleep(time.Minute)
			op, finding, err := w.Operations.SettleNow(t.Context(), admin().Operator, out.Operation.ID)
			if err != nil || !op.Open || finding == "" {
				t.Fatalf("too early: %+v, %q, %v", op, finding, err)
			}
		}
		time.Sleep(time.Minute)
		op, _, err := w.Operations.SettleNow(t.Context(), admin().Operator, out.Operation.ID)
		if err != nil || op.Result != audit.Applied || !op.Confirmed {
			t.Errorf("after the late commit: %+v, %v", op, err)
		}
	})
}

func TestALateCommitIsNoticed(t *testing.T) {
	for _, method := range []string{"SetSubUserRoles", "AddSubUser"} {
		t.Run(method, func(t *testing.T) {
			inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
				w.Sim.AddFault(voxsim.Fault{Method: method, Kind: voxsim.ResetThenCommit, Delay: 40 * time.Minute})
				var out operations.Outcome
				var err error
				if method == "AddSubUser" {
					out, err = create(t, w, "newcomer")
				} else {
					out, err = change(t, w, "team_one", []string{"Accountant"}, nil)
				}
				if err != nil || out.Result != audit.Unknown {
					t.Fatalf("%+v, %v", out, err)
				}
				w.Reconcile(t, 30*time.Minute)
				if op, _ := w.AuditLog.Operation(t.Context(), out.Operation.ID); op.Result != audit.NotApplied {
					t.Fatalf("before the late commit: %+v", op)
				}
				w.Reconcile(t, 30*time.Minute)
				op, _ := w.AuditLog.Operation(t.Context(), out.Operation.ID)
				events, _ := w.AuditLog.Events(t.Context(), op.ID)
				if op.Result != audit.Applied || len(events) != 5 || events[3].Kind != audit.ReopenedEvent {
					t.Errorf("after the late commit: %+v, %+v", op, events)
				}
			})
		})
	}
}

func TestALoginThatExistsIsNotProvenOurs(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Sim.AddFault(voxsim.Fault{Method: "AddSubUser", Kind: voxsim.ResetBeforeCommit})
		out, err := create(t, w, "newcomer")
		if err != nil || out.Result != audit.Unknown || out.Password.Empty() {
			t.Fatalf("%+v, %v", out, err)
		}
		if err := w.Sim.ApplyExternal(voxsim.ExternalChange{Kind: voxsim.ExternalAddSubuser, Login: "newcomer", Description: "by hand"}); err != nil {
			t.Fatal(err)
		}
		w.Reconcile(t, time.Hour)
		op, finding, err := w.Operations.SettleNow(t.Context(), admin().Operator, out.Operation.ID)
		if err != nil || !op.Open || !strings.Contains(finding, "nothing proves") {
			t.Errorf("%+v, %q, %v", op, finding, err)
		}
	})
}

func TestAnOutcomeThatCannotBeWrittenIsSettledLater(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		// The database goes away while the vendor takes its time to answer.
		w.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.SlowDrip, Delay: 2 * time.Second})
		c, err := command(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			time.Sleep(time.Second)
			_ = w.DB.Close()
		}()
		out, err := w.Operations.ChangeSubuserRoles(t.Context(), c)
		if err != nil || !out.Unsaved || out.Result != audit.Applied {
			t.Fatalf("%+v, %v", out, err)
		}
		w.Restart()
		op, err := w.AuditLog.Operation(t.Context(), c.ID)
		if err != nil || op.Result != "" || !op.Open {
			t.Fatalf("after the restart: %+v, %v", op, err)
		}
		w.Reconcile(t, 10*time.Minute)
		if op, _ = w.AuditLog.Operation(t.Context(), c.ID); op.Result != audit.Applied || !op.Confirmed || op.Open {
			t.Errorf("after settling: %+v", op)
		}
	})
}

func TestWhoMaySeeAndSettle(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.ResetBeforeCommit})
		c, err := command(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.Operator = apptest.Operator("erin", policy.Editor)
		if _, err := w.Operations.ChangeSubuserRoles(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		see := map[string]bool{"erin": true}
		for who, o := range map[string][]policy.DashboardRole{
			"erin":   {policy.Editor},
			"ed":     {policy.Editor},
			"vera":   {policy.Viewer},
			"aud":    {policy.Auditor},
			"adam":   {policy.Admin},
			"nobody": nil,
		} {
			want := see[who] || who == "aud" || who == "adam"
			_, _, err := w.Operations.Show(t.Context(), apptest.Operator(who, o...), c.ID)
			if (err == nil) != want {
				t.Errorf("%s sees the operation: %v", who, err)
			}
			act := operations.Act{Operator: apptest.Operator(who, o...), Reason: strings.Repeat("x", 1001)}
			if _, err := w.Operations.SettleByHand(t.Context(), act, c.ID, audit.NotApplied); err == nil {
				t.Errorf("%s settles the operation with a reason that is too long", who)
			}
			act.Reason = "x"
			if _, err := w.Operations.SettleByHand(t.Context(), act, c.ID, audit.NotApplied); (err == nil) != (who == "adam") {
				t.Errorf("%s settles the operation: %v", who, err)
			}
			if who == "adam" {
				// settled now: nobody can do it again
				if _, err := w.Operations.SettleByHand(t.Context(), act, c.ID, audit.Applied); err == nil {
					t.Error("an operation was settled twice")
				}
			}
		}
		if _, _, err := w.Operations.Show(t.Context(), admin().Operator, "aaaaaaaaaaaaaaaaaaaaaaaaaa"); !errors.Is(
			err,
			audit.ErrNotFound,
		) {
			t.Errorf("an operation that is not there: %v", err)
		}
	})
}
