package operations_test

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// catalogueChanges make plain roles privileged at the vendor: all that principals() have, and that are granted to them.
func catalogueChanges() map[string][]voxsim.RoleChange {
	const owner, payer = 1, 105
	plain := []int64{7, 101, 110, 121, 122} // Accountant, Developer, CallHistory, UserRead, UserUpdate
	changes := map[string][]voxsim.RoleChange{
		"they contain Owner": {{RoleID: owner, Parents: plain}},
		"they contain a role that contains Owner": {
			{RoleID: owner, Parents: []int64{payer}},
			{RoleID: payer, Parents: plain},
		},
	}
	for _, id := range plain {
		name := "they get the name of a privileged role"
		changes[name] = append(changes[name], voxsim.RoleChange{RoleID: id, Name: "o W\u00a0ner"})
		name = "they are listed again with the name of a privileged role"
		changes[name] = append(changes[name], voxsim.RoleChange{RoleID: id, OtherName: "Admin"})
	}
	return changes
}

// TestRoleBecomesPrivilegedAfterForm changes the catalogue after the console has read it. Every action of an editor
// that concerns one of the roles is denied at once, without a trace; an admin may.
func TestRoleBecomesPrivilegedAfterForm(t *testing.T) {
	t.Parallel()
	for name, changes := range catalogueChanges() {
		t.Run(name, func(t *testing.T) {
			inPermissionWorld(t, apptest.StrictPolicy(), func(g *permissionWorld) {
				for _, p := range apptest.Callers() {
					if p.MayChange {
						partlyAppliedReissue(g, p.Operator)
					}
				}
				partlyAppliedReissue(g, apptest.Callers()[len(apptest.Callers())-1].Operator)
				g.Directory.Catalogue(g.t.Context(), g.Account) // as a form does
				for _, change := range changes {
					if err := g.Sim.ChangeRole(change); err != nil {
						g.t.Fatal(err)
					}
				}
				g.checkAllActions(true)
			})
		})
	}
}

// TestUnchangedCatalogueIsReadForEditors counts the readings of the roles: one for each change of an editor, none for
// one of an admin.
func TestUnchangedCatalogueIsReadForEditors(t *testing.T) {
	inPermissionWorld(t, apptest.StrictPolicy(), func(g *permissionWorld) {
		readings := func() int {
			count := 0
			for _, call := range g.Sim.Calls() {
				if call.Method == "GetRoles" {
					count++
				}
			}
			return count
		}
		g.Directory.Catalogue(g.t.Context(), g.Account)
		time.Sleep(time.Second) // the groups are read too
		for _, p := range apptest.Callers() {
			if !p.MayChange {
				continue
			}
			before := readings()
			for range 6 {
				if err := g.create(p.Operator, g.unusedName(), principals()[1], ""); err != nil {
					g.t.Fatalf("%s: %v", p.Name, err)
				}
			}
			want := 6
			if p.IsAdmin {
				want = 0
			}
			if got := readings() - before; got != want {
				g.t.Errorf("%s: the roles were read %d times for 6 changes, want %d", p.Name, got, want)
			}
		}
	})
}

// TestPrincipalReportsEdge lets only the vendor's replies about principals report which role contains which. They list
// direct roles: Developer, which contains Owner.
func TestPrincipalReportsEdge(t *testing.T) {
	inBubble(t, apptest.Options{
		Company:  smallTeam(),
		Variants: voxsim.Variants{RoleLinks: voxsim.RoleLinksAssigned, RoleList: voxsim.RoleListDirect},
	}, func(t *testing.T, w *apptest.World) {
		if err := w.Sim.ChangeRole(voxsim.RoleChange{RoleID: 1, Parents: []int64{101}}); err != nil {
			t.Fatal(err)
		}
		for by, want := range map[string]string{"editor": "denied privileged", "admin": "begun"} {
			_, err := w.Operations.Edit(t.Context(), operations.Edit{
				Request: operations.Request{
					ID:       w.Operations.NewID(),
					Operator: apptest.Operator(by, policy.DashboardRole(by)),
					Account:  w.Account,
				},
				Ref:         access.SubuserRef(203),
				Description: "changed",
			})
			if got := describeResult(err); got != want {
				t.Errorf("%s: %s, want %s", by, got, want)
			}
		}
	})
}

// TestPrivilegedRolesFollowTheCatalogue compares the privileged roles of a catalogue before and after the vendor
// changed a role. They are computed once for each reading, and belong to the catalogue that is asked for, also to an
// older one.
func TestPrivilegedRolesFollowTheCatalogue(t *testing.T) {
	w := apptest.NewWorld(t, apptest.Options{Company: voxsim.SmallCompany()})
	defer w.Close()
	const accountant = 7
	before := w.Directory.FreshCatalogue(t.Context(), w.Account, 0)
	if !before.Known || w.Operations.PrivilegedRoles(before).Has(accountant) {
		t.Fatalf("Accountant is privileged at first, or no roles were read: %v", before.LastError)
	}
	if n := testing.AllocsPerRun(10, func() { w.Operations.PrivilegedRoles(before) }); n != 0 {
		t.Errorf("%v allocations for a catalogue that is known, want 0", n)
	}
	if err := w.Sim.ChangeRole(voxsim.RoleChange{RoleID: accountant, Name: "Owner"}); err != nil {
		t.Fatal(err)
	}
	after := w.Directory.FreshCatalogue(t.Context(), w.Account, 0)
	for range 2 {
		if !w.Operations.PrivilegedRoles(after).Has(accountant) {
			t.Error("a role with the name of a privileged one is not privileged")
		}
		if w.Operations.PrivilegedRoles(before).Has(accountant) {
			t.Error("the older catalogue has a privileged role of the newer one")
		}
		if !w.Operations.PrivilegedRoles(directory.Catalogue{}).Has(accountant) {
			t.Error("without a catalogue, a role is not privileged")
		}
	}
}
