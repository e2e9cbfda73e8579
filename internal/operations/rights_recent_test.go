package operations_test

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// proof is how long ago somebody was proven and their groups were told, and what an act answers on it.
type proof struct {
	name                     string
	method                   string
	proven, groups           time.Duration
	neverProven, neverTold   bool
	whenPrivileged, whenNone string // the answer to a privileged act, and to another
}

// How old a sign-in may be for what is privileged, and how old groups may be for anything.
const (
	edge       = 5 * time.Minute
	groupsEdge = 15 * time.Minute
)

func proofs() []proof {
	const begun, signIn, groups = "begun", "sign in again", "groups again"
	return []proof{
		{name: "just now", method: operator.OIDC, whenPrivileged: begun, whenNone: begun},
		{
			name:           "at the edge",
			method:         operator.OIDC,
			proven:         edge,
			groups:         groupsEdge,
			whenPrivileged: begun,
			whenNone:       begun,
		},
		{
			name:           "a sign-in just over the edge",
			method:         operator.OIDC,
			proven:         edge + 1,
			whenPrivileged: signIn,
			whenNone:       begun,
		},
		{
			name:           "a sign-in of this morning",
			method:         operator.OIDC,
			proven:         9 * time.Hour,
			groups:         groupsEdge,
			whenPrivileged: signIn,
			whenNone:       begun,
		},
		{
			name:           "a sign-in of nobody knows when",
			method:         operator.OIDC,
			neverProven:    true,
			whenPrivileged: signIn,
			whenNone:       begun,
		},
		{
			name:           "groups just over the edge",
			method:         operator.OIDC,
			groups:         groupsEdge + 1,
			whenPrivileged: groups,
			whenNone:       groups,
		},
		{
			name:           "groups that were never told",
			method:         operator.OIDC,
			neverTold:      true,
			whenPrivileged: groups,
			whenNone:       groups,
		},
		{
			name:           "both too old",
			method:         operator.OIDC,
			proven:         edge + 1,
			groups:         groupsEdge + 1,
			whenPrivileged: signIn,
			whenNone:       groups,
		},
		{
			name:           "neither ever",
			method:         operator.OIDC,
			neverProven:    true,
			neverTold:      true,
			whenPrivileged: signIn,
			whenNone:       groups,
		},
		{
			name:           "a proxy, which proves with every request",
			method:         operator.ProxyJWT,
			neverProven:    true,
			neverTold:      true,
			whenPrivileged: begun,
			whenNone:       begun,
		},
	}
}

// of gives somebody the proof, as it is now.
func (p proof) of(o operator.Operator) operator.Operator {
	o.Method, o.ProvenAt, o.GroupsAt = p.method, time.Now().Add(-p.proven), time.Now().Add(-p.groups)
	if p.neverProven {
		o.ProvenAt = time.Time{}
	}
	if p.neverTold {
		o.GroupsAt = time.Time{}
	}
	return o
}

// on is the answer to an act.
func (p proof) on(privileged bool) string {
	if privileged {
		return p.whenPrivileged
	}
	return p.whenNone
}

// telling says whether trying an act on a holder, in a test of proofs, tells what trying it on another does not.
func (a rightsAct) telling(h holder) bool {
	return !a.skips(h) && (h.name == "holds_plain" || h.name == "holds_owner" || a.keys && h.keyed)
}

// TestHowRecentAProofEveryActWants tries every act with every proof, as an admin and as an editor.
func TestHowRecentAProofEveryActWants(t *testing.T) {
	onGround(t, apptest.StrictPolicy(), func(g *ground) {
		for _, act := range rightsActs() {
			for _, h := range holders() {
				for _, p := range apptest.Callers() {
					if act.telling(h) && (p.IsAdmin || p.Name == "an editor") {
						g.proven(act, p, h)
					}
				}
			}
		}
	})
}

// proven lets somebody try an act with every proof. Who may not do it at all is told that, and not to sign in again.
func (g *ground) proven(a rightsAct, p apptest.Caller, h holder) {
	g.t.Helper()
	for _, proof := range proofs() {
		want := a.want(p, h, false, true)
		switch {
		case want == "begun":
			want = proof.on(a.isPrivileged(h, false))
		case proof.name != "neither ever":
			continue // one proof is enough to be denied
		}
		with := p
		with.Name, with.Operator = p.Name+" with "+proof.name, proof.of(p.Operator)
		g.sent(a, with, h, want)
	}
}

// TestADecisionIsJudgedByItsMoment lets an admin have decided at another time than now, as for the rows of a run.
func TestADecisionIsJudgedByItsMoment(t *testing.T) {
	const morning = 9 * time.Hour // ago
	onGround(t, apptest.StrictPolicy(), func(g *ground) {
		time.Sleep(24 * time.Hour)
		for _, test := range []struct {
			name                     string
			decided, proven, groups  time.Duration // ago
			whenPrivileged, whenNone string
		}{
			{"on what was recent then", morning, morning + edge, morning + groupsEdge, "begun", "begun"},
			{"on an older sign-in", morning, morning + edge + 1, morning, "sign in again", "begun"},
			{"on older groups", morning, morning, morning + groupsEdge + 1, "groups again", "groups again"},
			{"now, on what was recent this morning", 0, morning, morning, "sign in again", "groups again"},
		} {
			p := apptest.Callers()[len(apptest.Callers())-1]
			p.Name, p.Operator.Method = "an admin who decided "+test.name, operator.OIDC
			p.Operator.ProvenAt, p.Operator.GroupsAt = time.Now().Add(-test.proven), time.Now().Add(-test.groups)
			g.decided = time.Now().Add(-test.decided)
			for _, act := range rightsActs() {
				for _, h := range holders() {
					want := proof{whenPrivileged: test.whenPrivileged, whenNone: test.whenNone}.on(act.isPrivileged(h, false))
					if act.telling(h) && act.before == nil {
						g.sent(act, p, h, want)
					}
				}
			}
		}
	})
}
