package operations_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

func TestUnknownOperationLocksTarget(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.ResetBeforeCommit})
		first, err := changeRoles(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil || first.Result != audit.Unknown {
			t.Fatalf("%+v, %v", first, err)
		}
		_, err = changeRoles(t, w, "team_one", []string{"Developer"}, nil)
		busy, ok := errors.AsType[*operations.Busy](err)
		if !ok || busy.Operation.ID != first.Operation.ID {
			t.Fatalf("a second operator: %v", err)
		}
		w.Reconcile(t, 10*time.Minute)
		op, err := w.AuditLog.Operation(t.Context(), first.Operation.ID)
		if err != nil || op.Open || op.Result != audit.NotApplied {
			t.Fatalf("after reconciling: %+v, %v", op, err)
		}
		if out, err := changeRoles(t, w, "team_one", []string{"Developer"}, nil); err != nil || out.Result != audit.Applied {
			t.Errorf("after reconciling: %+v, %v", out, err)
		}
	})
}

func TestReconcileWaitsForDeadline(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.ResetThenCommit, Delay: 5 * time.Minute})
		out, err := changeRoles(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil || out.Result != audit.Unknown {
			t.Fatalf("%+v, %v", out, err)
		}
		for range 4 {
			time.Sleep(time.Minute)
			op, finding, err := w.Operations.ReconcileNow(t.Context(), adminRequest().Operator, out.Operation.ID)
			if err != nil || !op.Open || finding == "" {
				t.Fatalf("too early: %+v, %q, %v", op, finding, err)
			}
		}
		time.Sleep(time.Minute)
		op, _, err := w.Operations.ReconcileNow(t.Context(), adminRequest().Operator, out.Operation.ID)
		if err != nil || op.Result != audit.Applied || !op.Confirmed {
			t.Errorf("after the late commit: %+v, %v", op, err)
		}
	})
}

func TestLateCommit(t *testing.T) {
	for _, method := range []string{"SetSubUserRoles", "AddSubUser"} {
		t.Run(method, func(t *testing.T) {
			inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
				w.Sim.AddFault(voxsim.Fault{Method: method, Kind: voxsim.ResetThenCommit, Delay: 40 * time.Minute})
				var out operations.Outcome
				var err error
				if method == "AddSubUser" {
					out, err = create(t, w, "newcomer")
				} else {
					out, err = changeRoles(t, w, "team_one", []string{"Accountant"}, nil)
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

func TestExistingLoginIsNoEvidence(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Sim.AddFault(voxsim.Fault{Method: "AddSubUser", Kind: voxsim.ResetBeforeCommit})
		out, err := create(t, w, "newcomer")
		if err != nil || out.Result != audit.Unknown || out.Password.Empty() {
			t.Fatalf("%+v, %v", out, err)
		}
		if err := w.Sim.ApplyExternal(voxsim.ExternalChange{
			Kind:        voxsim.ExternalAddSubuser,
			Login:       "newcomer",
			Description: "in the panel",
		}); err != nil {
			t.Fatal(err)
		}
		w.Reconcile(t, time.Hour)
		op, finding, err := w.Operations.ReconcileNow(t.Context(), adminRequest().Operator, out.Operation.ID)
		if err != nil || !op.Open || !strings.Contains(finding, "nothing proves") {
			t.Errorf("%+v, %q, %v", op, finding, err)
		}
	})
}

func TestUnsavedOutcomeIsReconciled(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		// The database closes while the vendor delays its answer.
		w.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.SlowDrip, Delay: 2 * time.Second})
		c, err := changeRolesCommand(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			time.Sleep(time.Second)
			_ = w.DB.Close()
		}()
		out, err := w.Operations.ChangeRoles(t.Context(), c)
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
			t.Errorf("after reconciling: %+v", op)
		}
	})
}

func TestShowAndResolvePermissions(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.ResetBeforeCommit})
		c, err := changeRolesCommand(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.Operator = apptest.Operator("erin", policy.Editor)
		if _, err := w.Operations.ChangeRoles(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		mayShow := map[string]bool{"erin": true}
		for name, o := range map[string][]policy.DashboardRole{
			"erin":   {policy.Editor},
			"ed":     {policy.Editor},
			"vera":   {policy.Viewer},
			"aud":    {policy.Auditor},
			"adam":   {policy.Admin},
			"nobody": nil,
		} {
			want := mayShow[name] || name == "aud" || name == "adam"
			_, _, err := w.Operations.Show(t.Context(), apptest.Operator(name, o...), c.ID)
			if (err == nil) != want {
				t.Errorf("%s sees the operation: %v", name, err)
			}
			request := operations.Request{Operator: apptest.Operator(name, o...), Reason: strings.Repeat("x", 1001)}
			if _, err := w.Operations.Resolve(t.Context(), request, c.ID, audit.NotApplied); err == nil {
				t.Errorf("%s resolves the operation with a reason that is too long", name)
			}
			request.Reason = "x"
			if _, err := w.Operations.Resolve(t.Context(), request, c.ID, audit.NotApplied); (err == nil) != (name == "adam") {
				t.Errorf("%s resolves the operation: %v", name, err)
			}
			if name == "adam" {
				// resolved, so it cannot be resolved again
				if _, err := w.Operations.Resolve(t.Context(), request, c.ID, audit.Applied); err == nil {
					t.Error("an operation was resolved twice")
				}
			}
		}
		if _, _, err := w.Operations.Show(t.Context(), adminRequest().Operator, "aaaaaaaaaaaaaaaaaaaaaaaaaa"); !errors.Is(
			err,
			audit.ErrNotFound,
		) {
			t.Errorf("a missing operation: %v", err)
		}
	})
}

// A pass that cannot read the open operations is counted as failed.
func TestReconcilePassesAreCounted(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		var failed []bool
		w.Operations.Measure.ReconcilePass = func(f bool) { failed = append(failed, f) }
		w.Operations.ReconcileAll(t.Context())
		_ = w.DB.Close()
		w.Operations.ReconcileAll(t.Context())
		if !slices.Equal(failed, []bool{false, true}) {
			t.Errorf("failed: %v", failed)
		}
	})
}
