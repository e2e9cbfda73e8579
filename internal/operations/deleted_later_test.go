package operations_test

import (
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
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

// TestCreatedAgain deletes a subuser, creates it again, and deletes that too.
func TestCreatedAgain(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		applied := func(out operations.Outcome, err error) audit.Operation {
			t.Helper()
			if err != nil || out.Result != audit.Applied {
				t.Fatalf("%+v, %v", out, err)
			}
			return out.Operation
		}
		deletion := applied(deleteSubuser(t, w))
		want := func(id, when string) {
			t.Helper()
			by, found, err := w.Operations.CreatedAgain(t.Context(), deletion)
			if err != nil || found != (id != "") || found && by.ID != id {
				t.Errorf("%s: %v, by %q, %v", when, found, by.ID, err)
			}
		}
		want("", "after the deletion")
		want(applied(create(t, w, "team_three")).ID, "created again")
		applied(deleteSubuser(t, w))
		want("", "deleted again")
	})
}
