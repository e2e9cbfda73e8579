package operations_test

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// openOperation returns an open operation of an operator, from when they were an admin.
func (g *permissionWorld) openOperation(o operator.Operator) string {
	g.t.Helper()
	login := g.addSubuser()
	g.Sim.AddFault(voxsim.Fault{Method: "SetSubUserInfo", Kind: voxsim.ResetBeforeCommit})
	o.Groups, o.Method = []string{string(policy.Admin)}, operator.ProxyJWT
	out, err := g.Operations.Edit(
		g.t.Context(),
		operations.Edit{Request: g.request(o), Ref: access.SubuserRef(subuserID(g.t, g.World, login)), Description: "anew"},
	)
	if err != nil || !out.Operation.Open {
		g.t.Fatalf("leaving an operation open: %+v, %v", out, err)
	}
	return out.Operation.ID
}

// TestOperationVisibility shows every operator an operation of their own and one of another operator.
func TestOperationVisibility(t *testing.T) {
	inPermissionWorld(t, apptest.StrictPolicy(), func(g *permissionWorld) {
		another := g.openOperation(apptest.Operator("another", policy.Admin))
		for _, p := range apptest.Callers() {
			g.checkVisible(p, another, p.SeesAll)
			if p.Operator.Authenticated() {
				g.checkVisible(p, g.openOperation(p.Operator), p.MayChange || p.SeesAll)
			}
		}
	})
}

// checkVisible checks whether an operator sees an operation, in each way in which one is shown.
func (g *permissionWorld) checkVisible(p apptest.Caller, id string, want bool) {
	g.t.Helper()
	op, events, showErr := g.Operations.Show(g.t.Context(), p.Operator, id)
	reconciled, finding, reconcileErr := g.Operations.ReconcileNow(g.t.Context(), p.Operator, id)
	if (showErr == nil) != want || (reconcileErr == nil) != want {
		g.t.Errorf("%s sees an operation: %v, %v", p.Name, showErr, reconcileErr)
	}
	if !want &&
		(describeResult(showErr) != "denied audit.view" || describeResult(reconcileErr) != "denied audit.view" ||
			op.ID != "" || len(events) > 0 ||
			reconciled.ID != "" || finding != "") {
		g.t.Errorf("%s sees an operation: %+v %v %q, %v, %v", p.Name, op, events, finding, showErr, reconcileErr)
	}
}

// TestMissingOperationIsDenied lets operators without access to the audit log ask for an operation that does not exist.
func TestMissingOperationIsDenied(t *testing.T) {
	inPermissionWorld(t, apptest.StrictPolicy(), func(g *permissionWorld) {
		for _, p := range apptest.Callers() {
			_, _, err := g.Operations.Show(g.t.Context(), p.Operator, "aaaaaaaaaaaaaaaaaaaaaaaaaa")
			if got := describeResult(err); (got == "denied audit.view") == (p.MayChange || p.SeesAll) {
				g.t.Errorf("%s asks for a missing operation: %s", p.Name, got)
			}
		}
	})
}

// TestResolveNeedsRecentAdmin tries to resolve an operation as every operator, and as an admin with every proof.
func TestResolveNeedsRecentAdmin(t *testing.T) {
	inPermissionWorld(t, apptest.StrictPolicy(), func(g *permissionWorld) {
		for _, p := range apptest.Callers() {
			want := "denied audit.resolve"
			if p.IsAdmin {
				want = "begun"
			}
			g.checkResolve(p.Operator, proof{name: "as an anonymous operator", method: operator.ProxyJWT}, want)
		}
		for _, proof := range proofs() {
			g.checkResolve(apptest.Operator("the admin", policy.Admin), proof, proof.whenPrivileged)
		}
		// The start of a bulk change does not count: the operator resolves now.
		g.decidedAt = time.Now().Add(-9 * time.Hour)
		g.checkResolve(
			apptest.Operator("the admin", policy.Admin),
			proof{name: "of this morning", method: operator.OIDC, provenAgo: 9 * time.Hour, groupsAgo: 9 * time.Hour},
			"sign in again",
		)
	})
}

// checkResolve lets an operator with a proof resolve an operation of their own, or another one when they are anonymous.
func (g *permissionWorld) checkResolve(o operator.Operator, with proof, want string) {
	g.t.Helper()
	owner := o
	if !o.Authenticated() {
		owner = apptest.Operator("another", policy.Admin)
	}
	id := g.openOperation(owner)
	before := g.traces()
	_, err := g.Operations.Resolve(g.t.Context(), g.request(with.applyTo(o)), id, audit.NotApplied)
	op, readErr := g.AuditLog.Operation(g.t.Context(), id)
	if readErr != nil {
		g.t.Fatal(readErr)
	}
	begun := want == "begun"
	if got := describeResult(err); got != want || op.Open == begun || (g.traces() == before) == begun {
		g.t.Errorf(
			"%s, proven %s, resolves: %s, want %s; open %v, result %s",
			o.Display(),
			with.name,
			got,
			want,
			op.Open,
			op.Result,
		)
	}
}
