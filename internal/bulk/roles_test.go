package bulk_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

func TestRolesFromDraftToDone(t *testing.T) {
	company := agents(4)
	company.Subusers[2].Roles = []string{"Support", "Accountant"}
	company.Subusers[3].Roles = []string{"Accountant"}
	inWorld(t, apptest.Options{Company: company}, func(t *testing.T, d desk) {
		defer d.work()()
		r := d.planned([]string{"Accountant"}, []string{"Support"})
		want(t, r, "draft, 3 waiting, 1 idle")
		if len(d.Sim.Ledger()) != 0 || d.writes() != 0 {
			t.Fatal("something was sent before the start")
		}
		var preview []string
		for _, row := range d.rows(r.ID, "") {
			preview = append(preview, row.Login+" +"+names(row.Grant)+" -"+names(row.Revoke)+" "+row.Note)
		}
		if got := strings.Join(
			preview,
			"\n",
		); got != "agent_0001 +Accountant -Support \nagent_0002 + -Support \nagent_0003 + - Nothing to "+
			"change.\nagent_0004 +Accountant -Support " {
			t.Errorf("the preview is\n%s", got)
		}
		d.start(r)
		want(t, d.ended(r.ID), "done, 1 idle, 3 applied")
		for _, login := range []string{"agent_0001", "agent_0002", "agent_0003", "agent_0004"} {
			if got := d.held(login); got != "Accountant" {
				t.Errorf("%s holds %s", login, got)
			}
		}
		d.agree()
		row := d.rows(r.ID, "")[0]
		op := must[audit.Operation](t)(d.Record.Operation(t.Context(), row.OperationID))
		intent := must[operations.Intent](t)(operations.ReadIntent(op))
		actor := op.Actor
		if op.Reason != "the yearly review" || op.RequestID != r.ID || intent.Run != r.ID || actor.ID() != admin().ID() ||
			actor.SessionID != "a session" || actor.Address != "192.0.2.7" || actor.AddressFrom != audit.FromForwarded {
			t.Errorf("the record says %+v, run %q", op, intent.Run)
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

func TestARowSomebodyElseChangedIsNotSent(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d desk) {
		defer d.work()()
		r := d.planned([]string{"Accountant"}, nil)
		if err := d.Sim.ApplyExternal(voxsim.ExternalChange{
			Kind:      voxsim.ExternalAddSubuserRoles,
			SubuserID: 1002,
			RoleIDs:   d.roles("Supervisor"),
		}); err != nil {
			t.Fatal(err)
		}
		if err := d.Sim.ApplyExternal(voxsim.ExternalChange{Kind: voxsim.ExternalDeleteSubuser, SubuserID: 1003}); err != nil {
			t.Fatal(err)
		}
		d.start(r)
		want(t, d.ended(r.ID), "done, 6 applied, 2 not sent")
		left := d.rows(r.ID, bulk.OnlyNotSent)
		if len(left) != 2 || left[0].Answer != "Somebody changed the roles since the preview." ||
			left[1].Answer != "The subuser is no longer in the account." ||
			left[0].OperationID != "" {
			t.Fatalf("%+v", left)
		}
		if got := d.held("agent_0002"); got != "Support Supervisor" {
			t.Errorf("agent_0002 holds %s", got)
		}

		again := must[bulk.Run](t)(d.Bulk.Retry(t.Context(), d.act(admin()), r.ID))
		want(t, again, "draft, 1 waiting, 1 skipped")
		if again.RetryOf != r.ID || names(again.Grant) != "Accountant" {
			t.Errorf("%+v", again)
		}
		d.start(again)
		want(t, d.ended(again.ID), "done, 1 skipped, 1 applied")
		d.agree()
		if _, err := d.Bulk.Retry(t.Context(), d.act(admin()), again.ID); field(err, "rows") == "" {
			t.Errorf("trying again what is done: %v", err)
		}
	})
}

func TestRolesThatCannotBePlanned(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d desk) {
		support, owner := d.roles("Support"), d.roles("Owner")
		plan := func(targets bulk.Targets, grant, revoke []int64) error {
			_, err := d.Bulk.PlanRoles(t.Context(), d.act(editor()), targets, grant, revoke)
			return err
		}
		tests := []struct {
			name, field   string
			targets       bulk.Targets
			grant, revoke []int64
		}{
			{"no role", "roles", everybody(), nil, nil},
			{"one role both ways", "roles", everybody(), support, support},
			{"a role that does not exist", "roles", everybody(), []int64{987654}, nil},
			{"nobody", "targets", bulk.Targets{}, support, nil},
			{"nobody who matches", "targets", bulk.Targets{All: true, Filter: everybody().Filter}, nil, support},
		}
		tests[4].targets.Filter.Query = "no such person"
		for _, test := range tests {
			if err := plan(test.targets, test.grant, test.revoke); field(err, test.field) == "" {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		if denied, ok := errors.AsType[*policy.Denied](plan(everybody(), owner, nil)); !ok ||
			denied.Permission != policy.Privileged {
			t.Errorf("an editor may plan to grant Owner: %v", denied)
		}
		_, err := d.Bulk.PlanRoles(t.Context(), d.act(apptest.Operator("viewer", policy.Viewer)), everybody(), support, nil)
		if denied, ok := errors.AsType[*policy.Denied](err); !ok || denied.Permission != policy.RunsStart {
			t.Errorf("a viewer may plan: %v", err)
		}
		if runs := must[[]bulk.Run](t)(d.Bulk.List(t.Context(), editor(), d.Account)); len(runs) != 0 {
			t.Errorf("drafts were left: %+v", runs)
		}
	})
}

func TestPrivilegedHoldersAreLeftOutOfAnEditorsRun(t *testing.T) {
	inWorld(t, apptest.Options{Company: agents(2)}, func(t *testing.T, d desk) {
		defer d.work()()
		targets := bulk.Targets{IDs: []int64{200, 1001, 1001, 555}}
		r := must[bulk.Run](t)(d.Bulk.PlanRoles(t.Context(), d.act(editor()), targets, d.roles("Accountant"), nil))
		want(t, r, "draft, 1 waiting, 2 skipped")
		problems := d.rows(r.ID, bulk.OnlyProblems)
		if len(problems) != 2 || problems[0].Problem != "Holds a privileged role: only an admin may do this." ||
			problems[1].Problem != "The account, as last read, has no subuser with the number 555." {
			t.Errorf("%+v", problems)
		}
		// Who becomes privileged after the preview is not touched either.
		if err := d.Sim.ApplyExternal(voxsim.ExternalChange{
			Kind:      voxsim.ExternalAddSubuserRoles,
			SubuserID: 1001,
			RoleIDs:   d.roles("Admin"),
		}); err != nil {
			t.Fatal(err)
		}
		d.start(r)
		want(t, d.ended(r.ID), "done, 2 skipped, 1 not sent")
		if d.writes() != 0 {
			t.Errorf("%d writes", d.writes())
		}
	})
}

func TestTakingOwnerFromEverybodyWantsTheNumber(t *testing.T) {
	company := agents(2)
	company.Subusers[1].Roles = []string{"Owner"}
	inWorld(t, apptest.Options{Company: company}, func(t *testing.T, d desk) {
		defer d.work()()
		one := must[bulk.Run](
			t,
		)(
			d.Bulk.PlanRoles(t.Context(), d.act(admin()), bulk.Targets{IDs: []int64{1001}}, nil, d.roles("Owner")),
		)
		if _, confirm := one.Confirmation(); confirm || len(one.Warnings) > 0 {
			t.Errorf("another one keeps Owner: %v", one.Warnings)
		}
		r := must[bulk.Run](t)(d.Bulk.PlanRoles(t.Context(), d.act(admin()), bulk.Targets{All: true}, nil, d.roles("Owner")))
		want(t, r, "draft, 2 waiting, 1 idle")
		if count, confirm := r.Confirmation(); !confirm || count != 2 {
			t.Errorf("the confirmation is %d, %v", count, confirm)
		}
		_, err := d.Bulk.Start(t.Context(), d.act(admin()), r.ID, bulk.StartForm{Confirm: "3"})
		if field(err, "confirm") == "" || field(err, "warned") == "" {
			t.Errorf("started without a word: %v", err)
		}
		d.start(r)
		want(t, d.ended(r.ID), "done, 1 idle, 2 applied")

		// The other draft said nothing of a last Owner, so it may not take the last one.
		if err := d.Sim.ApplyExternal(voxsim.ExternalChange{
			Kind:      voxsim.ExternalAddSubuserRoles,
			SubuserID: 1001,
			RoleIDs:   d.roles("Owner"),
		}); err != nil {
			t.Fatal(err)
		}
		d.start(one)
		want(t, d.ended(one.ID), "done, 1 not sent")
		if got := d.rows(
			one.ID,
			"",
		)[0].Answer; got != "This would take Owner from the last subuser who has it, which the preview did not say." {
			t.Errorf("it says %q", got)
		}
	})
}

func TestWhatIsHeldThroughAnotherRole(t *testing.T) {
	company := agents(1)
	company.Subusers[1].Roles = []string{"UserManager"}
	inWorld(t, apptest.Options{Company: company}, func(t *testing.T, d desk) {
		defer d.work()()
		r := d.planned([]string{"UserRead", "Support"}, []string{"UserUpdate"})
		row := d.rows(r.ID, "")[0]
		if names(row.Grant) != "Support" || len(row.Revoke) != 0 ||
			row.Note != "Has UserRead already, through another role. Keeps UserUpdate, which comes through another role." {
			t.Errorf("%+v", row)
		}
		d.start(r)
		want(t, d.ended(r.ID), "done, 1 applied")
	})
}
