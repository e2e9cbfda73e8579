package bulk_test

import (
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// TestReasonOfDraftIsKept plans each kind of bulk change with a reason. The draft has it, so that the form that starts
// it begins with it.
func TestReasonOfDraftIsKept(t *testing.T) {
	const reason = "OPS-9 the yearly review"
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		for kind, plan := range d.plans() {
			request := d.request(admin())
			request.Reason = " " + reason + "\n"
			change := must[bulk.Change](t)(plan(request))
			if change.Reason != reason || d.show(change.ID).Reason != reason {
				t.Errorf("%s: planned with the reason %q, shown with %q", kind, change.Reason, d.show(change.ID).Reason)
			}
			request.Reason = strings.Repeat("x", 1001)
			if _, err := plan(request); fieldError(err, "reason") == "" {
				t.Errorf("%s: a reason of 1,001 characters: %v", kind, err)
			}
		}
	})
}

// plans returns a function for each kind of bulk change that plans one.
func (d fixture) plans() map[bulk.Kind]func(operations.Request) (bulk.Change, error) {
	return map[bulk.Kind]func(operations.Request) (bulk.Change, error){
		bulk.Roles: func(request operations.Request) (bulk.Change, error) {
			return d.Bulk.PlanRoles(d.t.Context(), request, allAgents(), d.roleIDs("Accountant"), nil)
		},
		bulk.Delete: func(request operations.Request) (bulk.Change, error) {
			return d.Bulk.PlanDelete(d.t.Context(), request, allAgents())
		},
		bulk.Create: func(request operations.Request) (bulk.Change, error) {
			return d.Bulk.PlanImport(d.t.Context(), request, bulk.ImportFile{Content: []byte("login\nanna_k\n")})
		},
	}
}

// TestMissingReasonIsReportedWithPlan plans each kind of bulk change without a reason where one is required: the first
// form reports it, and not only the one that starts the bulk change.
func TestMissingReasonIsReportedWithPlan(t *testing.T) {
	inWorld(t, apptest.Options{RequireReason: true}, func(t *testing.T, d fixture) {
		for kind, plan := range d.plans() {
			if _, err := plan(d.request(admin())); fieldError(err, "reason") == "" {
				t.Errorf("%s: planned without a reason: %v", kind, err)
			}
		}
	})
}

// TestReasonOfRetryIsKept stops a bulk change and retries the rest: the new draft has the reason of the first one.
func TestReasonOfRetryIsKept(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		for kind, plan := range d.plans() {
			change := must[bulk.Change](t)(plan(d.request(admin())))
			d.start(change)
			must[bulk.Change](t)(d.Bulk.Stop(t.Context(), admin(), change.ID))
			again := must[bulk.Change](t)(d.Bulk.Retry(t.Context(), d.request(admin()), change.ID))
			if again.Reason != "the yearly review" || d.show(again.ID).Reason != again.Reason {
				t.Errorf("%s: retried with the reason %q, shown with %q", kind, again.Reason, d.show(again.ID).Reason)
			}
		}
	})
}
