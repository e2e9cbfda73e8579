package operations_test

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// A clock that is set back between two operations does not reverse their order.
func TestLaterOperationWithClockSetBack(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.ResetBeforeCommit})
		first, err := changeRoles(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil || first.Result != audit.Unknown {
			t.Fatalf("%+v, %v", first, err)
		}
		w.Reconcile(t, 30*time.Minute)
		slow := w.Operations.Options
		slow.Now = func() time.Time { return time.Now().Add(-time.Hour) }
		c, err := changeRolesCommand(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if second, err := operations.New(slow).ChangeRoles(t.Context(), c); err != nil ||
			second.Result != audit.Applied {
			t.Fatalf("%+v, %v", second, err)
		}
		w.Reconcile(t, time.Hour)
		if op, err := w.AuditLog.Operation(t.Context(), first.Operation.ID); err != nil || op.Result != audit.NotApplied {
			t.Errorf("the audit log attributes the change to the first operation: %+v, %v", op, err)
		}
	})
}
