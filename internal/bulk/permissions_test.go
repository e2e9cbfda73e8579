package bulk_test

import (
	"slices"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// TestPlanByOperator drafts every plan as every caller. An editor's draft skips what an editor cannot do to a single
// subuser.
func TestPlanByOperator(t *testing.T) {
	inPrivilegeWorld(t, func(t *testing.T, d fixture) {
		d.Bulk.SetDraftLimits(1_000, 1<<30, 1<<30, 1<<30) // so that each case adds one
		for _, plan := range planCases() {
			for _, caller := range apptest.Callers() {
				before := d.changeCount()
				change, err := plan.plan(d, caller.Operator)
				want, got := plan.editor, refusal(err)
				if got == "" {
					got = summary(change)
				}
				switch {
				case caller.IsAdmin:
					want = plan.admin
				case !caller.MayChange:
					want = "denied"
				}
				if got != want || change.Privileged != (caller.IsAdmin && plan.privileged) ||
					(d.changeCount() == before) != (want == "denied") {
					t.Errorf(
						"%s, %s, %s: %s, want %s; privileged %v, %d bulk changes after %d",
						caller.Name,
						plan.kind,
						plan.name,
						got,
						want,
						change.Privileged,
						d.changeCount(),
						before,
					)
				}
			}
		}
		d.checkUntouched()
	})
}

// TestStartOnlyOwnDraft starts the drafts of an editor and of an admin as every other caller.
func TestStartOnlyOwnDraft(t *testing.T) {
	inPrivilegeWorld(t, func(t *testing.T, d fixture) {
		for _, drafter := range []string{"an editor", "an admin"} {
			for _, plan := range planCases() {
				change, err := plan.plan(d, operatorNamed(drafter))
				if err != nil || change.Counts.Waiting == 0 {
					continue // nothing to start
				}
				for _, caller := range apptest.Callers() {
					if caller.Name == drafter {
						continue
					}
					if got := refusal(d.tryStart(caller.Operator, change)); got != "denied" {
						t.Errorf("%s starts %q of %s: %s", caller.Name, plan.name, drafter, got)
					}
					wantSummary(t, d.show(change.ID), summary(change))
				}
			}
		}
		d.checkUntouched()
	})
}

// TestStartUsesCurrentRoles starts the draft of an admin after they got another dashboard role.
func TestStartUsesCurrentRoles(t *testing.T) {
	for _, test := range []struct {
		kind  access.Kind
		now   policy.DashboardRole
		start string
		want  string
	}{
		{access.Subuser, policy.Viewer, "denied", ""},
		{access.Subuser, policy.Auditor, "denied", ""},
		{access.Subuser, policy.Editor, "", "done, 4 applied, 3 not sent"},
		{access.Subuser, policy.Admin, "", "done, 7 applied"},
		{access.Key, policy.Viewer, "denied", ""},
		{access.Key, policy.Auditor, "denied", ""},
		{access.Key, policy.Editor, "denied", ""},
		{access.Key, policy.Admin, "", "done, 7 applied"},
	} {
		t.Run(string(test.kind)+", "+string(test.now), func(t *testing.T) {
			inPrivilegeWorld(t, func(t *testing.T, d fixture) {
				defer d.startWorkers()()
				plan := planCaseOf(test.kind, "grant an unprivileged role to all")
				change := must[bulk.Change](t)(plan.plan(d, operatorNamed("an admin")))
				if got := refusal(d.tryStart(apptest.Operator("an admin", test.now), change)); got != test.start {
					t.Fatalf("starting: %s, want %s", got, test.start)
				}
				if test.start != "" {
					wantSummary(t, d.show(change.ID), summary(change))
					d.checkUntouched()
					return
				}
				wantSummary(t, d.waitUntilEnded(change.ID), test.want)
				for _, item := range d.items(change.ID, bulk.OnlyNotSent) {
					if item.Message != "This concerns a privileged role: only an admin can do it." ||
						item.OperationID != "" {
						t.Errorf("%+v", item)
					}
				}
				for _, e := range d.Sim.Ledger() {
					if privileged := []int64{owner, container, bothHalves}; test.now == policy.Editor &&
						slices.Contains(privileged, e.SubuserID) {
						t.Errorf("a privileged subuser was changed: %+v", e)
					}
				}
			})
		})
	}
}

// TestStopAndRetryByOperator stops and retries a bulk change as every caller: their own, which they started as an
// admin, and that of another operator.
func TestStopAndRetryByOperator(t *testing.T) {
	inPrivilegeWorld(t, func(t *testing.T, d fixture) {
		for _, caller := range apptest.Callers() {
			for _, own := range []bool{true, false} {
				drafter := apptest.Operator("another", policy.Admin)
				if own {
					drafter = apptest.Operator(caller.Operator.Subject, policy.Admin)
				}
				if !drafter.Authenticated() {
					continue
				}
				may := caller.MayChange && (own || caller.SeesAll)
				d.checkStop(caller, drafter, own, may)
				d.checkRetry(caller, drafter, own, may)
			}
		}
		d.checkUntouched()
	})
}

// checkStop stops a waiting bulk change as the caller.
func (d fixture) checkStop(caller apptest.Caller, drafter operator.Operator, own, may bool) {
	d.t.Helper()
	change := must[bulk.Change](d.t)(planCaseNamed("grant an unprivileged role to all").plan(d, drafter))
	d.mustStart(drafter, change)
	_, err := d.Bulk.Stop(d.t.Context(), caller.Operator, change.ID)
	if state := d.show(change.ID).State; (refusal(err) == "") != may || (state == bulk.Stopped) != may ||
		!may && refusal(err) != "denied" {
		d.t.Errorf("%s stops a bulk change, their own %v: %v; it is %s", caller.Name, own, err, state)
	}
	if !may {
		must[bulk.Change](d.t)(d.Bulk.Stop(d.t.Context(), drafter, change.ID))
	}
}

// checkRetry retries stopped bulk changes of an admin as the caller: the draft has only what the caller can do.
func (d fixture) checkRetry(caller apptest.Caller, drafter operator.Operator, own, may bool) {
	d.t.Helper()
	for _, plan := range []planCase{
		planCaseNamed("grant an unprivileged role to all"),
		planCaseNamed("grant a privileged role"),
		planCaseNamed("delete an Owner"),
		planCaseNamed("import an Owner and another subuser"),
		planCaseOf(access.Key, "grant an unprivileged role to all"),
		planCaseOf(access.Key, "delete an Owner"),
	} {
		change := must[bulk.Change](d.t)(plan.plan(d, drafter))
		d.mustStart(drafter, change)
		must[bulk.Change](d.t)(d.Bulk.Stop(d.t.Context(), drafter, change.ID))
		before := d.changeCount()
		again, err := d.Bulk.Retry(d.t.Context(), d.request(caller.Operator), change.ID)
		got, want := refusal(err), "denied"
		if got == "" {
			got = summary(again)
		}
		switch {
		case may && caller.IsAdmin:
			want = plan.admin
		case may:
			want = plan.editor
		}
		if got != want || want == "denied" && d.changeCount() != before ||
			want != "denied" && (again.Operator.ID() != caller.Operator.ID() ||
				again.Privileged != (caller.IsAdmin && plan.privileged)) {
			d.t.Errorf(
				"%s retries %q of %s, their own %v: %s, want %s; %+v",
				caller.Name,
				plan.name,
				plan.kind,
				own,
				got,
				want,
				again,
			)
		}
	}
}
