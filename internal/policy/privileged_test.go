package policy

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// catalogue returns roles with edges in both directions of the vendor's answer:
// Chief > Owner > Admin > Support, and User Manager > User Read.
func catalogue() []access.Role {
	return []access.Role{
		{ID: 1, Name: "Owner", ChildIDs: []int64{2}},
		{ID: 2, Name: "Admin"},
		{ID: 3, Name: "Support", ParentIDs: []int64{2}},
		{ID: 4, Name: "Chief", ChildIDs: []int64{1}},
		{ID: 5, Name: "User Manager", ChildIDs: []int64{6}},
		{ID: 6, Name: "User Read"},
		{ID: 7, Name: "Accountant"},
	}
}

func TestPrivilegedRoles(t *testing.T) {
	t.Parallel()
	all := []int64{1, 2, 3, 4, 5, 6, 7}
	tests := []struct {
		name       string
		configured []string
		catalogue  []access.Role
		want       []int64
		all        bool
		missing    []string
	}{
		{"none is configured", nil, catalogue(), nil, false, nil},
		{"a role that no other contains", []string{"Chief"}, catalogue(), []int64{4}, false, nil},
		{"contained, reported by child_ids, at depth", []string{"Admin"}, catalogue(), []int64{1, 2, 4}, false, nil},
		{"contained, reported by the child", []string{"Support"}, catalogue(), []int64{1, 2, 3, 4}, false, nil},
		{"several roles", []string{"Owner", "User Read"}, catalogue(), []int64{1, 4, 5, 6}, false, nil},
		{"without case and spaces", []string{" oWNER", "userread\t"}, catalogue(), []int64{1, 4, 5, 6}, false, nil},
		{"without the spaces of the catalogue", []string{"UserManager"}, catalogue(), []int64{5}, false, nil},
		{"blank names are ignored", []string{"", "  "}, catalogue(), nil, false, nil},
		{"a name that the catalogue lacks", []string{"Owner", "Boss Man"}, catalogue(), all, true, []string{"bossman"}},
		{"a part of a name", []string{"Own"}, catalogue(), all, true, []string{"own"}},
		{"no catalogue", []string{"Owner"}, nil, all, true, []string{"owner"}},
		{"no catalogue and no names", nil, nil, all, true, nil},
		{
			"a cycle",
			[]string{"B"},
			[]access.Role{
				{ID: 1, Name: "A", ChildIDs: []int64{2}},
				{ID: 2, Name: "B", ChildIDs: []int64{1}},
				{ID: 3, Name: "C"},
			},
			[]int64{1, 2},
			false,
			nil,
		},
		{
			"a role that contains itself",
			[]string{"A"},
			[]access.Role{{ID: 1, Name: "A", ChildIDs: []int64{1}, ParentIDs: []int64{1}}},
			[]int64{1},
			false,
			nil,
		},
		{
			"two roles with the same name",
			[]string{"Owner"},
			[]access.Role{{ID: 1, Name: "Owner"}, {ID: 2, Name: "owner"}, {ID: 3, Name: "C"}},
			[]int64{1, 2},
			false,
			nil,
		},
		{
			"two paths to the role",
			[]string{"D"},
			[]access.Role{
				{ID: 1, Name: "A", ChildIDs: []int64{2, 3}},
				{ID: 2, Name: "B", ChildIDs: []int64{4}},
				{ID: 3, Name: "C"},
				{ID: 4, Name: "D", ParentIDs: []int64{3}},
			},
			[]int64{1, 2, 3, 4},
			false,
			nil,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			set := New(Mapping{}, test.configured).Privileged(test.catalogue, access.NewRoleGraph(test.catalogue))
			var got []int64
			for _, id := range all {
				listed := slices.ContainsFunc(test.catalogue, func(r access.Role) bool { return r.ID == id })
				if set.Has(id) && (listed || test.all) {
					got = append(got, id)
				}
			}
			if !slices.Equal(got, test.want) || set.All != test.all || !slices.Equal(set.Missing, test.missing) {
				t.Errorf("privileged %v, all %v, missing %v; want %v, %v, %v",
					got, set.All, set.Missing, test.want, test.all, test.missing)
			}
			if !set.Has(999) || !set.MakesPrivileged([]int64{999}) {
				t.Error("a role that the catalogue lacks is not privileged")
			}
		})
	}
}

