package bulk_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// draftDelete drafts that all agents are deleted.
func (d fixture) draftDelete(targets bulk.Targets) bulk.Change {
	d.t.Helper()
	return must[bulk.Change](d.t)(d.Bulk.PlanDelete(d.t.Context(), d.request(admin()), targets))
}

// agentsWithKey are agents of whom the second has a key, and the owner of the console's own key is as given, "" for
// nobody.
func agentsWithKey(count int, own string) voxsim.Company {
	company := agents(count)
	company.Keys[0].Subuser = own
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
		r := d.draftDelete(allAgents())
		wantSummary(t, r, "draft, 4 waiting")
		if !slices.Equal(r.Warnings, []operations.Warning{operations.WarnKeys}) {
			t.Errorf("warnings %v", r.Warnings)
		}
		if note := d.items(
			r.ID,
			"",
		)[1].Note; note != "Keys that belong to agent_0002: wallboard. Voximplant does not document what happens to them." {
			t.Errorf("the second row says %q", note)
		}
		for _, form := range []bulk.StartForm{
			{},
			{Confirm: "5", Warned: r.Warnings},
			{Confirm: "4"},
			{Confirm: "agent_0001", Warned: r.Warnings},
			{Confirm: "4", Warned: []operations.Warning{operations.WarnLastOwner}},
			{Confirm: "4", Warned: r.Warnings, Reason: strings.Repeat("x", 1001)},
		} {
			if _, err := d.Bulk.Start(t.Context(), d.request(admin()), r.ID, form); fieldError(
				err,
				"confirm",
			)+fieldError(
				err,
				"warned",
			)+fieldError(
				err,
				"reason",
			) == "" {
				t.Errorf("%+v started it: %v", form, err)
			}
		}
		wantSummary(t, d.show(r.ID), "draft, 4 waiting")
		must[bulk.Started](
			t,
		)(
			d.Bulk.Start(t.Context(), d.request(admin()), r.ID, bulk.StartForm{Confirm: " 4 ", Warned: r.Warnings}),
		)
		wantSummary(t, d.waitUntilEnded(r.ID), "done, 4 applied")
		if left := len(d.Sim.State().Subusers); left != 1 {
			t.Errorf("%d subusers are left", left)
		}
		// The simulator lets the key live; the row must say so.
		if answer := d.items(r.ID, "")[1].Message; answer != "Keys that may still work: wallboard." {
			t.Errorf("the second row says %q", answer)
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
			"not told by the vendor",
			voxsim.Variants{KeySubuser: voxsim.KeySubuserAbsent},
			"draft, 3 waiting",
			[]operations.Warning{operations.WarnLastOwner, operations.WarnConsoleKeyOwnerUnknown, operations.WarnKeys},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			company := agentsWithKey(2, "the_owner")
			inWorld(t, apptest.Options{Company: company, Variants: test.variants}, func(t *testing.T, d fixture) {
				r := d.draftDelete(bulk.Targets{All: true})
				wantSummary(t, r, test.want)
				if !slices.Equal(r.Warnings, test.warnings) {
					t.Errorf("warnings %v", r.Warnings)
				}
				for _, row := range d.items(r.ID, bulk.OnlyProblems) {
					if row.Name != "the_owner" ||
						!strings.Contains(row.Problem, "The console key belongs to the_owner.") {
						t.Errorf("%+v", row)
					}
				}
			})
		})
	}
}

// TestDeleteConflictAfterPreview changes what a delete must warn of, or be kept from, between preview and turn.
func TestDeleteConflictAfterPreview(t *testing.T) {
	tests := []struct {
		name   string
		behind func(d fixture) voxsim.ExternalChange
		says   string
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
				r := d.draftDelete(subusers(1001))
				wantSummary(t, r, "draft, 1 waiting")
				if err := d.Sim.ApplyExternal(test.behind(d)); err != nil {
					t.Fatal(err)
				}
				d.start(r)
				wantSummary(t, d.waitUntilEnded(r.ID), "done, 1 not sent")
				if got := d.items(r.ID, "")[0].Message; got != test.says {
					t.Errorf("it says %q", got)
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
		r := must[bulk.Change](t)(d.Bulk.PlanDelete(t.Context(), d.request(editor()), bulk.Targets{All: true}))
		wantSummary(t, r, "draft, 2 waiting, 2 skipped")
		var problems []string
		for _, row := range d.items(r.ID, bulk.OnlyProblems) {
			problems = append(problems, row.Problem)
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
			act := d.request(apptest.Operator("somebody", o))
			_, roles := d.Bulk.PlanRoles(t.Context(), act, allAgents(), d.roleIDs("Support"), nil)
			_, gone := d.Bulk.PlanDelete(t.Context(), act, allAgents())
			_, file := d.Bulk.PlanImport(t.Context(), act, []byte("login\nanna_k\n"))
			for _, err := range []error{roles, gone, file} {
				if _, denied := errors.AsType[*policy.Denied](err); !denied {
					t.Errorf("%s: %v", o, err)
				}
			}
		}
	})
}
