package operations_test

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// checkNoDrift fails when drift reports a change that the console made.
func checkNoDrift(t *testing.T, w *apptest.World) {
	t.Helper()
	w.Reconcile(t, 3*time.Hour)
	time.Sleep(time.Minute)
	w.Refresh(t)
	found, err := w.Drift.Findings(t.Context(), w.Account)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		t.Errorf("found: %s %s %s, was %q, is %q", f.Name, f.Type, f.Role.Name, f.OldValue, f.NewValue)
	}
}

// A vendor that ignores an empty text reports success without clearing it. Such a change is unknown at first and not
// applied in the end.
func TestClearDescription(t *testing.T) {
	for name, ignored := range map[string]bool{"cleared": false, "ignored": true} {
		t.Run(name, func(t *testing.T) {
			inKeyWorld(
				t,
				apptest.Options{Variants: voxsim.Variants{EmptyTextIgnored: ignored}},
				func(t *testing.T, w *apptest.World) {
					w.Refresh(t)
					time.Sleep(time.Minute)
					subuser, err := w.Operations.Edit(t.Context(), operations.Edit{
						Request: adminRequestWithID(w),
						Ref:     access.SubuserRef(subuserID(t, w, "team_one")),
						Base:    operations.Texts{Description: "First of the team"},
					})
					immediate, final := audit.Applied, audit.Applied
					if ignored {
						immediate, final = audit.Unknown, audit.NotApplied
					}
					if err != nil || subuser.Result != immediate || subuser.Confirmed == ignored {
						t.Errorf("subuser: %+v, %v", subuser, err)
					}
					key, err := w.Operations.Edit(t.Context(), operations.Edit{
						Request: adminRequestWithID(w),
						Ref:     access.KeyRef(wallboard),
						Base:    operations.Texts{Name: "wallboard", Description: "The wallboard in the hall"},
						Name:    "wallboard",
					})
					if err != nil || key.Result != immediate || key.Confirmed == ignored {
						t.Errorf("key: %+v, %v", key, err)
					}
					checkNoDrift(t, w)
					w.Reconcile(t, time.Hour)
					for _, out := range []operations.Outcome{subuser, key} {
						op, err := w.AuditLog.Operation(t.Context(), out.Operation.ID)
						if err != nil || op.Result != final || op.Open {
							t.Errorf("in the end: %+v, %v", op, err)
						}
					}
				},
			)
		})
	}
}

// A list that does not report which roles contain which must not turn our changes into drift.
func TestInheritedRolesAreNotDrift(t *testing.T) {
	inKeyWorld(
		t,
		apptest.Options{Variants: voxsim.Variants{RoleLinks: voxsim.RoleLinksAssigned}},
		func(t *testing.T, w *apptest.World) {
			w.Refresh(t)
			time.Sleep(time.Minute)
			for _, step := range [][2][]string{{{"Owner", "UserManager"}, nil}, {nil, {"UserManager"}}} {
				out, err := changeRoles(t, w, "team_three", step[0], step[1])
				if err != nil || !out.Confirmed || out.UnrequestedChanges.Any() {
					t.Fatalf("%+v, %v", out, err)
				}
				checkNoDrift(t, w)
			}
		},
	)
}
