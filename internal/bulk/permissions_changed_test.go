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

// withPolicy returns the service of a process with another policy, as after a change of settings.
func (d fixture) withPolicy(p *policy.Policy) *bulk.Service {
	options := d.Operations.Options
	options.Policy = p
	return bulk.New(
		bulk.Options{
			DB:         d.DB,
			Operations: operations.New(options),
			Directory:  d.Directory,
			Policy:     p,
			AuditLog:   d.AuditLog,
			Operators:  apptest.SignedOut{},
		},
	)
}

// TestBecamePrivilegedAfterStart starts bulk changes without anything privileged and makes them privileged before the
// first item. Each is started with a sign-in of nine hours ago and with a recent one.
func TestBecamePrivilegedAfterStart(t *testing.T) {
	const stale = "After a change since the preview, this needs a more recent sign-in. " +
		"Do it on the subuser's own page."
	const denied = "This concerns a privileged role: only an admin can do it."
	const unreadable = "It could not be checked which roles are privileged. The roles of the console key do not allow " +
		"this. Give the console key the role Owner in Voximplant's panel, then try again."
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
		old, recent   string // the summaries of an admin's bulk changes by age of the sign-in
		message       string // of an admin's items that are not sent
		editor        string // the summary of an editor's bulk change with the old sign-in
		editorMessage string
	}{
		{
			"a privileged role is granted", "grant an unprivileged role to unprivileged principals", grantOwner,
			"done, 4 not sent", "done, 4 not sent", "The roles were changed since the preview.", "done, 4 not sent", denied,
		},
		{
			"a privileged role is granted", "delete unprivileged principals", grantOwner, "done, 3 not sent",
			"done, 3 not sent",
			"The roles, the keys or the warnings changed since the preview.", "done, 3 not sent", denied,
		},
		{
			"a granted role is privileged now", "grant an unprivileged role to unprivileged principals", settings,
			"done, 4 not sent", "done, 4 applied", stale, "done, 4 not sent", denied,
		},
		{
			"a revoked role is privileged now", "revoke an unprivileged role from unprivileged principals", settings,
			"done, 2 not sent", "done, 2 applied", stale, "done, 2 not sent", denied,
		},
		{
			"an assigned role is privileged now", "delete unprivileged principals", settings,
			"done, 1 applied, 2 not sent", "done, 3 applied", stale, "done, 1 applied, 2 not sent", denied,
		},
		{
			"the catalogue cannot be read", "delete unprivileged principals", noCatalogue,
			"done, 1 applied, 2 not sent", "done, 3 applied", stale, "done, 1 applied, 2 not sent", unreadable,
		},
	} {
		for _, by := range []struct {
			operator operator.Operator
			signIn   time.Duration
			want     string
			message  string
		}{
			{operatorNamed("an admin"), 9 * time.Hour, test.old, test.message},
			{operatorNamed("an admin"), 0, test.recent, test.message},
			{operatorNamed("an editor"), 9 * time.Hour, test.editor, test.editorMessage},
		} {
			t.Run(test.name+", "+test.plan+", "+by.operator.Name+" "+by.signIn.String(), func(t *testing.T) {
				inPrivilegeWorld(t, func(t *testing.T, d fixture) {
					o := signedInAgo(by.operator, by.signIn, 0)
					change := must[bulk.Change](t)(planCaseNamed(test.plan).plan(d, o))
					if got := refusal(d.tryStart(o, change)); got != "" || change.Privileged {
						t.Fatalf("starting: %s, privileged %v", got, change.Privileged)
					}
					defer test.since(d)()
					wantSummary(t, d.waitUntilEnded(change.ID), by.want)
					for _, item := range d.items(change.ID, bulk.OnlyNotSent) {
						if item.Message != by.message || item.OperationID != "" {
							t.Errorf("%s: %q, operation %q", item.Name, item.Message, item.OperationID)
						}
					}
					if c := d.show(change.ID).Counts; d.writeCount() != c.Applied {
						t.Errorf("%d requests for %d items", d.writeCount(), c.Applied)
					}
				})
			})
		}
	}
}
