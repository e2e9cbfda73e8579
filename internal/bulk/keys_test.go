package bulk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// keyCompany returns a company of two agents with a console key and three others: one without a name, one that belongs
// to the second agent, and one that inherits a role.
func keyCompany() voxsim.Company {
	company := agents(2)
	company.Keys[0].Name = "the console"
	company.Keys = append(
		company.Keys,
		voxsim.Key{ID: keyID(1), Roles: []string{"Support"}},
		voxsim.Key{ID: keyID(2), Name: "wallboard", Subuser: "agent_0002", Roles: []string{"Support"}},
		voxsim.Key{ID: keyID(3), Name: "reports", Roles: []string{"UserManager", "Accountant"}},
	)
	return company
}

// keyRoleNames returns the names of the direct roles of a key in the simulator.
func (d fixture) keyRoleNames(id string) string {
	state := d.Sim.State()
	key, exists := state.Key(id)
	if !exists {
		return "no such key"
	}
	var names []string
	for _, r := range state.Roles {
		if slices.Contains(key.RoleIDs, r.ID) {
			names = append(names, r.Name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// preview returns the items of a draft in short.
func (d fixture) preview(id string) []string {
	var lines []string
	for _, item := range d.items(id, "") {
		line := strings.Join(strings.Fields(strings.Join([]string{
			item.Name, string(item.State), "+" + names(item.Grant), "-" + names(item.Revoke), item.Note, item.Problem,
		}, " ")), " ")
		lines = append(lines, line)
	}
	return lines
}

// TestChangeRolesOfKeys grants and revokes roles of all keys, but not of the console key, and undoes that.
func TestChangeRolesOfKeys(t *testing.T) {
	inWorld(t, apptest.Options{Company: keyCompany()}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		change := must[bulk.Change](t)(d.Bulk.PlanRoles(
			t.Context(),
			d.request(admin()),
			bulk.Targets{Kind: access.Key, All: true},
			d.roleIDs("Accountant", "UserRead"),
			d.roleIDs("Support"),
		))
		want := []string{
			"reports idle + - Nothing to change. Already inherits UserRead through another role.",
			"the console skipped + - This is the console key, which bulk changes leave out. Use the key's own page.",
			"wallboard waiting +Accountant UserRead -Support",
			"waiting +Accountant UserRead -Support",
		}
		if got := d.preview(change.ID); !slices.Equal(got, want) {
			t.Errorf("the preview is\n%s", strings.Join(got, "\n"))
		}
		if change.PrincipalKind != access.Key || !change.Privileged {
			t.Errorf("%+v", change)
		}
		d.start(change)
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 1 idle, 1 skipped, 2 applied")
		for _, id := range []string{keyID(1), keyID(2)} {
			if got := d.keyRoleNames(id); got != "Accountant UserRead" {
				t.Errorf("key %s has %s", id, got)
			}
		}
		if got := d.roleNamesOf("agent_0002"); got != "Support" {
			t.Errorf("the subuser of a key has %s", got)
		}
		for _, item := range d.items(change.ID, string(audit.Refused)) {
			t.Errorf("%+v", item)
		}
		if op := must[audit.Operation](t)(
			d.AuditLog.Operation(t.Context(), d.items(change.ID, "")[3].OperationID),
		); op.Action != audit.ChangeKeyRoles || op.Target.Ref != access.KeyRef(keyID(1)) {
			t.Errorf("%+v", op)
		}
		undo := must[bulk.Change](t)(d.Bulk.Undo(t.Context(), d.request(admin()), change.ID))
		want = []string{
			"wallboard waiting +Support -Accountant UserRead",
			"waiting +Support -Accountant UserRead",
		}
		if got := d.preview(undo.ID); !slices.Equal(got, want) || undo.PrincipalKind != access.Key {
			t.Errorf("the undo is %+v\n%s", undo, strings.Join(got, "\n"))
		}
		d.start(undo)
		wantSummary(t, d.waitUntilEnded(undo.ID), "done, 2 applied")
		for _, id := range []string{keyID(1), keyID(2)} {
			if got := d.keyRoleNames(id); got != "Support" {
				t.Errorf("key %s has %s after the undo", id, got)
			}
		}
		d.Reconcile(t, 0)
	})
}

// TestDeleteKeys deletes keys, one of them without a name. A key that was renamed after the preview stays.
func TestDeleteKeys(t *testing.T) {
	inWorld(t, apptest.Options{Company: keyCompany()}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		targets := targetsOf(access.Key, 1, 2, 9)
		targets.Refs = append(targets.Refs, access.KeyRef(d.ConsoleKey()))
		change := d.draftDelete(targets)
		want := []string{
			"waiting + -",
			"wallboard waiting + -",
			"skipped + - The latest listing of the account has no key with the id " + keyID(9) + ".",
			"the console skipped + - This is the console key, which bulk changes leave out. Use the key's own page.",
		}
		if got := d.preview(change.ID); !slices.Equal(got, want) {
			t.Errorf("the preview is\n%s", strings.Join(got, "\n"))
		}
		if count, confirm := change.Confirmation(); len(change.Warnings) > 0 || !confirm || count != 2 {
			t.Errorf("%+v", change)
		}
		_, err := d.Bulk.Start(t.Context(), d.request(admin()), change.ID, bulk.StartForm{Confirm: "3"})
		if got := fieldError(err, "confirm"); got != "Type the number of keys, 2, to confirm." {
			t.Errorf("%q, %v", got, err)
		}
		if err := d.Sim.ApplyExternal(voxsim.ExternalChange{
			Kind:  voxsim.ExternalUpdateKey,
			KeyID: keyID(2),
			Name:  "wallboard 2",
		}); err != nil {
			t.Fatal(err)
		}
		d.start(change)
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 2 skipped, 1 applied, 1 not sent")
		if got := d.items(change.ID, bulk.OnlyNotSent)[0].Message; got != "The name was changed since the preview." {
			t.Errorf("the message is %q", got)
		}
		for id, want := range map[string]string{keyID(1): "no such key", keyID(2): "Support"} {
			if got := d.keyRoleNames(id); got != want {
				t.Errorf("key %s: %s, want %s", id, got, want)
			}
		}
		again := must[bulk.Change](t)(d.Bulk.Retry(t.Context(), d.request(admin()), change.ID))
		if again.PrincipalKind != access.Key || again.Kind != bulk.Delete {
			t.Errorf("%+v", again)
		}
		d.start(again)
		wantSummary(t, d.waitUntilEnded(again.ID), "done, 1 applied")
	})
}

// TestTargetsOfOneKind refuses a selection with principals of another kind.
func TestTargetsOfOneKind(t *testing.T) {
	inWorld(t, apptest.Options{Company: keyCompany()}, func(t *testing.T, d fixture) {
		for _, kind := range access.Kinds() {
			targets := bulk.Targets{Kind: kind, Refs: []access.Ref{access.SubuserRef(1001), access.KeyRef(keyID(1))}}
			if change, err := d.Bulk.PlanDelete(t.Context(), d.request(admin()), targets); err == nil {
				t.Errorf("%s: %+v", kind, change)
			}
		}
	})
}

// TestTargetsMatchFilter drafts a change of everything that a filter of the lists selects.
func TestTargetsMatchFilter(t *testing.T) {
	company := keyCompany()
	company.Subusers[1].Description, company.Keys[2].Description = "Night shift", "Hall 2"
	company.Subusers = append(company.Subusers, voxsim.Subuser{ID: 1003, Login: "agent_0003"})
	inWorld(t, apptest.Options{Company: company}, func(t *testing.T, d fixture) {
		for _, test := range []struct {
			name   string
			kind   access.Kind
			filter directory.Filter
		}{
			{"text", access.Subuser, directory.Filter{Query: "agent"}},
			{"role", access.Subuser, directory.Filter{Role: "Support"}},
			{"no roles", access.Subuser, directory.Filter{Role: "-"}},
			{"no description", access.Subuser, directory.Filter{WithoutDescription: true}},
			{"text", access.Key, directory.Filter{Query: "wallboard"}},
			{"role", access.Key, directory.Filter{Role: "Support"}},
			{"no description", access.Key, directory.Filter{WithoutDescription: true}},
			{"owner unknown", access.Key, directory.Filter{OwnerUnknown: true}},
			{"several", access.Key, directory.Filter{Role: "Support", WithoutDescription: true}},
		} {
			shown := must[directory.Page](t)(d.Directory.List(t.Context(), d.Account, test.kind, test.filter))
			targets := bulk.Targets{Kind: test.kind, All: true, Filter: test.filter}
			change, err := d.Bulk.PlanDelete(t.Context(), d.request(admin()), targets)
			if len(shown.Rows) == 0 {
				if fieldError(err, "targets") == "" {
					t.Errorf("%s of %s: %v", test.name, test.kind, err)
				}
				continue
			}
			var want, got []access.Ref
			for _, p := range shown.Rows {
				want = append(want, p.Ref)
			}
			for _, item := range d.items(change.ID, "") {
				got = append(got, item.Target)
			}
			if !slices.Equal(got, want) || change.Counts.Total != shown.Matches {
				t.Errorf("%s of %s: %v, want %v", test.name, test.kind, got, want)
			}
		}
	})
}

// TestRevokeFromSubuserWithKeys notes in the preview that the vendor will refuse a revocation because of a key.
func TestRevokeFromSubuserWithKeys(t *testing.T) {
	inWorld(t, apptest.Options{Company: keyCompany()}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		change := d.draftRoles(nil, []string{"Support"})
		want := []string{
			"agent_0001 waiting + -Support",
			"agent_0002 waiting + -Support Voximplant refuses this while keys of agent_0002 have such a role: wallboard. " +
				"Revoke it from the keys first.",
		}
		if got := d.preview(change.ID); !slices.Equal(got, want) {
			t.Errorf("the preview is\n%s", strings.Join(got, "\n"))
		}
		d.start(change)
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 1 applied, 1 refused")
	})
}

// Keys that could not be read are not "no keys".
func TestBulkChangeOfUnreadKeys(t *testing.T) {
	inWorld(t, apptest.Options{Company: keyCompany()}, func(t *testing.T, d fixture) {
		d.Sim.AddFault(voxsim.Fault{Method: "GetKeys", Count: -1, Kind: voxsim.Refuse})
		targets := bulk.Targets{Kind: access.Key, All: true}
		_, err := d.Bulk.PlanDelete(d.t.Context(), d.request(admin()), targets)
		problem, ok := errors.AsType[*operations.Invalid](err)
		if !ok || !strings.Contains(problem.Fields["targets"], "could not be read completely") {
			t.Errorf("the draft: %+v, %v", problem, err)
		}
	})
}
