package bulk_test

import (
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// planCase is a bulk change to draft.
type planCase struct {
	name       string
	privileged bool   // expected of an admin's draft
	admin      string // the expected summary of an admin's draft
	editor     string // that of an editor's draft, "denied" when there is none
	plan       func(d fixture, o operator.Operator) (bulk.Change, error)
}

// planCases returns bulk changes of every kind, unprivileged ones and ones that are privileged in every possible way.
func planCases() []planCase {
	roles := func(targets []int64, grant, revoke []string) func(d fixture, o operator.Operator) (bulk.Change, error) {
		return func(d fixture, o operator.Operator) (bulk.Change, error) {
			return d.Bulk.PlanRoles(
				d.t.Context(),
				d.request(o),
				subusers(targets...),
				d.roleIDs(grant...),
				d.roleIDs(revoke...),
			)
		}
	}
	grant := func(targets []int64, names ...string) func(d fixture, o operator.Operator) (bulk.Change, error) {
		return roles(targets, names, nil)
	}
	remove := func(targets ...int64) func(d fixture, o operator.Operator) (bulk.Change, error) {
		return func(d fixture, o operator.Operator) (bulk.Change, error) {
			return d.Bulk.PlanDelete(d.t.Context(), d.request(o), subusers(targets...))
		}
	}
	file := func(lines ...string) func(d fixture, o operator.Operator) (bulk.Change, error) {
		return func(d fixture, o operator.Operator) (bulk.Change, error) {
			file := bulk.ImportFile{Content: []byte("login,roles\n" + strings.Join(lines, "\n"))}
			return d.Bulk.PlanImport(d.t.Context(), d.request(o), file)
		}
	}
	return []planCase{
		{
			"grant an unprivileged role to all",
			true,
			"draft, 7 waiting",
			"draft, 4 waiting, 3 skipped",
			grant(allIDs(), "Accountant"),
		},
		{
			"grant an unprivileged role to unprivileged subusers",
			false,
			"draft, 4 waiting",
			"draft, 4 waiting",
			grant([]int64{noRoles, plain, halfPrivileged, withKey}, "Accountant"),
		},
		{"grant a privileged role", true, "draft, 1 waiting", "denied", grant([]int64{plain}, "Admin")},
		{
			"grant an unprivileged and a privileged role",
			true,
			"draft, 1 waiting",
			"denied",
			grant([]int64{plain}, "Accountant", "Owner"),
		},
		{
			"grant a role that contains a privileged one",
			true,
			"draft, 1 waiting",
			"denied",
			grant([]int64{plain}, "ACDManager"),
		},
		{
			"grant all roles that a privileged one contains",
			true,
			"draft, 1 waiting",
			"denied",
			grant([]int64{plain}, "UserRead", "UserUpdate"),
		},
		{
			"grant the rest of the roles that a privileged one contains",
			true,
			"draft, 2 waiting",
			"draft, 1 waiting, 1 skipped",
			grant([]int64{plain, halfPrivileged}, "UserRead"),
		},
		{
			"grant some roles that a privileged one contains",
			false,
			"draft, 2 waiting",
			"draft, 2 waiting",
			grant([]int64{noRoles, plain}, "UserRead"),
		},
		{
			"revoke an unprivileged role from all",
			true,
			"draft, 6 waiting, 1 idle",
			"draft, 3 waiting, 1 idle, 3 skipped",
			roles(allIDs(), nil, []string{"CallHistory"}),
		},
		{
			"revoke an unprivileged role from unprivileged subusers",
			false,
			"draft, 2 waiting",
			"draft, 2 waiting",
			roles([]int64{plain, halfPrivileged}, nil, []string{"CallHistory"}),
		},
		{"revoke a privileged role", true, "draft, 1 waiting", "denied", roles([]int64{owner}, nil, []string{"Owner"})},
		{
			"revoke a role from all that a privileged one contains",
			true,
			"draft, 1 waiting",
			"draft, 1 skipped",
			roles([]int64{bothHalves}, nil, []string{"UserRead"}),
		},
		{
			"delete unprivileged subusers",
			false,
			"draft, 3 waiting",
			"draft, 3 waiting",
			remove(noRoles, plain, halfPrivileged),
		},
		{"delete an Owner", true, "draft, 1 waiting", "draft, 1 skipped", remove(owner)},
		{
			"delete a subuser with a role that contains a privileged one",
			true,
			"draft, 2 waiting",
			"draft, 1 waiting, 1 skipped",
			remove(container, plain),
		},
		{
			"delete a subuser with all roles that a privileged one contains",
			true,
			"draft, 1 waiting",
			"draft, 1 skipped",
			remove(bothHalves),
		},
		{"delete a subuser with a key", true, "draft, 2 waiting", "draft, 1 waiting, 1 skipped", remove(withKey, plain)},
		{
			"import unprivileged subusers",
			false,
			"draft, 2 waiting",
			"draft, 2 waiting",
			file("new_user_1,Developer;UserRead", "new_user_2,"),
		},
		{
			"import an Owner and another subuser",
			true,
			"draft, 2 waiting",
			"draft, 1 waiting, 1 skipped",
			file("new_user_1,Developer", "new_user_2,Owner"),
		},
		{
			"import with a role that contains a privileged one",
			true,
			"draft, 1 waiting",
			"draft, 1 skipped",
			file("new_user_1,ACDManager"),
		},
		{
			"import with all roles that a privileged one contains",
			true,
			"draft, 1 waiting",
			"draft, 1 skipped",
			file("new_user_1,UserRead;UserUpdate"),
		},
	}
}

// planCaseNamed returns the case with this name.
func planCaseNamed(name string) planCase {
	all := planCases()
	return all[slices.IndexFunc(all, func(p planCase) bool { return p.name == name })]
}
