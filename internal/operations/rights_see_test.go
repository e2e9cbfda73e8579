package operations_test

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// leftOpen is an operation of somebody, while they were an admin, of which nobody knows whether it happened.
func (g *ground) leftOpen(o operator.Operator) string {
	g.t.Helper()
	newcomer := g.newcomer()
	g.Sim.AddFault(voxsim.Fault{Method: "SetSubUserInfo", Kind: voxsim.ResetBeforeCommit})
	o.Groups, o.Method = []string{string(policy.Admin)}, operator.ProxyJWT
	out, err := g.Operations.EditSubuser(
		g.t.Context(),
		operations.EditSubuser{Act: g.act(o), SubuserID: subuserID(g.t, g.World, newcomer), Description: "anew"},
	)
	if err != nil || !out.Operation.Open {
		g.t.Fatalf("leaving an operation open: %+v, %v", out, err)
	}
	return out.Operation.ID
}

// TestWhoSeesWhoseOperations shows everybody one operation of their own, begun while they could, and one of another.
func TestWhoSeesWhoseOperations(t *testing.T) {
	onGround(t, apptest.StrictPolicy(), func(g *ground) {
		another := g.leftOpen(apptest.Operator("another", policy.Admin))
		for _, p := range apptest.Callers() {
			g.sees(p, another, p.SeesAll)
			if p.Operator.Authenticated() {
				g.sees(p, g.leftOpen(p.Operator), p.MayChange || p.SeesAll)
			}
		}
	})
}

// sees checks whether somebody sees an operation, in each way in which one is shown.
func (g *ground) sees(p apptest.Caller, id string, want bool) {
	g.t.Helper()
	op, events, show := g.Operations.Show(g.t.Context(), p.Operator, id)
	now, finding, settle := g.Operations.SettleNow(g.t.Context(), p.Operator, id)
	if (show == nil) != want || (settle == nil) != want {
		g.t.Errorf("%s sees an operation: %v, %v", p.Name, show, settle)
	}
	if !want &&
		(answer(show) != "denied record.view" || answer(settle) != "denied record.view" || op.ID != "" || len(events) > 0 ||
			now.ID != "" || finding != "") {
		g.t.Errorf("%s is told of an operation: %+v %v %q, %v, %v", p.Name, op, events, finding, show, settle)
	}
}

// TestWhatIsNotThereIsNotTold lets those who see nothing of the record ask for what is not in it.
func TestWhatIsNotThereIsNotTold(t *testing.T) {
	onGround(t, apptest.StrictPolicy(), func(g *ground) {
		for _, p := range apptest.Callers() {
			_, _, err := g.Operations.Show(g.t.Context(), p.Operator, "aaaaaaaaaaaaaaaaaaaaaaaaaa")
			if got := answer(err); (got == "denied record.view") == (p.MayChange || p.SeesAll) {
				g.t.Errorf("%s asks for what is not there: %s", p.Name, got)
			}
		}
	})
}

// TestSettlingByHandWantsAnAdminWhoIsThere tries to settle an operation as everybody, and as an admin with every proof.
func TestSettlingByHandWantsAnAdminWhoIsThere(t *testing.T) {
	onGround(t, apptest.StrictPolicy(), func(g *ground) {
		for _, p := range apptest.Callers() {
			want := "denied record.settle"
			if p.IsAdmin {
				want = "begun"
			}
			g.settles(p.Operator, proof{name: "as anybody", method: operator.ProxyJWT}, want)
		}
		for _, proof := range proofs() {
			g.settles(apptest.Operator("the admin", policy.Admin), proof, proof.whenPrivileged)
		}
		// A run's moment does not count here: a person settles now.
		g.decided = time.Now().Add(-9 * time.Hour)
		g.settles(
			apptest.Operator("the admin", policy.Admin),
			proof{name: "of this morning", method: operator.OIDC, proven: 9 * time.Hour, groups: 9 * time.Hour},
			"sign in again",
		)
	})
}

// settles lets somebody with a proof settle an operation of theirs, or of another when they are nobody.
func (g *ground) settles(o operator.Operator, with proof, want string) {
	g.t.Helper()
	whose := o
	if !o.Authenticated() {
		whose = apptest.Operator("another", policy.Admin)
	}
	id := g.leftOpen(whose)
	before := g.traces()
	_, err := g.Operations.SettleByHand(g.t.Context(), g.act(with.of(o)), id, audit.NotApplied)
	op, lost := g.AuditLog.Operation(g.t.Context(), id)
	if lost != nil {
		g.t.Fatal(lost)
	}
	begun := want == "begun"
	if got := answer(err); got != want || op.Open == begun || (g.traces() == before) == begun {
		g.t.Errorf(
			"%s, proven %s, settles: %s, want %s; open %v, result %s",
			o.Display(),
			with.name,
			got,
			want,
			op.Open,
			op.Result,
		)
	}
}
