package bulk_test

import (
	"slices"
	"testing"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// TestPlanByOperator drafts every plan as everybody. What an editor may not do to one is not in an editor's run.
func TestPlanByOperator(t *testing.T) {
	inPrivilegeWorld(t, func(t *testing.T, d fixture) {
		for _, plan := range planCases() {
			for _, p := range apptest.Callers() {
				before := d.changeCount()
				r, err := plan.plan(d, p.Operator)
				want, got := plan.editor, refusal(err)
				if got == "" {
					got = summary(r)
				}
				switch {
				case p.IsAdmin:
					want = plan.admin
				case !p.MayChange:
					want = "denied"
				}
				if got != want || r.Privileged != (p.IsAdmin && plan.privileged) ||
					(d.changeCount() == before) != (want == "denied") {
					t.Errorf(
						"%s, %s: %s, want %s; privileged %v, %d runs after %d",
						p.Name,
						plan.name,
						got,
						want,
						r.Privileged,
						d.changeCount(),
						before,
					)
				}
			}
		}
		d.checkUntouched()
	})
}

// TestStartOnlyOwnDraft lets everybody start the drafts of an editor and of an admin.
func TestStartOnlyOwnDraft(t *testing.T) {
	inPrivilegeWorld(t, func(t *testing.T, d fixture) {
		for _, whose := range []string{"an editor", "an admin"} {
			for _, plan := range planCases() {
				r, err := plan.plan(d, operatorNamed(whose))
				if err != nil || r.Counts.Waiting == 0 {
					continue // nothing to start
				}
				for _, p := range apptest.Callers() {
					if p.Name == whose {
						continue
					}
					if got := refusal(d.tryStart(p.Operator, r)); got != "denied" {
						t.Errorf("%s starts %q of %s: %s", p.Name, plan.name, whose, got)
					}
					wantSummary(t, d.show(r.ID), summary(r))
				}
			}
		}
		d.checkUntouched()
	})
}

// TestStartUsesCurrentRoles lets an admin draft runs, and start them when they are less than that.
func TestStartUsesCurrentRoles(t *testing.T) {
	for _, test := range []struct {
		now   policy.DashboardRole
		start string
		ends  string
	}{
		{policy.Viewer, "denied", ""},
		{policy.Auditor, "denied", ""},
		{policy.Editor, "", "done, 4 applied, 3 not sent"},
		{policy.Admin, "", "done, 7 applied"},
	} {
		t.Run(string(test.now), func(t *testing.T) {
			inPrivilegeWorld(t, func(t *testing.T, d fixture) {
				defer d.startWorkers()()
				r := must[bulk.Change](t)(planCaseNamed("grant a plain role to everybody").plan(d, operatorNamed("an admin")))
				if got := refusal(d.tryStart(apptest.Operator("an admin", test.now), r)); got != test.start {
					t.Fatalf("starting: %s, want %s", got, test.start)
				}
				if test.start != "" {
					wantSummary(t, d.show(r.ID), summary(r))
					d.checkUntouched()
					return
				}
				wantSummary(t, d.waitUntilEnded(r.ID), test.ends)
				for _, row := range d.items(r.ID, bulk.OnlyNotSent) {
					if row.Message != "This concerns a privileged role: only an admin can do it." ||
						row.OperationID != "" {
						t.Errorf("%+v", row)
					}
				}
				for _, e := range d.Sim.Ledger() {
					if privileged := []int64{owner, container, bothHalves}; test.now == policy.Editor &&
						slices.Contains(privileged, e.SubuserID) {
						t.Errorf("done to somebody privileged: %+v", e)
					}
				}
			})
		})
	}
}

// TestStopAndRetryByOperator stops a run, and tries it again, as everybody: one of their own, made while they
// could, and one of another.
func TestStopAndRetryByOperator(t *testing.T) {
	inPrivilegeWorld(t, func(t *testing.T, d fixture) {
		for _, p := range apptest.Callers() {
			for _, own := range []bool{true, false} {
				whose := apptest.Operator("another", policy.Admin)
				if own {
					whose = apptest.Operator(p.Operator.Subject, policy.Admin)
				}
				if !whose.Authenticated() {
					continue
				}
				may := p.MayChange && (own || p.SeesAll)
				d.checkStop(p, whose, own, may)
				d.checkRetry(p, whose, own, may)
			}
		}
		d.checkUntouched()
	})
}

// checkStop lets somebody stop a run that waits for its turn.
func (d fixture) checkStop(p apptest.Caller, whose operator.Operator, own, may bool) {
	d.t.Helper()
	r := must[bulk.Change](d.t)(planCaseNamed("grant a plain role to everybody").plan(d, whose))
	d.mustStart(whose, r)
	_, err := d.Bulk.Stop(d.t.Context(), p.Operator, r.ID)
	if state := d.show(r.ID).State; (refusal(err) == "") != may || (state == bulk.Stopped) != may ||
		!may && refusal(err) != "denied" {
		d.t.Errorf("%s stops a run, their own %v: %v; it is %s", p.Name, own, err, state)
	}
	if !may {
		must[bulk.Change](d.t)(d.Bulk.Stop(d.t.Context(), whose, r.ID))
	}
}

// checkRetry lets somebody try again what an admin left undone, of each kind: as far as they may do it themselves.
func (d fixture) checkRetry(p apptest.Caller, whose operator.Operator, own, may bool) {
	d.t.Helper()
	for _, name := range []string{
		"grant a plain role to everybody",
		"grant a privileged role",
		"delete an Owner",
		"import an Owner among others",
	} {
		plan := planCaseNamed(name)
		r := must[bulk.Change](d.t)(plan.plan(d, whose))
		d.mustStart(whose, r)
		must[bulk.Change](d.t)(d.Bulk.Stop(d.t.Context(), whose, r.ID))
		before := d.changeCount()
		again, err := d.Bulk.Retry(d.t.Context(), d.request(p.Operator), r.ID)
		got, want := refusal(err), "denied"
		if got == "" {
			got = summary(again)
		}
		switch {
		case may && p.IsAdmin:
			want = plan.admin
		case may:
			want = plan.editor
		}
		if got != want || want == "denied" && d.changeCount() != before ||
			want != "denied" && (again.Operator.ID() != p.Operator.ID() || again.Privileged != (p.IsAdmin && plan.privileged)) {
			d.t.Errorf("%s tries %q again, their own %v: %s, want %s; %+v", p.Name, plan.name, own, got, want, again)
		}
	}
}