// The vendor does not document whether it lists a role that contains others or only the leaves.
func TestMakesPrivileged(t *testing.T) {
	t.Parallel()
	// Owner contains Admin and Billing; Admin contains Support and User Manager, which contains User Read.
	wide := []access.Role{
		{ID: 1, Name: "Owner", ChildIDs: []int64{2, 7}},
		{ID: 2, Name: "Admin", ChildIDs: []int64{3, 5}},
		{ID: 3, Name: "Support"},
		{ID: 5, Name: "User Manager"},
		{ID: 6, Name: "User Read", ParentIDs: []int64{5}},
		{ID: 7, Name: "Billing"},
		{ID: 8, Name: "Chief", ChildIDs: []int64{3}},
	}
	tests := []struct {
		name       string
		configured string
		current    []int64
		want       bool
	}{
		{"no roles", "Owner", nil, false},
		{"the role itself", "Owner", []int64{1}, true},
		{"the role and everything that it contains", "Owner", []int64{1, 2, 3, 5, 6, 7}, true},
		{"only its leaves", "Owner", []int64{7, 6, 3}, true},
		{"its leaves and more", "Owner", []int64{7, 6, 99, 3}, true},
		{"all leaves but one", "Owner", []int64{6, 3}, false},
		{"a role between it and its leaves", "Owner", []int64{2}, false},
		{"a role between, and the other leaves", "Owner", []int64{2, 7}, true},
		{"a role that contains one leaf, and the other leaves", "Admin", []int64{5, 8}, true},
		{"the leaves of a smaller role", "Admin", []int64{3, 6}, true},
		{"the only leaf of a role", "Chief", []int64{3}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			set := New(Mapping{}, []string{test.configured}).Privileged(wide, access.NewRoleGraph(wide))
			if got := set.MakesPrivileged(test.current); got != test.want {
				t.Errorf("%v: %v, want %v", test.current, got, test.want)
			}
		})
	}
	if !New(Mapping{}, nil).Privileged(nil, access.NewRoleGraph(nil)).MakesPrivileged([]int64{99}) {
		t.Error("without a catalogue, a principal with a role is not privileged")
	}
	cycle := []access.Role{
		{ID: 1, Name: "A", ChildIDs: []int64{2}},
		{ID: 2, Name: "B", ChildIDs: []int64{1}},
		{ID: 3, Name: "C"},
	}
	if New(Mapping{}, []string{"A"}).Privileged(cycle, access.NewRoleGraph(cycle)).MakesPrivileged([]int64{3}) {
		t.Error("a cycle makes another role privileged")
	}
}

