package bulk_test

import (
	"errors"
	"strings"
	"testing"

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
		r := d.draftRoles([]string{"Accountant"}, []string{"Support"})
		wantSummary(t, r, "draft, 3 waiting, 1 idle")
		if len(d.Sim.Ledger()) != 0 || d.writeCount() != 0 {
			t.Fatal("something was sent before the start")
		}
		var preview []string
		for _, row := range d.items(r.ID, "") {
			preview = append(preview, row.Name+" +"+names(row.Grant)+" -"+names(row.Revoke)+" "+row.Note)
		}
		if got := strings.Join(
			preview,
			"\n",
		); got != "agent_0001 +Accountant -Support \nagent_0002 + -Support \nagent_0003 + - Nothing to "+
			"change.\nagent_0004 +Accountant -Support " {
			t.Errorf("the preview is\n%s", got)
		}
		d.start(r)
		wantSummary(t, d.waitUntilEnded(r.ID), "done, 1 idle, 3 applied")
		for _, login := range []string{"agent_0001", "agent_0002", "agent_0003", "agent_0004"} {
			if got := d.roleNamesOf(login); got != "Accountant" {
				t.Errorf("%s holds %s", login, got)
			}
		}
		d.checkAgreement()
		row := d.items(r.ID, "")[0]
		op := must[audit.Operation](t)(d.AuditLog.Operation(t.Context(), row.OperationID))
		intent := must[operations.Intent](t)(operations.ReadIntent(op))
		actor := op.Actor
		if op.Reason != "the yearly review" || op.RequestID != r.ID || intent.BulkID != r.ID || actor.ID() != admin().ID() ||
			actor.SessionID != "a session" || actor.Address != "192.0.2.7" || actor.AddressFrom != audit.FromForwarded {
			t.Errorf("the record says %+v, run %q", op, intent.BulkID)
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
		r := d.draftRoles([]string{"Accountant"}, nil)
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
		d.start(r)
		wantSummary(t, d.waitUntilEnded(r.ID), "done, 6 applied, 2 not sent")
		left := d.items(r.ID, bulk.OnlyNotSent)
		if len(left) != 2 || left[0].Message != "The roles were changed since the preview." ||
			left[1].Message != "The subuser is no longer in the account." ||
			left[0].OperationID != "" {
			t.Fatalf("%+v", left)
		}
		if got := d.roleNamesOf("agent_0002"); got != "Support Supervisor" {
			t.Errorf("agent_0002 holds %s", got)
		}

		again := must[bulk.Change](t)(d.Bulk.Retry(t.Context(), d.request(admin()), r.ID))
		wantSummary(t, again, "draft, 1 waiting, 1 skipped")
		if again.RetryOf != r.ID || names(again.Grant) != "Accountant" {
			t.Errorf("%+v", again)
		}
		d.start(again)
		wantSummary(t, d.waitUntilEnded(again.ID), "done, 1 skipped, 1 applied")
		d.checkAgreement()
		if _, err := d.Bulk.Retry(t.Context(), d.request(admin()), again.ID); fieldError(err, "rows") == "" {
			t.Errorf("trying again what is done: %v", err)
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
			{"one role both ways", "roles", allAgents(), support, support},
			{"a role that does not exist", "roles", allAgents(), []int64{987654}, nil},
			{"nobody", "targets", bulk.Targets{}, support, nil},
			{"nobody who matches", "targets", bulk.Targets{All: true, Filter: allAgents().Filter}, nil, support},
		}
		tests[4].targets.Filter.Query = "no such person"
		for _, test := range tests {
			if err := plan(test.targets, test.grant, test.revoke); fieldError(err, test.field) == "" {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		if denied, ok := errors.AsType[*policy.Denied](plan(allAgents(), owner, nil)); !ok ||
			denied.Permission != policy.Privileged {
			t.Errorf("an editor may plan to grant Owner: %v", denied)
		}
		_, err := d.Bulk.PlanRoles(
			t.Context(),
			d.request(apptest.Operator("viewer", policy.Viewer)),
			allAgents(),
			support,
			nil,
		)
		if denied, ok := errors.AsType[*policy.Denied](err); !ok || denied.Permission != policy.BulkStart {
			t.Errorf("a viewer may plan: %v", err)
		}
		if runs := must[[]bulk.Change](t)(d.Bulk.List(t.Context(), editor(), d.Account)); len(runs) != 0 {
			t.Errorf("drafts were left: %+v", runs)
		}
	})
}

func TestEditorSkipsPrivilegedSubusers(t *testing.T) {
	inWorld(t, apptest.Options{Company: agents(2)}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		targets := subusers(200, 1001, 1001, 555)
		r := must[bulk.Change](t)(d.Bulk.PlanRoles(t.Context(), d.request(editor()), targets, d.roleIDs("Accountant"), nil))
		wantSummary(t, r, "draft, 1 waiting, 2 skipped")
		problems := d.items(r.ID, bulk.OnlyProblems)
		if len(problems) != 2 || problems[0].Problem != "Has a privileged role: only an admin can change it." ||
			problems[1].Problem != "The latest listing of the account has no subuser with the id 555." {
			t.Errorf("%+v", problems)
		}
		// Who becomes privileged after the preview is not touched either.
		if err := d.Sim.ApplyExternal(voxsim.ExternalChange{
			Kind:      voxsim.ExternalAddSubuserRoles,
			SubuserID: 1001,
			RoleIDs:   d.roleIDs("Admin"),
		}); err != nil {
			t.Fatal(err)
		}
		d.start(r)
		wantSummary(t, d.waitUntilEnded(r.ID), "done, 2 skipped, 1 not sent")
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
		one := must[bulk.Change](
			t,
		)(
			d.Bulk.PlanRoles(t.Context(), d.request(admin()), subusers(1001), nil, d.roleIDs("Owner")),
		)
		if _, confirm := one.Confirmation(); confirm || len(one.Warnings) > 0 {
			t.Errorf("another one keeps Owner: %v", one.Warnings)
		}
		r := must[bulk.Change](t)(d.Bulk.PlanRoles(
			t.Context(),
			d.request(admin()),
			bulk.Targets{All: true},
			nil,
			d.roleIDs("Owner"),
		))
		wantSummary(t, r, "draft, 2 waiting, 1 idle")
		if count, confirm := r.Confirmation(); !confirm || count != 2 {
			t.Errorf("the confirmation is %d, %v", count, confirm)
		}
		_, err := d.Bulk.Start(t.Context(), d.request(admin()), r.ID, bulk.StartForm{Confirm: "3"})
		if fieldError(err, "confirm") == "" || fieldError(err, "warned") == "" {
			t.Errorf("started without a word: %v", err)
		}
		d.start(r)
		wantSummary(t, d.waitUntilEnded(r.ID), "done, 1 idle, 2 applied")

		// The other draft said nothing of a last Owner, so it may not take the last one.
		if err := d.Sim.ApplyExternal(voxsim.ExternalChange{
			Kind:      voxsim.ExternalAddSubuserRoles,
			SubuserID: 1001,
			RoleIDs:   d.roleIDs("Owner"),
		}); err != nil {
			t.Fatal(err)
		}
		d.start(one)
		wantSummary(t, d.waitUntilEnded(one.ID), "done, 1 not sent")
		if got := d.items(
			one.ID,
			"",
		)[0].Message; got != "This would revoke Owner from the last subuser that has it. The preview did not warn of that." {
			t.Errorf("it says %q", got)
		}
	})
}

func TestInheritedRoles(t *testing.T) {
	company := agents(1)
	company.Subusers[1].Roles = []string{"UserManager"}
	inWorld(t, apptest.Options{Company: company}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		r := d.draftRoles([]string{"UserRead", "Support"}, []string{"UserUpdate"})
		row := d.items(r.ID, "")[0]
		if names(row.Grant) != "Support" || len(row.Revoke) != 0 ||
			row.Note != "Already inherits UserRead through another role. "+
				"Keeps UserUpdate, which is inherited through another role." {
			t.Errorf("%+v", row)
		}
		d.start(r)
		wantSummary(t, d.waitUntilEnded(r.ID), "done, 1 applied")
	})
}
