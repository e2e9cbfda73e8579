package bulk_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// draftDelete drafts the deletion of the targets.
func (d fixture) draftDelete(targets bulk.Targets) bulk.Change {
	d.t.Helper()
	return must[bulk.Change](d.t)(d.Bulk.PlanDelete(d.t.Context(), d.request(admin()), targets))
}

// agentsWithKey returns agents, with a key that belongs to the second one. consoleKeyOwner is the login of the subuser
// that the console key belongs to, "" for none.
func agentsWithKey(count int, consoleKeyOwner string) voxsim.Company {
	company := agents(count)
	company.Keys[0].Subuser = consoleKeyOwner
	company.Keys = append(
		company.Keys,
		voxsim.Key{
			ID:      "11111111-1111-4111-8111-111111111111",
			Name:    "wallboard",
			Subuser: "agent_0002",
			Roles:   []string{"Supervisor"},
		},
	)
	return company
}

func TestDeleteNeedsCountAndWarnings(t *testing.T) {
	inWorld(t, apptest.Options{Company: agentsWithKey(4, "the_owner")}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		change := d.draftDelete(allAgents())
		wantSummary(t, change, "draft, 4 waiting")
		if !slices.Equal(change.Warnings, []operations.Warning{operations.WarnKeys}) {
			t.Errorf("warnings %v", change.Warnings)
		}
		want := "Keys that belong to agent_0002: wallboard. They may be deleted too or stay without an " +
			"owner: Voximplant does not document it."
		if note := d.items(change.ID, "")[1].Note; note != want {
			t.Errorf("the note of the second item is %q", note)
		}
		for _, form := range []bulk.StartForm{
			{},
			{Confirm: "5", Warned: change.Warnings},
			{Confirm: "4"},
			{Confirm: "agent_0001", Warned: change.Warnings},
			{Confirm: "4", Warned: []operations.Warning{operations.WarnLastOwner}},
			{Confirm: "4", Warned: change.Warnings, Reason: strings.Repeat("x", 1001)},
		} {
			_, err := d.Bulk.Start(t.Context(), d.request(admin()), change.ID, form)
			if fieldError(err, "confirm")+fieldError(err, "warned")+fieldError(err, "reason") == "" {
				t.Errorf("%+v started it: %v", form, err)
			}
		}
		wantSummary(t, d.show(change.ID), "draft, 4 waiting")
		form := bulk.StartForm{Confirm: " 4 ", Warned: change.Warnings}
		must[bulk.Started](t)(d.Bulk.Start(t.Context(), d.request(admin()), change.ID, form))
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 4 applied")
		if left := len(d.Sim.State().Subusers); left != 1 {
			t.Errorf("%d subusers are left", left)
		}
		// The simulator does not delete the key.
		if message := d.items(change.ID, "")[1].Message; message != "Keys that may still work: wallboard." {
			t.Errorf("the message of the second item is %q", message)
		}
		d.checkAgreement()
	})
}

func TestDeleteSkipsOwnerOfConsoleKey(t *testing.T) {
	for _, test := range []struct {
		name     string
		variants voxsim.Variants
		want     string
		warnings []operations.Warning
	}{
		{"known", voxsim.Variants{}, "draft, 2 waiting, 1 skipped", []operations.Warning{operations.WarnKeys}},
		{
			"not reported by the vendor",
			voxsim.Variants{KeySubuser: voxsim.KeySubuserAbsent},
			"draft, 3 waiting",
			[]operations.Warning{operations.WarnLastOwner, operations.WarnConsoleKeyOwnerUnknown, operations.WarnKeys},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			company := agentsWithKey(2, "the_owner")
			inWorld(t, apptest.Options{Company: company, Variants: test.variants}, func(t *testing.T, d fixture) {
				change := d.draftDelete(bulk.Targets{Kind: access.Subuser, All: true})
				wantSummary(t, change, test.want)
				if !slices.Equal(change.Warnings, test.warnings) {
					t.Errorf("warnings %v", change.Warnings)
				}
				for _, item := range d.items(change.ID, bulk.OnlyProblems) {
					if item.Name != "the_owner" ||
						!strings.Contains(item.Problem, "The console key belongs to the_owner.") {
						t.Errorf("%+v", item)
					}
				}
			})
		})
	}
}