func TestRequireRoleChange(t *testing.T) {
	t.Parallel()
	p := New(
		Mapping{Groups: map[DashboardRole][]string{Viewer: {"v"}, Auditor: {"u"}, Editor: {"e"}, Admin: {"a"}}},
		[]string{"Owner"},
	)
	set := p.Privileged(catalogue(), access.NewRoleGraph(catalogue()))
	everything := p.Privileged(nil, access.NewRoleGraph(nil))
	wideRoles := []access.Role{{ID: 10, Name: "Owner", ChildIDs: []int64{11, 12}}, {ID: 11}, {ID: 12}, {ID: 13}}
	wide := p.Privileged(wideRoles, access.NewRoleGraph(wideRoles))
	member := func(group string) operator.Operator {
		return operator.Operator{Issuer: "i", Subject: "s", Groups: []string{group}}
	}
	tests := []struct {
		name             string
		set              PrivilegedSet
		current, changed []int64
		editor           bool // whether an editor may do it; an admin may do all
	}{
		{"an unprivileged role of an unprivileged principal", set, []int64{7}, []int64{3}, true},
		{"the first role", set, nil, []int64{3}, true},
		{"no change", set, nil, nil, true},
		{"a privileged role", set, []int64{7}, []int64{1}, false},
		{"a role that contains a privileged one", set, nil, []int64{4}, false},
		{"a privileged role among others", set, nil, []int64{7, 3, 1}, false},
		{"an unprivileged role of a privileged principal", set, []int64{1}, []int64{7}, false},
		{"an unprivileged role of a principal with a container of a privileged one", set, []int64{7, 4}, []int64{3}, false},
		{"revoking the privileged role", set, []int64{1}, []int64{1}, false},
		{"any role without a catalogue", everything, nil, []int64{7}, false},
		{"a principal with any role without a catalogue", everything, []int64{7}, nil, false},
		{"no change without a catalogue", everything, nil, nil, true},
		{
			"an unprivileged role of a principal with all leaves of a privileged one",
			wide,
			[]int64{11, 12},
			[]int64{13},
			false,
		},
		{"an unprivileged role of a principal with one of the leaves", wide, []int64{11}, []int64{13}, true},
		{"the other leaf", wide, []int64{11}, []int64{12}, false},
		{"all leaves at once", wide, nil, []int64{11, 12}, false},
		{"one leaf in place of the other, which it has until then", wide, []int64{11}, []int64{11, 12}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if err := p.RequireRoleChange(member("a"), test.set, test.current, test.changed); err != nil {
				t.Errorf("an admin: %v", err)
			}
			for _, group := range []string{"v", "u", "e", "stranger"} {
				err := p.RequireRoleChange(member(group), test.set, test.current, test.changed)
				denied, isDenied := errors.AsType[*Denied](err)
				if (err == nil) != test.editor || err != nil && (!isDenied || denied.Permission != Privileged) {
					t.Errorf("%s: %v", group, err)
				}
			}
		})
	}
}

func TestDeniedError(t *testing.T) {
	t.Parallel()
	if got := (&Denied{Permission: SubusersRoles}).Error(); got != "permission subusers.roles is missing" {
		t.Errorf("text %q", got)
	}
	got := (&Denied{Permission: Privileged, Role: "Owner"}).Error()
	if got != "permission privileged is missing for the role Owner" {
		t.Errorf("text %q", got)
	}
}

func TestIsPrivilegedChange(t *testing.T) {
	t.Parallel()
	roles := []access.Role{{ID: 1, Name: "Owner"}, {ID: 3, Name: "Support"}}
	set := New(Mapping{}, []string{"Owner"}).Privileged(roles, access.RoleGraph{})
	for _, test := range []struct {
		current, changed []int64
		want             bool
	}{
		{nil, nil, false},
		{[]int64{3}, []int64{3}, false},
		{[]int64{1}, nil, true},
		{nil, []int64{1}, true},
		{[]int64{3}, []int64{3, 1}, true},
	} {
		if got := set.IsPrivilegedChange(test.current, test.changed); got != test.want {
			t.Errorf("current %v, changed %v: %t", test.current, test.changed, got)
		}
	}
}

// The work is linear in the catalogue: anything else would take minutes with as many roles.
func TestPrivilegedInDeepAndWideCatalogues(t *testing.T) {
	t.Parallel()
	const size = 50_000
	deep := make([]access.Role, size)
	wide := []access.Role{{ID: size, Name: "Owner"}}
	var parts []int64
	for i := range int64(size) {
		deep[i] = access.Role{ID: i, Name: fmt.Sprint("role ", i), ChildIDs: []int64{i + 1}}
		wide = append(wide, access.Role{ID: i, Name: fmt.Sprint("role ", i), ParentIDs: []int64{size}})
		parts = append(parts, i)
	}
	deep[size-1] = access.Role{ID: size - 1, Name: "Owner"}
	rules := New(Mapping{}, []string{"Owner"})
	if set := rules.Privileged(deep, access.NewRoleGraph(deep)); !set.Has(0) || !set.MakesPrivileged([]int64{size / 2}) {
		t.Error("a role far above Owner is not privileged")
	}
	set := rules.Privileged(wide, access.NewRoleGraph(wide))
	if set.Has(0) || set.MakesPrivileged(parts[1:]) {
		t.Error("all parts but one make Owner")
	}
	if !set.MakesPrivileged(parts) {
		t.Error("all parts do not make Owner")
	}
}
