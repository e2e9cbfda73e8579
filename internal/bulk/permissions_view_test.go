package bulk_test

import (
	"slices"
	"testing"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// TestVisibilityByOperator shows a draft and a started bulk change to every caller: their own, which they made as an
// admin, and that of another operator.
func TestVisibilityByOperator(t *testing.T) {
	inPrivilegeWorld(t, func(t *testing.T, d fixture) {
		for _, caller := range apptest.Callers() {
			// A caller that can see no bulk change does not learn whether one exists.
			_, err := d.Bulk.Show(t.Context(), caller.Operator, "none")
			if (refusal(err) == "denied") == (caller.MayChange || caller.SeesAll) {
				t.Errorf("%s reads a bulk change that does not exist: %v", caller.Name, err)
			}
			for _, own := range []bool{true, false} {
				drafter := apptest.Operator("another", policy.Admin)
				if own {
					drafter = apptest.Operator(caller.Operator.Subject, policy.Admin)
				}
				if !drafter.Authenticated() {
					continue
				}
				draft := must[bulk.Change](t)(planCaseNamed("grant an unprivileged role to all").plan(d, drafter))
				started := must[bulk.Change](t)(planCaseNamed("delete unprivileged principals").plan(d, drafter))
				d.mustStart(drafter, started)
				sees := caller.SeesAll || own && caller.MayChange
				d.checkVisible(caller, draft, sees, sees && own)
				d.checkVisible(caller, started, sees, sees)
				must[bulk.Change](t)(d.Bulk.Stop(t.Context(), drafter, started.ID))
			}
		}
		d.checkUntouched()
	})
}

// checkVisible checks whether Show, Items and List return the bulk change to the caller.
func (d fixture) checkVisible(caller apptest.Caller, change bulk.Change, shown, listed bool) {
	d.t.Helper()
	seen, showErr := d.Bulk.Show(d.t.Context(), caller.Operator, change.ID)
	page, itemsErr := d.Bulk.Items(d.t.Context(), caller.Operator, change.ID, bulk.ItemFilter{})
	list, listErr := d.Bulk.List(d.t.Context(), caller.Operator, d.Account)
	isListed := slices.ContainsFunc(list, func(listed bulk.Change) bool { return listed.ID == change.ID })
	if (refusal(showErr) == "") != shown || (refusal(itemsErr) == "") != shown || isListed != listed {
		d.t.Errorf(
			"%s: shown %v, items %v, listed %v (%v) of the %s bulk change of %s",
			caller.Name,
			showErr,
			itemsErr,
			isListed,
			listErr,
			seen.State,
			change.Operator.Name,
		)
	}
	if !shown && (refusal(showErr) != "denied" || refusal(itemsErr) != "denied" || seen.ID != "" ||
		len(page.Items)+page.Matches > 0) {
		d.t.Errorf(
			"%s gets the bulk change of %s: %+v, %+v, %v, %v",
			caller.Name,
			change.Operator.Name,
			seen,
			page,
			showErr,
			itemsErr,
		)
	}
	mayList := caller.SeesAll || caller.MayChange
	if (refusal(listErr) == "") != mayList || !mayList && refusal(listErr) != "denied" {
		d.t.Errorf("%s lists bulk changes: %v", caller.Name, listErr)
	}
}
