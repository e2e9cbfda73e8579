package operations_test

import (
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// Force is one call: while a key still has a revoked role, nothing proves that it was carried out.
func TestForceWithKeyRolesRemaining(t *testing.T) {
	inKeyWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Refresh(t) // to know which keys belong to the subuser
		w.Sim.AddFault(voxsim.Fault{Method: "RemoveSubUserRoles", Kind: voxsim.ResetBeforeCommit})
		out, err := force(t, w)
		if err != nil || out.Result != audit.Unknown {
			t.Fatalf("%+v, %v", out, err)
		}
		supervisor := roleIDs(w.Directory.Catalogue(t.Context(), w.Account), []string{"Supervisor"})
		// the role is revoked in the vendor's panel, and granted to the key again
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

// The note about keys is only for roles that were revoked.
func TestForceNotAppliedNote(t *testing.T) {
	inKeyWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Refresh(t) // to know which keys belong to the subuser
		w.Sim.AddFault(voxsim.Fault{Method: "RemoveSubUserRoles", Kind: voxsim.ResetBeforeCommit})
		out, err := force(t, w)
		if err != nil || out.Result != audit.Unknown {
			t.Fatalf("%+v, %v", out, err)
		}
		_, finding, err := w.Operations.ReconcileNow(t.Context(), adminRequest().Operator, out.Operation.ID)
		if err != nil || !strings.Contains(finding, "are not as requested yet") {
			t.Errorf("the first reading: %q, %v", finding, err)
		}
		w.Reconcile(t, time.Hour)
		op, err := w.AuditLog.Operation(t.Context(), out.Operation.ID)
		if err != nil || op.Result != audit.NotApplied {
			t.Fatalf("%+v, %v", op, err)
		}
		events, err := w.AuditLog.Events(t.Context(), op.ID)
		last := events[len(events)-1]
		if err != nil || !strings.Contains(last.Note, "are not as requested, and the waiting time has passed") {
			t.Errorf("the audit log: %q, %v", last.Note, err)
		}
	})
}
