package bulk_test

import (
	"slices"
	"testing"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// TestVisibilityByOperator shows everybody a draft and a started run, of their own, made while they could, and of
// another.
func TestVisibilityByOperator(t *testing.T) {
	inPrivilegeWorld(t, func(t *testing.T, d fixture) {
		for _, p := range apptest.Callers() {
			// Who sees no run is not told either whether there is one.
			if _, err := d.Bulk.Show(t.Context(), p.Operator, "none"); (refusal(err) == "denied") == (p.MayChange || p.SeesAll) {
				t.Errorf("%s asks for a run that is not there: %v", p.Name, err)
			}
			for _, own := range []bool{true, false} {
				whose := apptest.Operator("another", policy.Admin)
				if own {
					whose = apptest.Operator(p.Operator.Subject, policy.Admin)
				}
				if !whose.Authenticated() {
					continue
				}
				draft := must[bulk.Change](t)(planCaseNamed("grant a plain role to everybody").plan(d, whose))
				started := must[bulk.Change](t)(planCaseNamed("delete whoever is plain").plan(d, whose))
				d.mustStart(whose, started)
				sees := p.SeesAll || own && p.MayChange
				d.checkVisible(p, draft, sees, sees && own)
				d.checkVisible(p, started, sees, sees)
				must[bulk.Change](t)(d.Bulk.Stop(t.Context(), whose, started.ID))
			}
		}
		d.checkUntouched()
	})
}

// checkVisible checks whether somebody sees a run, in each way in which one is shown.
func (d fixture) checkVisible(p apptest.Caller, r bulk.Change, shown, listed bool) {
	d.t.Helper()
	run, show := d.Bulk.Show(d.t.Context(), p.Operator, r.ID)
	page, rows := d.Bulk.Items(d.t.Context(), p.Operator, r.ID, bulk.ItemFilter{})
	list, lists := d.Bulk.List(d.t.Context(), p.Operator, d.Account)
	isListed := slices.ContainsFunc(list, func(l bulk.Change) bool { return l.ID == r.ID })
	if (refusal(show) == "") != shown || (refusal(rows) == "") != shown || isListed != listed {
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
	if !shown && (refusal(show) != "denied" || refusal(rows) != "denied" || run.ID != "" ||
		len(page.Items)+page.Matches > 0) {
		d.t.Errorf("%s is told of the run of %s: %+v, %+v, %v, %v", p.Name, r.Operator.Name, run, page, show, rows)
	}
	if mayList := p.SeesAll || p.MayChange; (refusal(lists) == "") != mayList || !mayList && refusal(lists) != "denied" {
		d.t.Errorf("%s lists runs: %v", p.Name, lists)
	}
}
