package bulk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

func TestChangeRoles(t *testing.T) {
	company := agents(4)
	company.Subusers[2].Roles = []string{"Support", "Accountant"}
	company.Subusers[3].Roles = []string{"Accountant"}
	inWorld(t, apptest.Options{Company: company}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		change := d.draftRoles([]string{"Accountant"}, []string{"Support"})
		wantSummary(t, change, "draft, 3 waiting, 1 idle")
		if len(d.Sim.Ledger()) != 0 || d.writeCount() != 0 {
			t.Fatal("the preview sent something")
		}
		var preview []string
		for _, item := range d.items(change.ID, "") {
			preview = append(preview, item.Name+" +"+names(item.Grant)+" -"+names(item.Revoke)+" "+item.Note)
		}
		want := []string{
			"agent_0001 +Accountant -Support ",
			"agent_0002 + -Support ",
			"agent_0003 + - Nothing to change.",
			"agent_0004 +Accountant -Support ",
		}
		if !slices.Equal(preview, want) {
			t.Errorf("the preview is\n%s", strings.Join(preview, "\n"))
		}
		d.start(change)
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 1 idle, 3 applied")
		for _, login := range []string{"agent_0001", "agent_0002", "agent_0003", "agent_0004"} {
			if got := d.roleNamesOf(login); got != "Accountant" {
				t.Errorf("%s has %s", login, got)
			}
		}
		d.checkAgreement()
		item := d.items(change.ID, "")[0]
		op := must[audit.Operation](t)(d.AuditLog.Operation(t.Context(), item.OperationID))
		intent := must[operations.Intent](t)(operations.ReadIntent(op))
		actor := op.Actor
		if op.Reason != "the yearly review" || op.RequestID != change.ID || intent.BulkID != change.ID ||
			actor.ID() != admin().ID() ||
			actor.SessionID != "a session" || actor.Address != "192.0.2.7" || actor.AddressFrom != audit.FromForwarded {
			t.Errorf("the audit log has %+v, bulk change %q", op, intent.BulkID)
		}
	})
}

func names(refs []operations.RoleRef) string {
	var text []string
	for _, r := range refs {
		text = append(text, r.Name)
	}
	return strings.Join(text, " ")
}

func TestItemConflictIsNotSent(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		change := d.draftRoles([]string{"Accountant"}, nil)
		if err := d.Sim.ApplyExternal(voxsim.ExternalChange{
			Kind:      voxsim.ExternalAddSubuserRoles,
			SubuserID: 1002,
			RoleIDs:   d.roleIDs("Supervisor"),
		}); err != nil {
			t.Fatal(err)
		}
		if err := d.Sim.ApplyExternal(voxsim.ExternalChange{
			Kind:      voxsim.ExternalDeleteSubuser,
			SubuserID: 1003,
		}); err != nil {
			t.Fatal(err)
		}
		d.start(change)
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 6 applied, 2 not sent")
		left := d.items(change.ID, bulk.OnlyNotSent)
		if len(left) != 2 || left[0].Message != "The roles were changed since the preview." ||
			left[1].Message != "The subuser is no longer in the account." ||
			left[0].OperationID != "" {
			t.Fatalf("%+v", left)
		}
		if got := d.roleNamesOf("agent_0002"); got != "Support Supervisor" {
			t.Errorf("agent_0002 has %s", got)
		}

		again := must[bulk.Change](t)(d.Bulk.Retry(t.Context(), d.request(admin()), change.ID))
		wantSummary(t, again, "draft, 1 waiting, 1 skipped")
		if again.RetryOf != change.ID || names(again.Grant) != "Accountant" {
			t.Errorf("%+v", again)
		}
		d.start(again)
		wantSummary(t, d.waitUntilEnded(again.ID), "done, 1 skipped, 1 applied")
		d.checkAgreement()
		if _, err := d.Bulk.Retry(t.Context(), d.request(admin()), again.ID); fieldError(err, "rows") == "" {
			t.Errorf("a retry without anything left: %v", err)
		}
	})
}

