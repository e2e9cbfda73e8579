package operations_test

import (
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// isPrivileged says whether none but an admin may do an act to a holder. When all roles are privileged, that is
// whenever one is held, granted or revoked.
func (a rightsAct) isPrivileged(h holder, all bool) bool {
	gives, makes := a.gives != nil && a.gives(h), a.makes != nil && a.makes(h)
	keys := a.keys && h.keyed
	if a.about() {
		return makes || all && gives
	}
	return a.admin || keys || makes || h.privileged || all && (gives || some(h))
}

// about says whether an act is not on the holder, but on somebody new who gets the same roles.
func (a rightsAct) about() bool { return a.method == "AddSubUser" }

// want is the answer that somebody must get, by its beginning.
func (a rightsAct) want(p apptest.Caller, h holder, all, catalogue bool) string {
	needsCatalogue := a.whole || a.gives != nil && a.gives(h)
	allowed := p.IsAdmin || p.MayChange && !a.isPrivileged(h, all) && (!a.others || p.SeesAll)
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

// sent lets somebody try an act that the vendor refuses, should it come that far, and checks that it came exactly as
// far as it had to: what is refused leaves no trace at all.
func (g *ground) sent(a rightsAct, p apptest.Caller, h holder, want string) {
	g.t.Helper()
	about := ""
	if a.before != nil {
		about = a.before(g, p.Operator)
	}
	g.Sim.AddFault(voxsim.Fault{Method: a.method, Kind: voxsim.Refuse, Code: refusedForAll, Count: -1})
	defer g.Sim.ClearFaults()
	before := g.traces()
	got := answer(a.try(g, p.Operator, h, about))
	left := g.traces()
	refused := left == before
	begun := left == traces{
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
			h.name,
			got,
			want,
			before,
			left,
		)
	}
}

// skips says whether there is nothing to try.
func (a rightsAct) skips(h holder) bool { return a.skip != nil && a.skip(h) }

// TestWhoMayDoWhatToWhom tries every act on everybody as everybody, and then lets the admin do it.
func TestWhoMayDoWhatToWhom(t *testing.T) {
	t.Parallel()
	for _, act := range rightsActs() {
		t.Run(act.name, func(t *testing.T) {
			onGround(t, apptest.StrictPolicy(), func(g *ground) {
				for _, h := range holders() {
					if act.skips(h) {
						continue
					}
					for _, p := range apptest.Callers() {
						g.sent(act, p, h, act.want(p, h, false, true))
					}
				}
				g.done(act)
			})
		})
	}
}

// done lets the admin do an act to everybody, and the vendor too: else it would prove little that others may not.
func (g *ground) done(a rightsAct) {
	g.t.Helper()
	admin := apptest.Callers()[len(apptest.Callers())-1]
	for _, h := range holders() {
		if a.skips(h) || a.before != nil {
			continue
		}
		before := g.traces()
		if err := a.try(g, admin.Operator, h, ""); err != nil || g.traces().commits == before.commits {
			g.t.Errorf("the admin, %s, on whoever %s: %v", a.name, h.name, err)
		}
	}
}

// TestWhileAllIsPrivileged tries the same where a privileged role was configured that the catalogue lacks.
func TestWhileAllIsPrivileged(t *testing.T) {
	onGround(t, apptest.StrictPolicy("Boss"), func(g *ground) { g.everything(true) })
}

// TestWithoutACatalogue tries the same while the catalogue cannot be read.
func TestWithoutACatalogue(t *testing.T) {
	onGround(t, apptest.StrictPolicy(), func(g *ground) {
		for _, p := range apptest.Callers() {
			halfReissued(g, p.Operator)
		}
		halfReissued(g, apptest.Operator("another", policy.Admin))
		g.Restart()
		g.everything(false)
	})
}

// everything tries all acts on everybody, with the catalogue known or not, as those who may change subusers and one who
// may not.
func (g *ground) everything(catalogue bool) {
	g.t.Helper()
	for _, act := range rightsActs() {
		for _, h := range holders() {
			for _, p := range apptest.Callers() {
				if act.skips(h) || !p.MayChange && p.Name != "a viewer" {
					continue
				}
				if !catalogue {
					g.Sim.AddFault(voxsim.Fault{Method: "GetRoles", Kind: voxsim.Refuse, Code: refusedForAll, Count: -1})
				}
				g.sent(act, p, h, act.want(p, h, true, catalogue))
			}
		}
	}
}
