package bulk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// privilegedGrants are the roles that make the grants of planCases privileged, by the name of the case.
func privilegedGrants() map[string]string {
	return map[string]string{
		"grant a privileged role":                                    "Admin",
		"grant an unprivileged and a privileged role":                "Owner",
		"grant a role that contains a privileged one":                "ACDManager",
		"grant all roles that a privileged one contains":             "UserRead UserUpdate",
		"grant the rest of the roles that a privileged one contains": "UserRead",
		"import an Owner and another subuser":                        "Owner",
		"import with a role that contains a privileged one":          "ACDManager",
		"import with all roles that a privileged one contains":       "UserRead UserUpdate",
	}
}

// A bulk change and an import that grant a privileged role name it and need a reason; no other one does.
func TestPrivilegedGrantsNeedReason(t *testing.T) {
	inPrivilegeWorld(t, func(t *testing.T, d fixture) {
		admin := operatorNamed("an admin")
		for _, plan := range planCases() {
			change := must[bulk.Change](t)(plan.plan(d, admin))
			want := privilegedGrants()[plan.name]
			if got := grantNames(d.show(change.ID)); got != want {
				t.Errorf("%s: the privileged grants are %q, want %q", plan.name, got, want)
			}
			if want == "" {
				if err := d.tryStartFor(admin, change, ""); err != nil {
					t.Errorf("%s did not start without a reason: %v", plan.name, err)
				}
				continue
			}
			for _, reason := range []string{"", " ", "\u200b"} {
				invalid, refused := errors.AsType[*operations.Invalid](d.tryStartFor(admin, change, reason))
				if !refused || invalid.Fields["reason"] == "" || d.show(change.ID).State != bulk.Draft {
					t.Errorf("%s started with the reason %q", plan.name, reason)
				}
			}
		}
	})
}

// A role that becomes privileged after the preview is not granted by an item without a reason.
func TestRoleBecomesPrivilegedAfterPreview(t *testing.T) {
	inPrivilegeWorld(t, func(t *testing.T, d fixture) {
		admin := operatorNamed("an admin")
		change := must[bulk.Change](t)(planCaseNamed("grant an unprivileged role to unprivileged principals").plan(d, admin))
		if err := d.tryStartFor(admin, change, ""); err != nil {
			t.Fatal(err)
		}
		if err := d.Sim.ChangeRole(voxsim.RoleChange{RoleID: 1, Parents: d.roleIDs("Accountant")}); err != nil {
			t.Fatal(err)
		}
		d.Refresh(t)
		defer d.startWorkers()()
		d.waitUntilEnded(change.ID)
		for _, item := range d.items(change.ID, "") {
			if !strings.Contains(item.Message, "It is required to grant a privileged role.") {
				t.Errorf("item %d: %s %q", item.N, item.Result, item.Message)
			}
		}
		if writes := d.writeCount(); writes != 0 {
			t.Errorf("the vendor received %d changes", writes)
		}
	})
}

func grantNames(change bulk.Change) string {
	var names []string
	for _, role := range change.PrivilegedGrants {
		names = append(names, role.Name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}
