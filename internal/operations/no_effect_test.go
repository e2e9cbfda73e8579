package operations_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// The vendor accepts every write and carries out none. No operation counts as applied, except a changed password, which
// cannot be read back: that stays "applied, not confirmed". In the end reading shows that nothing was applied.
func TestWritesWithoutEffect(t *testing.T) {
	t.Parallel()
	for _, action := range actionCases() {
		t.Run(action.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := apptest.NewWorld(t, apptest.Options{
					Company:  teamWithKeys(false),
					Variants: voxsim.Variants{NoEffect: voxsim.NoEffectAll},
				})
				defer w.Close()
				out, err := action.run(t, w)
				if err != nil || len(w.Sim.Ledger()) != 0 {
					t.Fatalf("%v; ledger %+v", err, w.Sim.Ledger())
				}
				if out.Unreadable {
					if out.Result != audit.Applied || out.Confirmed {
						t.Errorf("a password: %s, confirmed %t", out.Result, out.Confirmed)
					}
					return
				}
				if out.Result != audit.Unknown || !out.Contradicted || out.Confirmed || !out.Operation.Open {
					t.Errorf("at first: %s, confirmed %t, %+v", out.Result, out.Confirmed, out.Operation)
				}
				if deletes := out.Operation.Action == audit.ReissueSubuser; deletes && !out.Password.Empty() {
					t.Error("a password of a subuser that was not created")
				}
				w.Reconcile(t, time.Hour)
				op, err := w.AuditLog.Operation(t.Context(), out.Operation.ID)
				if err != nil || op.Result != audit.NotApplied || op.Open {
					t.Errorf("in the end: %+v, %v", op, err)
				}
			})
		})
	}
}

// The private key and the password are in one response only, so they are handed out although the new principal is not
// visible yet.
func TestSecretsOfInvisiblePrincipals(t *testing.T) {
	options := apptest.Options{Variants: voxsim.Variants{NoEffect: voxsim.NoEffectAll}}
	inWorld(t, options, func(t *testing.T, w *apptest.World) {
		key, err := createKey(t, w)
		if err != nil || key.Credentials.Empty() {
			t.Errorf("no credentials: %+v, %v", key, err)
		}
		subuser, err := create(t, w, "newcomer")
		if err != nil || subuser.Password.Empty() {
			t.Errorf("no password: %+v, %v", subuser, err)
		}
	})
}

// A change that was reported, and became visible only long after the waiting time, is applied in the end.
func TestReportedChangeAppearsLate(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.StaleReads, Delay: time.Hour})
		out, err := changeRoles(t, w, "team_three", []string{"Accountant"}, nil)
		if err != nil || out.Result != audit.Unknown || !out.Contradicted {
			t.Fatalf("%+v, %v", out, err)
		}
		w.Reconcile(t, 30*time.Minute)
		if op := operation(t, w, out); op.Result != audit.NotApplied || op.Open {
			t.Fatalf("after the waiting time: %+v", op)
		}
		w.Reconcile(t, time.Hour)
		if op := operation(t, w, out); op.Result != audit.Applied || !op.Confirmed || op.Open {
			t.Errorf("in the end: %+v", op)
		}
	})
}

// operation returns the operation of an outcome as it is now.
func operation(t *testing.T, w *apptest.World, out operations.Outcome) audit.Operation {
	t.Helper()
	op, err := w.AuditLog.Operation(t.Context(), out.Operation.ID)
	if err != nil {
		t.Fatal(err)
	}
	return op
}
