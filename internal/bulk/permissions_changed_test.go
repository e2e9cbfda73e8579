package bulk_test

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// withPolicy is a process that has another policy: the one that the settings have since somebody changed them.
func (d fixture) withPolicy(p *policy.Policy) *bulk.Service {
	options := d.Operations.Options
	options.Policy = p
	return bulk.New(
		bulk.Options{DB: d.DB, Operations: operations.New(options), Directory: d.Directory, Policy: p, AuditLog: d.AuditLog},
	)
}

// TestBecamePrivilegedAfterStart starts runs in which nothing is privileged, and lets it become so before they
// have their turn. The sign-in of the first is of this morning; the second's is recent.
func TestBecamePrivilegedAfterStart(t *testing.T) {
	const stale = "After a change since the preview, this needs a more recent sign-in. " +
		"Do it on the subuser's own page."
	const denied = "This concerns a privileged role: only an admin can do it."
	grantOwner := func(d fixture) func() {
		for _, id := range []int64{noRoles, plain, halfPrivileged, withKey} {
			if err := d.Sim.ApplyExternal(voxsim.ExternalChange{
				Kind:      voxsim.ExternalAddSubuserRoles,
				SubuserID: id,
				RoleIDs:   d.roleIDs("Owner"),
			}); err != nil {
				d.t.Fatal(err)
			}
		}
		return d.startWorkers()
	}
	settings := func(d fixture) func() {
		return startLoops(d.withPolicy(apptest.StrictPolicy("Accountant", "CallHistory")).Run)
	}
	noCatalogue := func(d fixture) func() {
		d.Restart()
		d.Sim.AddFault(voxsim.Fault{Method: "GetRoles", Kind: voxsim.Refuse, Code: 104, Count: -1})
		return d.startWorkers()
	}
	for _, test := range []struct {
		name, plan    string
		since         func(d fixture) (end func())
		old, recent   string // what becomes of an admin's run
		answer        string // to the rows of the old one that are not sent
		editor        string // what becomes of an editor's run, whose sign-in is of this morning too
		answersEditor string
	}{
		{
			"a privileged role is granted", "grant a plain role to whoever is plain", grantOwner,
			"done, 4 not sent", "done, 4 not sent", "The roles were changed since the preview.", "done, 4 not sent", denied,
		},
		{
			"a privileged role is granted", "delete whoever is plain", grantOwner, "done, 3 not sent",
			"done, 3 not sent",
			"The roles, the keys or the warnings changed since the preview.", "done, 3 not sent", denied,
		},
		{
			"a granted role is privileged now", "grant a plain role to whoever is plain", settings,
			"done, 4 not sent", "done, 4 applied", stale, "done, 4 not sent", denied,
		},
		{
			"a revoked role is privileged now", "revoke a plain role from whoever is plain", settings,
			"done, 2 not sent", "done, 2 applied", stale, "done, 2 not sent", denied,
		},
		{
			"a held role is privileged now", "delete whoever is plain", settings,
			"done, 1 applied, 2 not sent", "done, 3 applied", stale, "done, 1 applied, 2 not sent", denied,
		},
		{
			"the catalogue cannot be read", "delete whoever is plain", noCatalogue,
			"done, 1 applied, 2 not sent", "done, 3 applied", stale, "done, 1 applied, 2 not sent", denied,
		},
	} {
		for _, by := range []struct {
			operator     operator.Operator
			signIn       time.Duration
			ends, answer string
		}{
			{operatorNamed("an admin"), 9 * time.Hour, test.old, test.answer},
			{operatorNamed("an admin"), 0, test.recent, test.answer},
			{operatorNamed("an editor"), 9 * time.Hour, test.editor, test.answersEditor},
		} {
			t.Run(test.name+", "+test.plan+", "+by.operator.Name+" "+by.signIn.String(), func(t *testing.T) {
				inPrivilegeWorld(t, func(t *testing.T, d fixture) {
					o := signedInAgo(by.operator, by.signIn, 0)
					r := must[bulk.Change](t)(planCaseNamed(test.plan).plan(d, o))
					if got := refusal(d.tryStart(o, r)); got != "" || r.Privileged {
						t.Fatalf("starting: %s, privileged %v", got, r.Privileged)
					}
					defer test.since(d)()
					wantSummary(t, d.waitUntilEnded(r.ID), by.ends)
					for _, row := range d.items(r.ID, bulk.OnlyNotSent) {
						if row.Message != by.answer || row.OperationID != "" {
							t.Errorf("%s: %q, operation %q", row.Name, row.Message, row.OperationID)
						}
					}
					if c := d.show(r.ID).Counts; d.writeCount() != c.Applied {
						t.Errorf("%d requests for %d rows", d.writeCount(), c.Applied)
					}
				})
			})
		}
	}
}