func TestPlanRolesErrors(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		support, owner := d.roleIDs("Support"), d.roleIDs("Owner")
		plan := func(targets bulk.Targets, grant, revoke []int64) error {
			_, err := d.Bulk.PlanRoles(t.Context(), d.request(editor()), targets, grant, revoke)
			return err
		}
		tests := []struct {
			name, field   string
			targets       bulk.Targets
			grant, revoke []int64
		}{
			{"no role", "roles", allAgents(), nil, nil},
			{"the same role granted and revoked", "roles", allAgents(), support, support},
			{"a role that does not exist", "roles", allAgents(), []int64{987654}, nil},
			{"no targets", "targets", bulk.Targets{Kind: access.Subuser}, support, nil},
			{"no matching targets", "targets", allAgents(), nil, support},
		}
		tests[4].targets.Filter.Query = "no such name"
		for _, test := range tests {
			if err := plan(test.targets, test.grant, test.revoke); fieldError(err, test.field) == "" {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		if denied, ok := errors.AsType[*policy.Denied](plan(allAgents(), owner, nil)); !ok ||
			denied.Permission != policy.Privileged {
			t.Errorf("an editor can draft a grant of Owner: %v", denied)
		}
		_, err := d.Bulk.PlanRoles(
			t.Context(),
			d.request(apptest.Operator("viewer", policy.Viewer)),
			allAgents(),
			support,
			nil,
		)
		if denied, ok := errors.AsType[*policy.Denied](err); !ok || denied.Permission != policy.BulkStart {
			t.Errorf("a viewer can draft: %v", err)
		}
		if changes := must[[]bulk.Change](t)(d.Bulk.List(t.Context(), editor(), d.Account)); len(changes) != 0 {
			t.Errorf("drafts were left: %+v", changes)
		}
	})
}

func TestEditorSkipsPrivilegedSubusers(t *testing.T) {
	inWorld(t, apptest.Options{Company: agents(2)}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		targets := subusers(200, 1001, 1001, 555)
		accountant := d.roleIDs("Accountant")
		change := must[bulk.Change](t)(d.Bulk.PlanRoles(t.Context(), d.request(editor()), targets, accountant, nil))
		wantSummary(t, change, "draft, 1 waiting, 2 skipped")
		problems := d.items(change.ID, bulk.OnlyProblems)
		if len(problems) != 2 || problems[0].Problem != "Has a privileged role: only an admin can change it." ||
			problems[1].Problem != "The latest listing of the account has no subuser with the id 555." {
			t.Errorf("%+v", problems)
		}
		// A subuser that becomes privileged after the preview is not changed either.
		if err := d.Sim.ApplyExternal(voxsim.ExternalChange{
			Kind:      voxsim.ExternalAddSubuserRoles,
			SubuserID: 1001,
			RoleIDs:   d.roleIDs("Admin"),
		}); err != nil {
			t.Fatal(err)
		}
		d.start(change)
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 2 skipped, 1 not sent")
		if d.writeCount() != 0 {
			t.Errorf("%d writes", d.writeCount())
		}
	})
}

func TestRevokingLastOwnerNeedsCount(t *testing.T) {
	company := agents(2)
	company.Subusers[1].Roles = []string{"Owner"}
	inWorld(t, apptest.Options{Company: company}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		one := must[bulk.Change](t)(
			d.Bulk.PlanRoles(t.Context(), d.request(admin()), subusers(1001), nil, d.roleIDs("Owner")),
		)
		if _, confirm := one.Confirmation(); confirm || len(one.Warnings) > 0 {
			t.Errorf("a warning although another subuser keeps Owner: %v", one.Warnings)
		}
		change := must[bulk.Change](t)(d.Bulk.PlanRoles(
			t.Context(),
			d.request(admin()),
			bulk.Targets{Kind: access.Subuser, All: true},
			nil,
			d.roleIDs("Owner"),
		))
		wantSummary(t, change, "draft, 2 waiting, 1 idle")
		if count, confirm := change.Confirmation(); !confirm || count != 2 {
			t.Errorf("the confirmation is %d, %v", count, confirm)
		}
		_, err := d.Bulk.Start(t.Context(), d.request(admin()), change.ID, bulk.StartForm{Confirm: "3"})
		if fieldError(err, "confirm") == "" || fieldError(err, "warned") == "" {
			t.Errorf("started without the confirmation: %v", err)
		}
		d.start(change)
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 1 idle, 2 applied")

		// The other draft has no warning about the last Owner, so it must not revoke it.
		if err := d.Sim.ApplyExternal(voxsim.ExternalChange{
			Kind:      voxsim.ExternalAddSubuserRoles,
			SubuserID: 1001,
			RoleIDs:   d.roleIDs("Owner"),
		}); err != nil {
			t.Fatal(err)
		}
		d.start(one)
		wantSummary(t, d.waitUntilEnded(one.ID), "done, 1 not sent")
		want := "This would revoke Owner from the last subuser that has it. The preview did not warn of that."
		if got := d.items(one.ID, "")[0].Message; got != want {
			t.Errorf("the message is %q", got)
		}
	})
}

func TestInheritedRoles(t *testing.T) {
	company := agents(1)
	company.Subusers[1].Roles = []string{"UserManager"}
	inWorld(t, apptest.Options{Company: company}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		change := d.draftRoles([]string{"UserRead", "Support"}, []string{"UserUpdate"})
		item := d.items(change.ID, "")[0]
		if names(item.Grant) != "Support" || len(item.Revoke) != 0 ||
			item.Note != "Already inherits UserRead through another role. "+
				"Keeps UserUpdate, which is inherited through another role." {
			t.Errorf("%+v", item)
		}
		d.start(change)
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 1 applied")
	})
}
