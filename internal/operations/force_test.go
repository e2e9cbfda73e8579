package operations_test

import (
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// Taking roles by force is one call: while a key still holds what it takes, nothing shows that it was carried out.
func TestForceWithKeyRolesRemaining(t *testing.T) {
	inKeyWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Refresh(t) // whose keys are whose is known
		w.Sim.AddFault(voxsim.Fault{Method: "RemoveSubUserRoles", Kind: voxsim.ResetBeforeCommit})
		out, err := force(t, w)
		if err != nil || out.Result != audit.Unknown {
			t.Fatalf("%+v, %v", out, err)
		}
		supervisor := roleIDs(w.Directory.Catalogue(t.Context(), w.Account), []string{"Supervisor"})
		// somebody takes the role in the vendor's panel, and gives it back to the key
		for _, external := range []voxsim.ExternalChange{
			{
				Kind:      voxsim.ExternalRemoveSubuserRoles,
				SubuserID: subuserID(t, w, "team_three"),
				RoleIDs:   supervisor,
				Force:     true,
			},
			{Kind: voxsim.ExternalAddKeyRoles, KeyID: wallboard, RoleIDs: supervisor},
		} {
			if err := w.Sim.ApplyExternal(external); err != nil {
				t.Fatal(err)
			}
		}
		w.Reconcile(t, 4*time.Hour)
		op, finding, err := w.Operations.ReconcileNow(t.Context(), adminRequest().Operator, out.Operation.ID)
		if err != nil || !op.Open || op.Result != audit.Unknown ||
			!strings.Contains(finding, "one of its keys still has one") {
			t.Errorf("%+v, %q, %v", op, finding, err)
		}
	})
}

// What is said of keys is said of roles that were taken.
func TestForceNotAppliedNote(t *testing.T) {
	inKeyWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Refresh(t) // whose keys are whose is known
		w.Sim.AddFault(voxsim.Fault{Method: "RemoveSubUserRoles", Kind: voxsim.ResetBeforeCommit})
		out, err := force(t, w)
		if err != nil || out.Result != audit.Unknown {
			t.Fatalf("%+v, %v", out, err)
		}
		_, finding, err := w.Operations.ReconcileNow(t.Context(), adminRequest().Operator, out.Operation.ID)
		if err != nil || !strings.Contains(finding, "are not as requested yet") {
			t.Errorf("a first look: %q, %v", finding, err)
		}
		w.Reconcile(t, time.Hour)
		op, err := w.AuditLog.Operation(t.Context(), out.Operation.ID)
		if err != nil || op.Result != audit.NotApplied {
			t.Fatalf("%+v, %v", op, err)
		}
		events, err := w.AuditLog.Events(t.Context(), op.ID)
		last := events[len(events)-1]
		if err != nil || !strings.Contains(last.Note, "are not as requested, and the waiting time has passed") {
			t.Errorf("the record: %q, %v", last.Note, err)
		}
	})
}
