package bulk_test

import (
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// planCase is a bulk change to draft.
type planCase struct {
	kind       access.Kind
	name       string
	privileged bool   // expected of an admin's draft
	admin      string // the expected summary of an admin's draft
	editor     string // that of an editor's draft, "denied" when there is none
	plan       func(d fixture, o operator.Operator) (bulk.Change, error)
}

// planCases returns bulk changes of every kind for every kind of principals, unprivileged ones and ones that are
// privileged in every possible way.
func planCases() []planCase {
	var all []planCase
	for _, kind := range access.Kinds() {
		all = append(all, planCasesOf(kind)...)
	}
	return all
}

// planCasesOf returns the bulk changes of one kind of principals. Those of keys are all privileged: they need an admin.
func planCasesOf(kind access.Kind) []planCase {
	cases := slices.DeleteFunc(allPlanCases(kind), func(p planCase) bool { return p.kind != "" && p.kind != kind })
	for i := range cases {
		cases[i].kind = kind
		if kind == access.Key {
			cases[i].privileged, cases[i].editor = true, "denied"
		}
	}
	return cases
}

// allPlanCases returns the cases with targets of a kind, and the cases of every kind that only one kind has.
func allPlanCases(kind access.Kind) []planCase {
	roles := func(targets []int64, grant, revoke []string) func(d fixture, o operator.Operator) (bulk.Change, error) {
		return func(d fixture, o operator.Operator) (bulk.Change, error) {
			return d.Bulk.PlanRoles(
				d.t.Context(),
				d.request(o),
				targetsOf(kind, targets...),
				d.roleIDs(grant...),
				d.roleIDs(revoke...),
			)
		}
	}
	grant := func(targets []int64, names ...string) func(d fixture, o operator.Operator) (bulk.Change, error) {
		return roles(targets, names, nil)
	}
	remove := func(ids ...int64) func(d fixture, o operator.Operator) (bulk.Change, error) {
		return func(d fixture, o operator.Operator) (bulk.Change, error) {
			return d.Bulk.PlanDelete(d.t.Context(), d.request(o), targetsOf(kind, ids...))
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
			"",
			"grant an unprivileged role to all",
			true,
			"draft, 7 waiting",
			"draft, 4 waiting, 3 skipped",
			grant(allIDs(), "Accountant"),
		},
		{
			"",
			"grant an unprivileged role to unprivileged principals",
			false,
			"draft, 4 waiting",
			"draft, 4 waiting",
			grant([]int64{noRoles, plain, halfPrivileged, withKey}, "Accountant"),
		},
		{"", "grant a privileged role", true, "draft, 1 waiting", "denied", grant([]int64{plain}, "Admin")},
		{
			"",
			"grant an unprivileged and a privileged role",
			true,
			"draft, 1 waiting",
			"denied",
			grant([]int64{plain}, "Accountant", "Owner"),
		},
		{
			"",
			"grant a role that contains a privileged one",
			true,
			"draft, 1 waiting",
			"denied",
			grant([]int64{plain}, "ACDManager"),
		},
		{
			"",
			"grant all roles that a privileged one contains",
			true,
			"draft, 1 waiting",
			"denied",
			grant([]int64{plain}, "UserRead", "UserUpdate"),
		},
		{
			"",
			"grant the rest of the roles that a privileged one contains",
			true,
			"draft, 2 waiting",
			"draft, 1 waiting, 1 skipped",
			grant([]int64{plain, halfPrivileged}, "UserRead"),
		},
		{
			"",
			"grant some roles that a privileged one contains",
			false,
			"draft, 2 waiting",
			"draft, 2 waiting",
			grant([]int64{noRoles, plain}, "UserRead"),
		},
		{
			"",
			"revoke an unprivileged role from all",
			true,
			"draft, 6 waiting, 1 idle",
			"draft, 3 waiting, 1 idle, 3 skipped",
			roles(allIDs(), nil, []string{"CallHistory"}),
		},
		{
			"",
			"revoke an unprivileged role from unprivileged principals",
			false,
			"draft, 2 waiting",
			"draft, 2 waiting",
			roles([]int64{plain, halfPrivileged}, nil, []string{"CallHistory"}),
		},
		{"", "revoke a privileged role", true, "draft, 1 waiting", "denied", roles([]int64{owner}, nil, []string{"Owner"})},
		{
			"",
			"revoke a role from all that a privileged one contains",
			true,
			"draft, 1 waiting",
			"draft, 1 skipped",
			roles([]int64{bothHalves}, nil, []string{"UserRead"}),
		},
		{
			"",
			"delete unprivileged principals",
			false,
			"draft, 3 waiting",
			"draft, 3 waiting",
			remove(noRoles, plain, halfPrivileged),
		},
		{"", "delete an Owner", true, "draft, 1 waiting", "draft, 1 skipped", remove(owner)},
		{
			"",
			"delete a principal with a role that contains a privileged one",
			true,
			"draft, 2 waiting",
			"draft, 1 waiting, 1 skipped",
			remove(container, plain),
		},
		{
			"",
			"delete a principal with all roles that a privileged one contains",
			true,
			"draft, 1 waiting",
			"draft, 1 skipped",
			remove(bothHalves),
		},
		{
			access.Subuser,
			"delete a subuser with a key",
			true,
			"draft, 2 waiting",
			"draft, 1 waiting, 1 skipped",
			remove(withKey, plain),
		},
		{
			access.Subuser,
			"import unprivileged subusers",
			false,
			"draft, 2 waiting",
			"draft, 2 waiting",
			file("new_user_1,Developer;UserRead", "new_user_2,"),
		},
		{
			access.Subuser,
			"import an Owner and another subuser",
			true,
			"draft, 2 waiting",
			"draft, 1 waiting, 1 skipped",
			file("new_user_1,Developer", "new_user_2,Owner"),
		},
		{
			access.Subuser,
			"import with a role that contains a privileged one",
			true,
			"draft, 1 waiting",
			"draft, 1 skipped",
			file("new_user_1,ACDManager"),
		},
		{
			access.Subuser,
			"import with all roles that a privileged one contains",
			true,
			"draft, 1 waiting",
			"draft, 1 skipped",
			file("new_user_1,UserRead;UserUpdate"),
		},
	}
}

// planCaseNamed returns the case of subusers with this name.
func planCaseNamed(name string) planCase { return planCaseOf(access.Subuser, name) }

// planCaseOf returns the case of a kind with this name.
func planCaseOf(kind access.Kind, name string) planCase {
	all := planCasesOf(kind)
	return all[slices.IndexFunc(all, func(p planCase) bool { return p.name == name })]
}
