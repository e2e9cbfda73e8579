package operations_test

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// proof is the age of a sign-in and of its groups, and the expected result of an action.
type proof struct {
	name                             string
	method                           string
	provenAgo, groupsAgo             time.Duration
	neverProven, neverReadGroups     bool
	whenPrivileged, whenUnprivileged string // the result of a privileged action, and of another one
}

// The limits for the age of a sign-in for privileged actions, and of groups for all actions.
const (
	maxSignInAge = 5 * time.Minute
	maxGroupsAge = 15 * time.Minute
)

func proofs() []proof {
	const begun, signIn, groups = "begun", "sign in again", "groups again"
	return []proof{
		{name: "just now", method: operator.OIDC, whenPrivileged: begun, whenUnprivileged: begun},
		{
			name:             "at the limit",
			method:           operator.OIDC,
			provenAgo:        maxSignInAge,
			groupsAgo:        maxGroupsAge,
			whenPrivileged:   begun,
			whenUnprivileged: begun,
		},
		{
			name:             "a sign-in just over the limit",
			method:           operator.OIDC,
			provenAgo:        maxSignInAge + 1,
			whenPrivileged:   signIn,
			whenUnprivileged: begun,
		},
		{
			name:             "a sign-in of this morning",
			method:           operator.OIDC,
			provenAgo:        9 * time.Hour,
			groupsAgo:        maxGroupsAge,
			whenPrivileged:   signIn,
			whenUnprivileged: begun,
		},
		{
			name:             "a sign-in at an unknown time",
			method:           operator.OIDC,
			neverProven:      true,
			whenPrivileged:   signIn,
			whenUnprivileged: begun,
		},
		{
			name:             "groups just over the limit",
			method:           operator.OIDC,
			groupsAgo:        maxGroupsAge + 1,
			whenPrivileged:   groups,
			whenUnprivileged: groups,
		},
		{
			name:             "groups that were never received",
			method:           operator.OIDC,
			neverReadGroups:  true,
			whenPrivileged:   groups,
			whenUnprivileged: groups,
		},
		{
			name:             "both too old",
			method:           operator.OIDC,
			provenAgo:        maxSignInAge + 1,
			groupsAgo:        maxGroupsAge + 1,
			whenPrivileged:   signIn,
			whenUnprivileged: groups,
		},
		{
			name:             "neither known",
			method:           operator.OIDC,
			neverProven:      true,
			neverReadGroups:  true,
			whenPrivileged:   signIn,
			whenUnprivileged: groups,
		},
		{
			name:             "a proxy, which proves with every request",
			method:           operator.ProxyJWT,
			neverProven:      true,
			neverReadGroups:  true,
			whenPrivileged:   begun,
			whenUnprivileged: begun,
		},
	}
}

// applyTo gives the operator the proof, as of now.
func (p proof) applyTo(o operator.Operator) operator.Operator {
	o.Method, o.ProvenAt, o.GroupsAt = p.method, time.Now().Add(-p.provenAgo), time.Now().Add(-p.groupsAgo)
	if p.neverProven {
		o.ProvenAt = time.Time{}
	}
	if p.neverReadGroups {
		o.GroupsAt = time.Time{}
	}
	return o
}

// want returns the expected result of an action.
func (p proof) want(privileged bool) string {
	if privileged {
		return p.whenPrivileged
	}
	return p.whenUnprivileged
}

// needsSignInTest reports whether an action on this principal tests anything about sign-ins that the same action on
// another principal does not.
func (a permissionAction) needsSignInTest(target principal) bool {
	return !a.skips(target) && (target.name == "holds_plain" || target.name == "holds_owner" ||
		a.affectsKeys && target.hasKey)
}

// TestRecentSignInForEveryAction tries every action with every proof, as an admin and as an editor.
func TestRecentSignInForEveryAction(t *testing.T) {
	inPermissionWorld(t, apptest.StrictPolicy(), func(g *permissionWorld) {
		for _, action := range permissionActions() {
			for _, target := range principals() {
				for _, p := range apptest.Callers() {
					if action.needsSignInTest(target) && (p.IsAdmin || p.Name == "an editor") {
						g.checkProofs(action, p, target)
					}
				}
			}
		}
	})
}

// checkProofs lets an operator try an action with every proof. An operator without the permission must be denied, and
// not asked to sign in again.
func (g *permissionWorld) checkProofs(a permissionAction, p apptest.Caller, target principal) {
	g.t.Helper()
	for _, proof := range proofs() {
		want := a.want(p, target, false, true)
		switch {
		case want == "begun":
			want = proof.want(a.isPrivileged(target, false))
		case proof.name != "neither known":
			continue // one proof is enough to be denied
		}
		with := p
		with.Name, with.Operator = p.Name+" with "+proof.name, proof.applyTo(p.Operator)
		g.checkAction(a, with, target, want)
	}
}

// TestRecentSignInAtDecisionTime lets an admin have decided at another time than now, as for the items of a bulk
// change.
func TestRecentSignInAtDecisionTime(t *testing.T) {
	const morning = 9 * time.Hour // ago
	inPermissionWorld(t, apptest.StrictPolicy(), func(g *permissionWorld) {
		time.Sleep(24 * time.Hour)
		for _, test := range []struct {
			name                     string
			decided, proven, groups  time.Duration // ago
			whenPrivileged, whenNone string
		}{
			{"on what was recent then", morning, morning + maxSignInAge, morning + maxGroupsAge, "begun", "begun"},
			{"on an older sign-in", morning, morning + maxSignInAge + 1, morning, "sign in again", "begun"},
			{"on older groups", morning, morning, morning + maxGroupsAge + 1, "groups again", "groups again"},
			{"now, on what was recent this morning", 0, morning, morning, "sign in again", "groups again"},
		} {
			p := apptest.Callers()[len(apptest.Callers())-1]
			p.Name, p.Operator.Method = "an admin who decided "+test.name, operator.OIDC
			p.Operator.ProvenAt, p.Operator.GroupsAt = time.Now().Add(-test.proven), time.Now().Add(-test.groups)
			g.decidedAt = time.Now().Add(-test.decided)
			for _, action := range permissionActions() {
				for _, target := range principals() {
					want := proof{
						whenPrivileged:   test.whenPrivileged,
						whenUnprivileged: test.whenNone,
					}.want(action.isPrivileged(target, false))
					if action.needsSignInTest(target) && action.prepare == nil {
						g.checkAction(action, p, target, want)
					}
				}
			}
		}
	})
}