// TestDeleteConflictAfterPreview changes the account between the preview and the deletion, so that the deletion needs
// another warning or must not happen.
func TestDeleteConflictAfterPreview(t *testing.T) {
	tests := []struct {
		name    string
		outside func(d fixture) voxsim.ExternalChange
		message string
	}{
		{"other roles", func(d fixture) voxsim.ExternalChange {
			return voxsim.ExternalChange{Kind: voxsim.ExternalAddSubuserRoles, SubuserID: 1001, RoleIDs: d.roleIDs("Accountant")}
		}, "The roles, the keys or the warnings changed since the preview."},
		{"gone", func(fixture) voxsim.ExternalChange {
			return voxsim.ExternalChange{Kind: voxsim.ExternalDeleteSubuser, SubuserID: 1001}
		}, "The subuser is no longer in the account."},
		{"the only Owner", func(fixture) voxsim.ExternalChange {
			return voxsim.ExternalChange{Kind: voxsim.ExternalDeleteSubuser, SubuserID: 200}
		}, "The roles, the keys or the warnings changed since the preview."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			company := agentsWithKey(3, "agent_0003")
			company.Subusers[1].Roles = []string{"Owner"}
			inWorld(t, apptest.Options{Company: company}, func(t *testing.T, d fixture) {
				defer d.startWorkers()()
				change := d.draftDelete(subusers(1001))
				wantSummary(t, change, "draft, 1 waiting")
				if err := d.Sim.ApplyExternal(test.outside(d)); err != nil {
					t.Fatal(err)
				}
				d.start(change)
				wantSummary(t, d.waitUntilEnded(change.ID), "done, 1 not sent")
				if got := d.items(change.ID, "")[0].Message; got != test.message {
					t.Errorf("the message is %q", got)
				}
				if d.writeCount() != 0 {
					t.Errorf("%d writes", d.writeCount())
				}
			})
		})
	}
}

func TestEditorCannotDeleteKeysOrPrivileged(t *testing.T) {
	inWorld(t, apptest.Options{Company: agentsWithKey(3, "")}, func(t *testing.T, d fixture) {
		targets := bulk.Targets{Kind: access.Subuser, All: true}
		change := must[bulk.Change](t)(d.Bulk.PlanDelete(t.Context(), d.request(editor()), targets))
		wantSummary(t, change, "draft, 2 waiting, 2 skipped")
		var problems []string
		for _, item := range d.items(change.ID, bulk.OnlyProblems) {
			problems = append(problems, item.Problem)
		}
		if got := fmt.Sprint(problems); !strings.Contains(got, "Only an operator that can delete keys can do this.") ||
			!strings.Contains(got, "Has a privileged role") {
			t.Errorf("the problems are %s", got)
		}
	})
}

func TestPlanNeedsPermission(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		for _, o := range []policy.DashboardRole{policy.Viewer, policy.Auditor} {
			request := d.request(apptest.Operator("an operator", o))
			_, rolesErr := d.Bulk.PlanRoles(t.Context(), request, allAgents(), d.roleIDs("Support"), nil)
			_, deleteErr := d.Bulk.PlanDelete(t.Context(), request, allAgents())
			_, importErr := d.Bulk.PlanImport(t.Context(), request, bulk.ImportFile{Content: []byte("login\nanna_k\n")})
			for _, err := range []error{rolesErr, deleteErr, importErr} {
				if _, denied := errors.AsType[*policy.Denied](err); !denied {
					t.Errorf("%s: %v", o, err)
				}
			}
		}
	})
}
