package bulk_test

import (
	"slices"
	"testing"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// TestWhoSeesWhoseRuns shows everybody a draft and a started run, of their own, made while they could, and of another.
func TestWhoSeesWhoseRuns(t *testing.T) {
	inCrowd(t, func(t *testing.T, d desk) {
		for _, p := range apptest.People() {
			// Who sees no run is not told either whether there is one.
			if _, err := d.Bulk.Show(t.Context(), p.Operator, "none"); (word(err) == "denied") == (p.MayChange || p.SeesAll) {
				t.Errorf("%s asks for a run that is not there: %v", p.Name, err)
			}
			for _, own := range []bool{true, false} {
				whose := apptest.Operator("another", policy.Admin)
				if own {
					whose = apptest.Operator(p.Operator.Subject, policy.Admin)
				}
				if !whose.Known() {
					continue
				}
				draft := must[bulk.Run](t)(planOf("grant a plain role to everybody").plan(d, whose))
				started := must[bulk.Run](t)(planOf("delete whoever is plain").plan(d, whose))
				d.sent(whose, started)
				sees := p.SeesAll || own && p.MayChange
				d.sees(p, draft, sees, sees && own)
				d.sees(p, started, sees, sees)
				must[bulk.Run](t)(d.Bulk.Stop(t.Context(), whose, started.ID))
			}
		}
		d.untouched()
	})
}

// sees checks whether somebody sees a run, in each way in which one is shown.
func (d desk) sees(p apptest.Person, r bulk.Run, shown, listed bool) {
	d.t.Helper()
	run, show := d.Bulk.Show(d.t.Context(), p.Operator, r.ID)
	page, rows := d.Bulk.Rows(d.t.Context(), p.Operator, r.ID, bulk.RowFilter{})
	list, lists := d.Bulk.List(d.t.Context(), p.Operator, d.Account)
	isListed := slices.ContainsFunc(list, func(l bulk.Run) bool { return l.ID == r.ID })
	if (word(show) == "") != shown || (word(rows) == "") != shown || isListed != listed {
		d.t.Errorf(
			"%s: shown %v, rows %v, listed %v (%v) of the %s run of %s",
			p.Name,
			show,
			rows,
			isListed,
			lists,
			run.State,
			r.Operator.Name,
		)
	}
	if !shown && (word(show) != "denied" || word(rows) != "denied" || run.ID != "" || len(page.Rows)+page.Matches > 0) {
		d.t.Errorf("%s is told of the run of %s: %+v, %+v, %v, %v", p.Name, r.Operator.Name, run, page, show, rows)
	}
	if mayList := p.SeesAll || p.MayChange; (word(lists) == "") != mayList || !mayList && word(lists) != "denied" {
		d.t.Errorf("%s lists runs: %v", p.Name, lists)
	}
}
