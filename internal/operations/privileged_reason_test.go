package operations_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/operations"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// needsReason reports whether an action grants a privileged role to a principal.
func (a permissionAction) needsReason(target principal) bool {
	return a.grantsPrivileged != nil && a.grantsPrivileged(target) || a.grantsAgain != nil && a.grantsAgain(target)
}

// Every action that grants a privileged role needs a reason, also from an admin and where reasons are optional, and
// leaves no trace without one. No other action needs one.
func TestPrivilegedGrantsNeedReason(t *testing.T) {
	admin := apptest.Callers()[len(apptest.Callers())-1]
	inPermissionWorld(t, apptest.StrictPolicy(), func(g *permissionWorld) {
		for _, action := range permissionActions() {
			for _, target := range principals() {
				if action.skips(target) {
					continue
				}
				g.reason = "because"
				operationID := ""
				if action.prepare != nil {
					operationID = action.prepare(g, admin.Operator)
				}
				g.Sim.AddFault(voxsim.Fault{Method: action.method, Kind: voxsim.Refuse, Code: refusalCode, Count: -1})
				for _, reason := range []string{"", " \t\u00a0", "\u200b\u2800\ufe0f"} {
					before := g.traces()
					g.reason = reason
					err := action.try(g, admin.Operator, target, operationID)
					want := action.needsReason(target)
					if got := isReasonMissing(err); got != want || !want && err != nil || want && g.traces() != before {
						g.t.Errorf("%s on %s, reason %q: %v, want missing %v", action.name, target.name, reason, err, want)
					}
				}
				g.Sim.ClearFaults()
			}
		}
	})
}

// While every role counts as privileged, each grant needs a reason, and a revocation needs none.
func TestGrantsNeedReasonWhenAllRolesArePrivileged(t *testing.T) {
	admin := apptest.Callers()[len(apptest.Callers())-1]
	inPermissionWorld(t, apptest.StrictPolicy("Boss"), func(g *permissionWorld) {
		g.reason = ""
		plain := principals()[1]
		if err := granting("Accountant")(g, admin.Operator, plain, ""); !isReasonMissing(err) {
			g.t.Errorf("a grant: %v", err)
		}
		if err := revoking(false)(g, admin.Operator, plain, ""); err != nil {
			g.t.Errorf("a revocation: %v", err)
		}
	})
}

// The preview names the roles that need a reason.
func TestPreviewNamesPrivilegedGrants(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		for _, test := range []struct{ grant, want string }{
			{"Owner Developer", "Owner"}, {"Accountant", ""}, {"Owner Admin", "Owner Admin"},
		} {
			c, err := changeRolesCommand(t, w, "team_one", strings.Fields(test.grant), nil)
			if err != nil {
				t.Fatal(err)
			}
			diff, err := w.Operations.PreviewRoles(t.Context(), c)
			got := strings.Join(diff.Catalogue.Names(diff.PrivilegedGrants), " ")
			if err != nil || got != test.want {
				t.Errorf("granting %s: %q, %v", test.grant, got, err)
			}
		}
	})
}

// isReasonMissing reports whether the only thing wrong with a form is its reason.
func isReasonMissing(err error) bool {
	invalid, ok := errors.AsType[*operations.Invalid](err)
	return ok && len(invalid.Fields) == 1 &&
		invalid.Fields["reason"] == "Enter a reason. It is required to grant a privileged role."
}
