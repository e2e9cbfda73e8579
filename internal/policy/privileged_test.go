package policy

import (
	"errors"
	"slices"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// catalogue is of roles that contain each other, told in both directions:
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
		{"one that nothing contains", []string{"Chief"}, catalogue(), []int64{4}, false, nil},
		{"contained, told by child_ids at depth", []string{"Admin"}, catalogue(), []int64{1, 2, 4}, false, nil},
		{"contained, told by the parent of the child", []string{"Support"}, catalogue(), []int64{1, 2, 3, 4}, false, nil},
		{"several", []string{"Owner", "User Read"}, catalogue(), []int64{1, 4, 5, 6}, false, nil},
		{"without case and spaces", []string{" oWNER", "userread\t"}, catalogue(), []int64{1, 4, 5, 6}, false, nil},
		{"the vendor's spaces do not matter either", []string{"UserManager"}, catalogue(), []int64{5}, false, nil},
		{"blank names are none", []string{"", "  "}, catalogue(), nil, false, nil},
		{"a name that is missing", []string{"Owner", "Boss Man"}, catalogue(), all, true, []string{"bossman"}},
		{"only a part of a name", []string{"Own"}, catalogue(), all, true, []string{"own"}},
		{"no catalogue", []string{"Owner"}, nil, all, true, []string{"owner"}},
		{"no catalogue and no names", nil, nil, all, true, nil},
		{
			"a circle",
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
			"two roles of one name",
			[]string{"Owner"},
			[]access.Role{{ID: 1, Name: "Owner"}, {ID: 2, Name: "owner"}, {ID: 3, Name: "C"}},
			[]int64{1, 2},
			false,
			nil,
		},
		{
			"two ways to it",
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
				t.Errorf(
					"privileged %v, all %v, missing %v; want %v, %v, %v",
					got,
					set.All,
					set.Missing,
					test.want,
					test.all,
					test.missing,
				)
			}
			if !set.Has(999) || !set.MakesPrivileged([]int64{999}) {
				t.Error("a role that the catalogue does not tell of passes for an unprivileged one")
			}
		})
	}
}

func TestFirstReturnsThePrivilegedRole(t *testing.T) {
	t.Parallel()
	set := New(Mapping{}, []string{"Owner"}).Privileged(catalogue(), access.NewRoleGraph(catalogue()))
	if id, found := set.First([]int64{7, 4, 1}); !found || id != 4 {
		t.Errorf("found %v, id %d", found, id)
	}
	if id, found := set.First([]int64{7, 3}); found {
		t.Errorf("role %d is called privileged", id)
	}
	if _, found := set.First(nil); found {
		t.Error("no role is called privileged")
	}
}

// Whether the vendor lists a role that contains others, or only what it comes down to, is not published.
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
		held       []int64
		want       bool
	}{
		{"nothing", "Owner", nil, false},
		{"the role itself", "Owner", []int64{1}, true},
		{"the role and what it contains", "Owner", []int64{1, 2, 3, 5, 6, 7}, true},
		{"only what it comes down to", "Owner", []int64{7, 6, 3}, true},
		{"that and more", "Owner", []int64{7, 6, 99, 3}, true},
		{"all but one of that", "Owner", []int64{6, 3}, false},
		{"the middle of it", "Owner", []int64{2}, false},
		{"the middle of it, and the rest", "Owner", []int64{2, 7}, true},
		{"a role that contains a part of it, and the rest", "Admin", []int64{5, 8}, true},
		{"what a lesser one comes down to", "Admin", []int64{3, 6}, true},
		{"the one role that another comes down to", "Chief", []int64{3}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			set := New(Mapping{}, []string{test.configured}).Privileged(wide, access.NewRoleGraph(wide))
			if got := set.MakesPrivileged(test.held); got != test.want {
				t.Errorf("%v: %v, want %v", test.held, got, test.want)
			}
		})
	}
	if !New(Mapping{}, nil).Privileged(nil, access.NewRoleGraph(nil)).MakesPrivileged([]int64{99}) {
		t.Error("while nothing is known, everybody who holds a role counts")
	}
	circle := []access.Role{
		{ID: 1, Name: "A", ChildIDs: []int64{2}},
		{ID: 2, Name: "B", ChildIDs: []int64{1}},
		{ID: 3, Name: "C"},
	}
	if New(Mapping{}, []string{"A"}).Privileged(circle, access.NewRoleGraph(circle)).MakesPrivileged([]int64{3}) {
		t.Error("a circle makes a role of its own privileged")
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
		name          string
		set           PrivilegedSet
		held, changed []int64
		editor        bool // an admin may all of it
	}{
		{"a plain role for somebody plain", set, []int64{7}, []int64{3}, true},
		{"the first role", set, nil, []int64{3}, true},
		{"nothing", set, nil, nil, true},
		{"a privileged role", set, []int64{7}, []int64{1}, false},
		{"a role that contains a privileged one", set, nil, []int64{4}, false},
		{"a plain role among others", set, nil, []int64{7, 3, 1}, false},
		{"a plain role of somebody privileged", set, []int64{1}, []int64{7}, false},
		{"a plain role of somebody who holds it within another", set, []int64{7, 4}, []int64{3}, false},
		{"taking the privileged role away", set, []int64{1}, []int64{1}, false},
		{"any role while nothing is known", everything, nil, []int64{7}, false},
		{"anybody who holds any role while nothing is known", everything, []int64{7}, nil, false},
		{"nothing, while nothing is known", everything, nil, nil, true},
		{
			"a plain role of somebody who holds all that a privileged one comes down to",
			wide,
			[]int64{11, 12},
			[]int64{13},
			false,
		},
		{"a plain role of somebody who holds a part of that", wide, []int64{11}, []int64{13}, true},
		{"the other part of that", wide, []int64{11}, []int64{12}, false},
		{"all parts of that at once", wide, nil, []int64{11, 12}, false},
		{"one part for the other, which is held until it is gone", wide, []int64{11}, []int64{11, 12}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if err := p.RequireRoleChange(member("a"), test.set, test.held, test.changed); err != nil {
				t.Errorf("an admin: %v", err)
			}
			for _, group := range []string{"v", "u", "e", "stranger"} {
				err := p.RequireRoleChange(member(group), test.set, test.held, test.changed)
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
	if got := (&Denied{
		Permission: Privileged,
		Role:       "Owner",
	}).Error(); got != "permission privileged is missing for the role Owner" {
		t.Errorf("text %q", got)
	}
}
