package operations_test

import (
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// A key that was created late and deleted later does not exist, but its operation was applied.
func TestCreatedKeyDeletedLater(t *testing.T) {
	inKeyWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Sim.AddFault(voxsim.Fault{Method: "CreateKey", Kind: voxsim.ResetThenCommit, Delay: time.Minute})
		out, err := createKey(t, w)
		if err != nil || out.Result != audit.Unknown {
			t.Fatalf("%+v, %v", out, err)
		}
		time.Sleep(2 * time.Minute)
		made := ""
		for _, k := range w.Sim.State().Keys {
			if k.Name == "robot" {
				made = k.ID
			}
		}
		if gone, err := deleteKeyByID(t, w, made); err != nil || gone.Result != audit.Applied {
			t.Fatalf("deleting what was created late: %+v, %v", gone, err)
		}
		w.Reconcile(t, 4*time.Hour)
		op, finding, err := w.Operations.ReconcileNow(t.Context(), adminRequest().Operator, out.Operation.ID)
		if err != nil || !op.Open || !strings.Contains(finding, "a later operation deleted one with this name") {
			t.Errorf("%+v, %q, %v", op, finding, err)
		}
	})
}
