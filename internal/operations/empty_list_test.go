package operations_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// TestEmptyListDoesNotDisproveCreate loses the response to a create, and restarts the console while the vendor's lists
// are empty. The create must not become "not applied", however long that takes.
func TestEmptyListDoesNotDisproveCreate(t *testing.T) {
	t.Parallel()
	for _, fault := range []voxsim.FaultKind{voxsim.EmptyList, voxsim.NullResult} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, url string) {
				synctest.Test(t, func(t *testing.T) {
					w := apptest.NewWorld(t, apptest.Options{Company: smallTeam(), Database: url})
					defer w.Close()
					w.Refresh(t)
					w.Sim.AddFault(voxsim.Fault{Method: "AddSubUser", Kind: voxsim.CommitThenReset})
					w.Sim.AddFault(voxsim.Fault{Method: "GetSubUsers", Kind: fault, Count: -1})
					out, err := create(t, w, "newcomer")
					if err != nil || out.Result != audit.Unknown {
						t.Fatalf("%+v, %v", out, err)
					}
					w.Restart()
					w.Reconcile(t, time.Hour)
					op, err := w.AuditLog.Operation(t.Context(), out.Operation.ID)
					if err != nil || !op.Open || op.Result != audit.Unknown {
						t.Errorf("while the lists are empty: open %v, result %q, %v", op.Open, op.Result, err)
					}
					w.Sim.ClearFaults()
					w.Reconcile(t, time.Hour)
					if op, err = w.AuditLog.Operation(t.Context(), out.Operation.ID); err != nil || op.Result != audit.Applied {
						t.Errorf("afterwards: result %q, %v", op.Result, err)
					}
				})
			})
		})
	}
}
