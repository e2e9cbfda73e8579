package bulk_test

import (
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// planCase is a run that somebody drafts.
type planCase struct {
	name       string
	privileged bool   // when an admin drafts it
	admin      string // what an admin's draft counts
	editor     string // what an editor's does, "denied" when there is none
	plan       func(d fixture, o operator.Operator) (bulk.Change, error)
}

// planCases are runs of every kind with and without what is privileged in each way.
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
			return d.Bulk.PlanImport(d.t.Context(), d.request(o), []byte("login,roles\n"+strings.Join(lines, "\n")))
		}
	}
	return []planCase{
		{
			"grant a plain role to everybody",
			true,
			"draft, 7 waiting",
			"draft, 4 waiting, 3 skipped",
			grant(allIDs(), "Accountant"),
		},
		{
			"grant a plain role to whoever is plain",
			false,
			"draft, 4 waiting",
			"draft, 4 waiting",
			grant([]int64{noRoles, plain, halfPrivileged, withKey}, "Accountant"),
		},
		{"grant a privileged role", true, "draft, 1 waiting", "denied", grant([]int64{plain}, "Admin")},
		{
			"grant a plain and a privileged role",
			true,
			"draft, 1 waiting",
			"denied",
			grant([]int64{plain}, "Accountant", "Owner"),
		},
		{"grant what contains a privileged role", true, "draft, 1 waiting", "denied", grant([]int64{plain}, "ACDManager")},
		{
			"grant all that a privileged role comes down to",
			true,
			"draft, 1 waiting",
			"denied",
			grant([]int64{plain}, "UserRead", "UserUpdate"),
		},
		{
			"grant the other half of that",
			true,
			"draft, 2 waiting",
			"draft, 1 waiting, 1 skipped",
			grant([]int64{plain, halfPrivileged}, "UserRead"),
		},
		{"grant half of that", false, "draft, 2 waiting", "draft, 2 waiting", grant([]int64{noRoles, plain}, "UserRead")},
		{
			"revoke a plain role from everybody",
			true,
			"draft, 6 waiting, 1 idle",
			"draft, 3 waiting, 1 idle, 3 skipped",
			roles(allIDs(), nil, []string{"CallHistory"}),
		},
		{
			"revoke a plain role from whoever is plain",
			false,
			"draft, 2 waiting",
			"draft, 2 waiting",
			roles([]int64{plain, halfPrivileged}, nil, []string{"CallHistory"}),
		},
		{"revoke a privileged role", true, "draft, 1 waiting", "denied", roles([]int64{owner}, nil, []string{"Owner"})},
		{
			"revoke what comes to a privileged role",
			true,
			"draft, 1 waiting",
			"draft, 1 skipped",
			roles([]int64{bothHalves}, nil, []string{"UserRead"}),
		},
		{"delete whoever is plain", false, "draft, 3 waiting", "draft, 3 waiting", remove(noRoles, plain, halfPrivileged)},
		{"delete an Owner", true, "draft, 1 waiting", "draft, 1 skipped", remove(owner)},
		{
			"delete whoever holds what contains a privileged role",
			true,
			"draft, 2 waiting",
			"draft, 1 waiting, 1 skipped",
			remove(container, plain),
		},
		{
			"delete whoever holds what comes to a privileged role",
			true,
			"draft, 1 waiting",
			"draft, 1 skipped",
			remove(bothHalves),
		},
		{"delete whoever a key belongs to", true, "draft, 2 waiting", "draft, 1 waiting, 1 skipped", remove(withKey, plain)},
		{
			"import somebody plain",
			false,
			"draft, 2 waiting",
			"draft, 2 waiting",
			file("newcomer_1,Developer;UserRead", "newcomer_2,"),
		},
		{
			"import an Owner among others",
			true,
			"draft, 2 waiting",
			"draft, 1 waiting, 1 skipped",
			file("newcomer_1,Developer", "newcomer_2,Owner"),
		},
		{
			"import with what contains a privileged role",
			true,
			"draft, 1 waiting",
			"draft, 1 skipped",
			file("newcomer_1,ACDManager"),
		},
		{
			"import with what comes to a privileged role",
			true,
			"draft, 1 waiting",
			"draft, 1 skipped",
			file("newcomer_1,UserRead;UserUpdate"),
		},
	}
}

// planCaseNamed is the plan with this name.
func planCaseNamed(name string) planCase {
	all := planCases()
	return all[slices.IndexFunc(all, func(p planCase) bool { return p.name == name })]
}
