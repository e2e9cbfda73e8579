package bulk_test

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// The maximum age of a sign-in for privileged bulk changes, and of groups for any.
const (
	maxSignInAge = 5 * time.Minute
	maxGroupsAge = 15 * time.Minute
)

// TestStartNeedsRecentSignIn starts every plan with every age of sign-in and groups. A refused one stays a draft.
func TestStartNeedsRecentSignIn(t *testing.T) {
	inPrivilegeWorld(t, func(t *testing.T, d fixture) {
		for _, test := range []struct {
			name                     string
			change                   func(o *operator.Operator)
			whenPrivileged, whenNone string
		}{
			{"at the limit", func(*operator.Operator) {}, "", ""},
			{"an older sign-in", func(o *operator.Operator) { o.ProvenAt = o.ProvenAt.Add(-1) }, "sign in again", ""},
			{
				"a sign-in of nine hours before",
				func(o *operator.Operator) { o.ProvenAt = o.ProvenAt.Add(-9 * time.Hour) },
				"sign in again",
				"",
			},
			{"a sign-in of an unknown time", func(o *operator.Operator) { o.ProvenAt = time.Time{} }, "sign in again", ""},
			{"older groups", func(o *operator.Operator) { o.GroupsAt = o.GroupsAt.Add(-1) }, "groups again", "groups again"},
			{
				"groups that were never reported",
				func(o *operator.Operator) { o.GroupsAt = time.Time{} },
				"groups again",
				"groups again",
			},
			{"both older", func(o *operator.Operator) {
				o.ProvenAt = time.Time{}
				o.GroupsAt = time.Time{}
			}, "sign in again", "groups again"},
			{"a proxy", func(o *operator.Operator) {
				o.Method, o.ProvenAt, o.GroupsAt = operator.ProxyHeader, time.Time{}, time.Time{}
			}, "", ""},
		} {
			for _, plan := range planCases() {
				for _, name := range []string{"an admin", "an editor"} {
					change, err := plan.plan(d, operatorNamed(name))
					if err != nil || change.Counts.Waiting == 0 {
						continue // nothing to start
					}
					o := signedInAgo(operatorNamed(name), maxSignInAge, maxGroupsAge)
					test.change(&o)
					want := test.whenNone
					if plan.privileged && name == "an admin" {
						want = test.whenPrivileged
					}
					got := refusal(d.tryStart(o, change))
					if state := d.show(change.ID).State; got != want || state == bulk.Draft != (want != "") {
						t.Errorf(
							"%s with %s starts %q of %s: %q, want %q; it is %s",
							name,
							test.name,
							plan.name,
							plan.kind,
							got,
							want,
							state,
						)
					}
				}
			}
		}
		d.checkUntouched()
	})
}

// TestRecentSignInCheckedAtStart starts a privileged draft five hours later.
func TestRecentSignInCheckedAtStart(t *testing.T) {
	inPrivilegeWorld(t, func(t *testing.T, d fixture) {
		drafter := signedInAgo(operatorNamed("an admin"), 0, 0)
		change := must[bulk.Change](t)(planCaseNamed("delete an Owner").plan(d, drafter))
		time.Sleep(5 * time.Hour)
		if got := refusal(d.tryStart(drafter, change)); got != "sign in again" {
			t.Errorf("started with a sign-in that was recent at the draft: %q", got)
		}
		if got := refusal(d.tryStart(signedInAgo(drafter, 0, time.Hour), change)); got != "groups again" {
			t.Errorf("started with older groups: %q", got)
		}
		wantSummary(t, d.show(change.ID), "draft, 1 waiting")
		d.checkUntouched()
		defer d.startWorkers()()
		d.mustStart(signedInAgo(drafter, maxSignInAge, maxGroupsAge), change)
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 1 applied")
	})
}

// TestContinuesWhenSignInAges starts privileged bulk changes with the oldest sign-in allowed and processes them nine
// hours later, in another process where that is possible. The provider still confirms the groups.
func TestContinuesWhenSignInAges(t *testing.T) {
	for _, test := range []struct {
		kind       access.Kind
		plan, want string
		restart    bool
	}{
		{access.Subuser, "grant an unprivileged role to all", "done, 7 applied", true},
		{access.Subuser, "grant all roles that a privileged one contains", "done, 1 applied", true},
		{access.Subuser, "delete an Owner", "done, 1 applied", true},
		{access.Subuser, "delete a subuser with a key", "done, 2 applied", true},
		{access.Subuser, "import an Owner and another subuser", "done, 2 applied", false},
		{access.Key, "grant an unprivileged role to all", "done, 7 applied", true},
		{access.Key, "delete unprivileged principals", "done, 3 applied", true},
	} {
		t.Run(test.plan+" of "+string(test.kind), func(t *testing.T) {
			inPrivilegeWorld(t, func(t *testing.T, d fixture) {
				o := signedInAgo(operatorNamed("an admin"), maxSignInAge, maxGroupsAge)
				change := must[bulk.Change](t)(planCaseOf(test.kind, test.plan).plan(d, o))
				if got := refusal(d.tryStart(o, change)); got != "" {
					t.Fatalf("starting: %s", got)
				}
				time.Sleep(9 * time.Hour)
				if test.restart {
					d.Restart()
				}
				d.Bulk.Operators = signedIn(o)
				defer d.startWorkers()()
				wantSummary(t, d.waitUntilEnded(change.ID), test.want)
				d.checkAgreement()
			})
		})
	}
}
