package operations_test

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// An operation of two calls stops when the first has no answer. When the vendor commits that call after the operation
// was closed as not applied, the operation was partly applied.
func TestLateCommitOfFirstCall(t *testing.T) {
	for name, action := range map[string]struct {
		method string
		run    func(t *testing.T, w *apptest.World) (operations.Outcome, error)
	}{
		"the deletion of a re-issue": {"DelSubUser", reissue},
		"revoking from a subuser":    {"RemoveSubUserRoles", swapRoles},
		"revoking from a key":        {"RemoveKeyRoles", swapKeyRoles},
	} {
		t.Run(name, func(t *testing.T) {
			inKeyWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
				w.Sim.AddFault(voxsim.Fault{Method: action.method, Kind: voxsim.ResetThenCommit, Delay: 40 * time.Minute})
				out, err := action.run(t, w)
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
				if op.Result != audit.PartlyApplied || !op.Confirmed || op.Open || len(events) != 5 ||
					events[3].Kind != audit.ReopenedEvent {
					t.Errorf("after the late commit: %+v, %+v", op, events)
				}
				w.CheckAgreement(t)
			})
		})
	}
}

// A later deletion by another operation proves nothing about one that was not applied.
func TestDeletionByOtherOperationIsNotLateCommit(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Sim.AddFault(voxsim.Fault{Method: "DelSubUser", Kind: voxsim.ResetBeforeCommit})
		out, err := reissue(t, w)
		if err != nil || out.Result != audit.Unknown {
			t.Fatalf("%+v, %v", out, err)
		}
		w.Reconcile(t, 30*time.Minute)
		if gone, err := deleteSubuserByLogin(t, w, "team_one"); err != nil || gone.Result != audit.Applied {
			t.Fatalf("%+v, %v", gone, err)
		}
		w.Reconcile(t, time.Hour)
		if op, err := w.AuditLog.Operation(t.Context(), out.Operation.ID); err != nil || op.Result != audit.NotApplied {
			t.Errorf("%+v, %v", op, err)
		}
	})
}
