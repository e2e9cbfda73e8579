package operations_test

import (
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// isPrivileged says whether none but an admin may do an act to a holder. When all roles are privileged, that is
// whenever one is held, granted or revoked.
func (a permissionAction) isPrivileged(target principal, all bool) bool {
	changesRoles := a.changesRoles != nil && a.changesRoles(target)
	grantsPrivileged := a.grantsPrivileged != nil && a.grantsPrivileged(target)
	keys := a.affectsKeys && target.hasKey
	if a.targetsNewSubuser() {
		return grantsPrivileged || all && changesRoles
	}
	return a.adminOnly || keys || grantsPrivileged || target.privileged || all && (changesRoles || hasRoles(target))
}

// targetsNewSubuser says whether an act is not on the holder, but on somebody new who gets the same roles.
func (a permissionAction) targetsNewSubuser() bool { return a.method == "AddSubUser" }

// want is the answer that somebody must get, by its beginning.
func (a permissionAction) want(p apptest.Caller, target principal, all, catalogue bool) string {
	needsCatalogue := a.needsCatalogue || a.changesRoles != nil && a.changesRoles(target)
	allowed := p.IsAdmin || p.MayChange && !a.isPrivileged(target, all) && (!a.ofOtherOperator || p.SeesAll)
	switch {
	case !p.MayChange:
		return "denied"
	case !catalogue && needsCatalogue:
		return "" // for whichever of the two reasons
	case !allowed:
		return "denied"
	default:
		return "begun"
	}
}

// checkAction lets somebody try an act that the vendor refuses, should it come that far, and checks that it came
// exactly as far as it had to: what is refused leaves no trace at all.
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
			"%s, %s, on whoever %s: %s, want %s; traces %+v, then %+v",
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

// skips says whether there is nothing to try.
func (a permissionAction) skips(h principal) bool { return a.skip != nil && a.skip(h) }

// TestPermissions tries every act on everybody as everybody, and then lets the admin do it.
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

// checkAdminCan lets the admin do an act to everybody, and the vendor too: else it would prove little that others may
// not.
func (g *permissionWorld) checkAdminCan(a permissionAction) {
	g.t.Helper()
	admin := apptest.Callers()[len(apptest.Callers())-1]
	for _, target := range principals() {
		if a.skips(target) || a.prepare != nil {
			continue
		}
		before := g.traces()
		if err := a.try(g, admin.Operator, target, ""); err != nil || g.traces().commits == before.commits {
			g.t.Errorf("the admin, %s, on whoever %s: %v", a.name, target.name, err)
		}
	}
}

// TestPermissionsWhenAllRolesArePrivileged tries the same where a privileged role was configured that the catalogue
// lacks.
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

// checkAllActions tries all acts on everybody, with the catalogue known or not, as those who may change subusers and
// one who may not.
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
