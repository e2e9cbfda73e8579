package bulk_test

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// How old a sign-in may be for what is privileged, and how old groups may be for anything.
const (
	maxSignInAge = 5 * time.Minute
	maxGroupsAge = 15 * time.Minute
)

// TestStartNeedsRecentSignIn starts every plan with every proof. What is refused stays a draft.
func TestStartNeedsRecentSignIn(t *testing.T) {
	inPrivilegeWorld(t, func(t *testing.T, d fixture) {
		for _, test := range []struct {
			name                     string
			change                   func(o *operator.Operator)
			whenPrivileged, whenNone string
		}{
			{"at the edge", func(*operator.Operator) {}, "", ""},
			{"an older sign-in", func(o *operator.Operator) { o.ProvenAt = o.ProvenAt.Add(-1) }, "sign in again", ""},
			{
				"a sign-in of this morning",
				func(o *operator.Operator) { o.ProvenAt = o.ProvenAt.Add(-9 * time.Hour) },
				"sign in again",
				"",
			},
			{"a sign-in of nobody knows when", func(o *operator.Operator) { o.ProvenAt = time.Time{} }, "sign in again", ""},
			{"older groups", func(o *operator.Operator) { o.GroupsAt = o.GroupsAt.Add(-1) }, "groups again", "groups again"},
			{
				"groups that were never told",
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
					r, err := plan.plan(d, operatorNamed(name))
					if err != nil || r.Counts.Waiting == 0 {
						continue // nothing to start
					}
					o := signedInAgo(operatorNamed(name), maxSignInAge, maxGroupsAge)
					test.change(&o)
					want := test.whenNone
					if plan.privileged && name == "an admin" {
						want = test.whenPrivileged
					}
					got := refusal(d.tryStart(o, r))
					if state := d.show(r.ID).State; got != want || state == bulk.Draft != (want != "") {
						t.Errorf("%s with %s starts %q: %q, want %q; it is %s", name, test.name, plan.name, got, want, state)
					}
				}
			}
		}
		d.checkUntouched()
	})
}

// TestRecentSignInCheckedAtStart drafts a privileged run in the morning, and starts it in the afternoon.
func TestRecentSignInCheckedAtStart(t *testing.T) {
	inPrivilegeWorld(t, func(t *testing.T, d fixture) {
		morning := signedInAgo(operatorNamed("an admin"), 0, 0)
		r := must[bulk.Change](t)(planCaseNamed("delete an Owner").plan(d, morning))
		time.Sleep(5 * time.Hour)
		if got := refusal(d.tryStart(morning, r)); got != "sign in again" {
			t.Errorf("started with what was recent at the draft: %q", got)
		}
		if got := refusal(d.tryStart(signedInAgo(morning, 0, time.Hour), r)); got != "groups again" {
			t.Errorf("started with older groups: %q", got)
		}
		wantSummary(t, d.show(r.ID), "draft, 1 waiting")
		d.checkUntouched()
		defer d.startWorkers()()
		d.mustStart(signedInAgo(morning, maxSignInAge, maxGroupsAge), r)
		wantSummary(t, d.waitUntilEnded(r.ID), "done, 1 applied")
	})
}

// TestContinuesWhenSignInAges starts privileged runs at the edge, and lets them wait for their turn all day, those
// that can in another process.
func TestContinuesWhenSignInAges(t *testing.T) {
	for _, test := range []struct {
		plan, ends string
		restart    bool
	}{
		{"grant a plain role to everybody", "done, 7 applied", true},
		{"grant all that a privileged role comes down to", "done, 1 applied", true},
		{"delete an Owner", "done, 1 applied", true},
		{"delete whoever a key belongs to", "done, 2 applied", true},
		{"import an Owner among others", "done, 2 applied", false},
	} {
		t.Run(test.plan, func(t *testing.T) {
			inPrivilegeWorld(t, func(t *testing.T, d fixture) {
				o := signedInAgo(operatorNamed("an admin"), maxSignInAge, maxGroupsAge)
				r := must[bulk.Change](t)(planCaseNamed(test.plan).plan(d, o))
				if got := refusal(d.tryStart(o, r)); got != "" {
					t.Fatalf("starting: %s", got)
				}
				time.Sleep(9 * time.Hour)
				if test.restart {
					d.Restart()
				}
				defer d.startWorkers()()
				wantSummary(t, d.waitUntilEnded(r.ID), test.ends)
				d.checkAgreement()
			})
		})
	}
}
