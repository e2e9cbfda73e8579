package operations_test

import (
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// isPrivileged reports whether only an admin may perform an action on a principal. When all roles are privileged, that
// is whenever it has, gets or loses a role.
func (a permissionAction) isPrivileged(target principal, all bool) bool {
	changesRoles := a.changesRoles != nil && a.changesRoles(target)
	grantsPrivileged := a.grantsPrivileged != nil && a.grantsPrivileged(target)
	keys := a.affectsKeys && target.hasKey
	if a.targetsNewSubuser() {
		return grantsPrivileged || all && changesRoles
	}
	return a.adminOnly || keys || grantsPrivileged || target.privileged || all && (changesRoles || hasRoles(target))
}

// targetsNewSubuser reports whether an action creates a subuser with the roles of the principal, rather than changing
// the principal.
func (a permissionAction) targetsNewSubuser() bool { return a.method == "AddSubUser" }

// want returns the beginning of the result that an operator must get.
func (a permissionAction) want(p apptest.Caller, target principal, all, catalogue bool) string {
	needsCatalogue := a.needsCatalogue || a.changesRoles != nil && a.changesRoles(target)
	allowed := p.IsAdmin || p.MayChange && !a.isPrivileged(target, all) && (!a.ofOtherOperator || p.SeesAll)
	switch {
	case !p.MayChange:
		return "denied"
	case !catalogue && needsCatalogue:
		return "" // either of the two reasons
	case !allowed:
		return "denied"
	default:
		return "begun"
	}
}

// checkAction lets an operator try an action that the vendor would refuse, and checks that it came exactly as far as it
// should: a denied action leaves no trace.
func (g *permissionWorld) checkAction(a permissionAction, p apptest.Caller, target principal, want string) {
	g.t.Helper()
	operationID := ""
	if a.prepare != nil {
		operationID = a.prepare(g, p.Operator)
	}
	g.Sim.AddFault(voxsim.Fault{Method: a.method, Kind: voxsim.Refuse, Code: refusalCode, Count: -1})
	defer g.Sim.ClearFaults()
	before := g.traces()
	got := describeResult(a.try(g, p.Operator, target, operationID))
	after := g.traces()
	refused := after == before
	begun := after == traces{
		requests:   before.requests + 1,
		commits:    before.commits,
		operations: before.operations + 1,
		events:     before.events + 2,
	}
	if !strings.HasPrefix(got, want) || strings.HasPrefix(got, "?") || got == "begun" && !begun ||
		got != "begun" && !refused {
		g.t.Errorf(
			"%s, %s, on %s: %s, want %s; traces %+v, then %+v",
			p.Name,
			a.name,
			target.name,
			got,
			want,
			before,
			after,
		)
	}
}

// skips reports whether there is nothing to try.
func (a permissionAction) skips(h principal) bool { return a.skip != nil && a.skip(h) }

// TestPermissions tries every action on every principal as every operator, and then lets the admin perform it.
func TestPermissions(t *testing.T) {
	t.Parallel()
	for _, action := range permissionActions() {
		t.Run(action.name, func(t *testing.T) {
			inPermissionWorld(t, apptest.StrictPolicy(), func(g *permissionWorld) {
				for _, target := range principals() {
					if action.skips(target) {
						continue
					}
					for _, p := range apptest.Callers() {
						g.checkAction(action, p, target, action.want(p, target, false, true))
					}
				}
				g.checkAdminCan(action)
			})
		})
	}
}

// checkAdminCan lets the admin perform an action on every principal, without a refusal by the vendor: otherwise the
// denials of others would prove little.
func (g *permissionWorld) checkAdminCan(a permissionAction) {
	g.t.Helper()
	admin := apptest.Callers()[len(apptest.Callers())-1]
	for _, target := range principals() {
		if a.skips(target) || a.prepare != nil {
			continue
		}
		before := g.traces()
		if err := a.try(g, admin.Operator, target, ""); err != nil || g.traces().commits == before.commits {
			g.t.Errorf("the admin, %s, on %s: %v", a.name, target.name, err)
		}
	}
}

// TestPermissionsWhenAllRolesArePrivileged tries the same with a configured privileged role that the catalogue lacks.
func TestPermissionsWhenAllRolesArePrivileged(t *testing.T) {
	inPermissionWorld(t, apptest.StrictPolicy("Boss"), func(g *permissionWorld) { g.checkAllActions(true) })
}

// TestPermissionsWithoutCatalogue tries the same while the catalogue cannot be read.
func TestPermissionsWithoutCatalogue(t *testing.T) {
	inPermissionWorld(t, apptest.StrictPolicy(), func(g *permissionWorld) {
		for _, p := range apptest.Callers() {
			partlyAppliedReissue(g, p.Operator)
		}
		partlyAppliedReissue(g, apptest.Operator("another", policy.Admin))
		g.Restart()
		g.checkAllActions(false)
	})
}

// checkAllActions tries all actions on every principal, with the catalogue known or not, as the operators who may
// change subusers and one who may not.
func (g *permissionWorld) checkAllActions(catalogue bool) {
	g.t.Helper()
	for _, action := range permissionActions() {
		for _, target := range principals() {
			for _, p := range apptest.Callers() {
				if action.skips(target) || !p.MayChange && p.Name != "a viewer" {
					continue
				}
				if !catalogue {
					g.Sim.AddFault(voxsim.Fault{Method: "GetRoles", Kind: voxsim.Refuse, Code: refusalCode, Count: -1})
				}
				g.checkAction(action, p, target, action.want(p, target, true, catalogue))
			}
		}
	}
}
