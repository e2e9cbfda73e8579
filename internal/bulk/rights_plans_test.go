package bulk_test

import (
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// aPlan is a run that somebody drafts.
type aPlan struct {
	name       string
	privileged bool   // when an admin drafts it
	admin      string // what an admin's draft counts
	editor     string // what an editor's does, "denied" when there is none
	plan       func(d desk, o operator.Operator) (bulk.Run, error)
}

// plans are runs of every kind with and without what is privileged in each way.
func plans() []aPlan {
	roles := func(targets []int64, grant, revoke []string) func(d desk, o operator.Operator) (bulk.Run, error) {
		return func(d desk, o operator.Operator) (bulk.Run, error) {
			return d.Bulk.PlanRoles(d.t.Context(), d.act(o), bulk.Targets{IDs: targets}, d.roles(grant...), d.roles(revoke...))
		}
	}
	grant := func(targets []int64, names ...string) func(d desk, o operator.Operator) (bulk.Run, error) {
		return roles(targets, names, nil)
	}
	remove := func(targets ...int64) func(d desk, o operator.Operator) (bulk.Run, error) {
		return func(d desk, o operator.Operator) (bulk.Run, error) {
			return d.Bulk.PlanDelete(d.t.Context(), d.act(o), bulk.Targets{IDs: targets})
		}
	}
	file := func(lines ...string) func(d desk, o operator.Operator) (bulk.Run, error) {
		return func(d desk, o operator.Operator) (bulk.Run, error) {
			return d.Bulk.PlanImport(d.t.Context(), d.act(o), []byte("login,roles\n"+strings.Join(lines, "\n")))
		}
	}
	return []aPlan{
		{
			"grant a plain role to everybody",
			true,
			"draft, 7 waiting",
			"draft, 4 waiting, 3 skipped",
			grant(everyone(), "Accountant"),
		},
		{
			"grant a plain role to whoever is plain",
			false,
			"draft, 4 waiting",
			"draft, 4 waiting",
			grant([]int64{nothing, plain, half, withKey}, "Accountant"),
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
			grant([]int64{plain, half}, "UserRead"),
		},
		{"grant half of that", false, "draft, 2 waiting", "draft, 2 waiting", grant([]int64{nothing, plain}, "UserRead")},
		{
			"revoke a plain role from everybody",
			true,
			"draft, 6 waiting, 1 idle",
			"draft, 3 waiting, 1 idle, 3 skipped",
			roles(everyone(), nil, []string{"CallHistory"}),
		},
		{
			"revoke a plain role from whoever is plain",
			false,
			"draft, 2 waiting",
			"draft, 2 waiting",
			roles([]int64{plain, half}, nil, []string{"CallHistory"}),
		},
		{"revoke a privileged role", true, "draft, 1 waiting", "denied", roles([]int64{owner}, nil, []string{"Owner"})},
		{
			"revoke what comes to a privileged role",
			true,
			"draft, 1 waiting",
			"draft, 1 skipped",
			roles([]int64{together}, nil, []string{"UserRead"}),
		},
		{"delete whoever is plain", false, "draft, 3 waiting", "draft, 3 waiting", remove(nothing, plain, half)},
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
			remove(together),
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

// planOf is the plan with this name.
func planOf(name string) aPlan {
	all := plans()
	return all[slices.IndexFunc(all, func(p aPlan) bool { return p.name == name })]
}
