package bulk_test

import (
	"slices"
	"testing"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// TestWhoMayPlanWhat drafts every plan as everybody. What an editor may not do to one is not in an editor's run.
func TestWhoMayPlanWhat(t *testing.T) {
	inCrowd(t, func(t *testing.T, d desk) {
		for _, plan := range plans() {
			for _, p := range apptest.People() {
				before := d.runs()
				r, err := plan.plan(d, p.Operator)
				want, got := plan.editor, word(err)
				if got == "" {
					got = counts(r)
				}
				switch {
				case p.IsAdmin:
					want = plan.admin
				case !p.MayChange:
					want = "denied"
				}
				if got != want || r.Privileged != (p.IsAdmin && plan.privileged) || (d.runs() == before) != (want == "denied") {
					t.Errorf(
						"%s, %s: %s, want %s; privileged %v, %d runs after %d",
						p.Name,
						plan.name,
						got,
						want,
						r.Privileged,
						d.runs(),
						before,
					)
				}
			}
		}
		d.untouched()
	})
}

// TestNobodyStartsTheDraftOfAnother lets everybody start the drafts of an editor and of an admin.
func TestNobodyStartsTheDraftOfAnother(t *testing.T) {
	inCrowd(t, func(t *testing.T, d desk) {
		for _, whose := range []string{"an editor", "an admin"} {
			for _, plan := range plans() {
				r, err := plan.plan(d, who(whose))
				if err != nil || r.Counts.Waiting == 0 {
					continue // nothing to start
				}
				for _, p := range apptest.People() {
					if p.Name == whose {
						continue
					}
					if got := word(d.send(p.Operator, r)); got != "denied" {
						t.Errorf("%s starts %q of %s: %s", p.Name, plan.name, whose, got)
					}
					want(t, d.show(r.ID), counts(r))
				}
			}
		}
		d.untouched()
	})
}

// TestADraftIsStartedByWhoTheyAreNow lets an admin draft runs, and start them when they are less than that.
func TestADraftIsStartedByWhoTheyAreNow(t *testing.T) {
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
			inCrowd(t, func(t *testing.T, d desk) {
				defer d.work()()
				r := must[bulk.Run](t)(planOf("grant a plain role to everybody").plan(d, who("an admin")))
				if got := word(d.send(apptest.Operator("an admin", test.now), r)); got != test.start {
					t.Fatalf("starting: %s, want %s", got, test.start)
				}
				if test.start != "" {
					want(t, d.show(r.ID), counts(r))
					d.untouched()
					return
				}
				want(t, d.ended(r.ID), test.ends)
				for _, row := range d.rows(r.ID, bulk.OnlyNotSent) {
					if row.Answer != "A privileged role is held or changed here: only an admin may do this." || row.OperationID != "" {
						t.Errorf("%+v", row)
					}
				}
				for _, e := range d.Sim.Ledger() {
					if privileged := []int64{owner, container, together}; test.now == policy.Editor &&
						slices.Contains(privileged, e.SubuserID) {
						t.Errorf("done to somebody privileged: %+v", e)
					}
				}
			})
		})
	}
}

// TestStopAndRetryAreForWhoMayMakeRuns stops a run, and tries it again, as everybody: one of their own, made while they
// could, and one of another.
func TestStopAndRetryAreForWhoMayMakeRuns(t *testing.T) {
	inCrowd(t, func(t *testing.T, d desk) {
		for _, p := range apptest.People() {
			for _, own := range []bool{true, false} {
				whose := apptest.Operator("another", policy.Admin)
				if own {
					whose = apptest.Operator(p.Operator.Subject, policy.Admin)
				}
				if !whose.Known() {
					continue
				}
				may := p.MayChange && (own || p.SeesAll)
				d.stops(p, whose, own, may)
				d.retries(p, whose, own, may)
			}
		}
		d.untouched()
	})
}

// stops lets somebody stop a run that waits for its turn.
func (d desk) stops(p apptest.Person, whose operator.Operator, own, may bool) {
	d.t.Helper()
	r := must[bulk.Run](d.t)(planOf("grant a plain role to everybody").plan(d, whose))
	d.sent(whose, r)
	_, err := d.Bulk.Stop(d.t.Context(), p.Operator, r.ID)
	if state := d.show(r.ID).State; (word(err) == "") != may || (state == bulk.Stopped) != may ||
		!may && word(err) != "denied" {
		d.t.Errorf("%s stops a run, their own %v: %v; it is %s", p.Name, own, err, state)
	}
	if !may {
		must[bulk.Run](d.t)(d.Bulk.Stop(d.t.Context(), whose, r.ID))
	}
}

// retries lets somebody try again what an admin left undone, of each kind: as far as they may do it themselves.
func (d desk) retries(p apptest.Person, whose operator.Operator, own, may bool) {
	d.t.Helper()
	for _, name := range []string{
		"grant a plain role to everybody",
		"grant a privileged role",
		"delete an Owner",
		"import an Owner among others",
	} {
		plan := planOf(name)
		r := must[bulk.Run](d.t)(plan.plan(d, whose))
		d.sent(whose, r)
		must[bulk.Run](d.t)(d.Bulk.Stop(d.t.Context(), whose, r.ID))
		before := d.runs()
		again, err := d.Bulk.Retry(d.t.Context(), d.act(p.Operator), r.ID)
		got, want := word(err), "denied"
		if got == "" {
			got = counts(again)
		}
		switch {
		case may && p.IsAdmin:
			want = plan.admin
		case may:
			want = plan.editor
		}
		if got != want || want == "denied" && d.runs() != before ||
			want != "denied" && (again.Operator.ID() != p.Operator.ID() || again.Privileged != (p.IsAdmin && plan.privileged)) {
			d.t.Errorf("%s tries %q again, their own %v: %s, want %s; %+v", p.Name, plan.name, own, got, want, again)
		}
	}
}
