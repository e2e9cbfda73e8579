package directory

import (
	"slices"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

func TestDirectOrInherited(t *testing.T) {
	t.Parallel()
	yes, no := new(true), new(false)
	// Owner > User Manager > User Read and User Update; Owner > Support; Admin > Support.
	catalogue := newRoleIndex([]voxapi.Role{
		{ID: 1, ChildIDs: []int64{10, 3}},
		{ID: 2, ChildIDs: []int64{3}},
		{ID: 3},
		{ID: 10},
		{ID: 11, ParentIDs: []int64{10}},
		{ID: 12, ParentIDs: []int64{10}},
	})
	tests := []struct {
		name   string
		index  roleIndex
		roles  []voxapi.Role
		direct []int64
	}{
		{"no roles", catalogue, nil, nil},
		{"the published example", roleIndex{}, []voxapi.Role{
			{ID: 3, Name: "Support", Inherited: yes, ParentIDs: []int64{1, 2}, GUIOnly: true},
			{ID: 7, Name: "Accountant", Inherited: no, GUIOnly: true},
			{ID: 14, Name: "TestRole", Inherited: no},
		}, []int64{3, 7, 14}},
		{"the published example with a catalogue", catalogue, []voxapi.Role{
			{ID: 3, Inherited: yes, ParentIDs: []int64{1, 2}}, {ID: 7, Inherited: no}, {ID: 14, Inherited: no},
		}, []int64{3, 7, 14}},
		{"a parent, reported by child_ids", catalogue, []voxapi.Role{{ID: 1}, {ID: 3}}, []int64{1}},
		{"a parent, reported by parent_role_id", catalogue, []voxapi.Role{{ID: 10}, {ID: 11}}, []int64{10}},
		{
			"a parent, reported by the row itself",
			roleIndex{},
			[]voxapi.Role{{ID: 8}, {ID: 9, ParentIDs: []int64{8}}},
			[]int64{8},
		},
		{
			"a parent, reported by the parent's row",
			roleIndex{},
			[]voxapi.Role{{ID: 8, ChildIDs: []int64{9}}, {ID: 9}},
			[]int64{8},
		},
		{"flagged as inherited", catalogue, []voxapi.Role{{ID: 2}, {ID: 3, Inherited: yes}}, []int64{2}},
		{
			"both direct and inherited",
			catalogue,
			[]voxapi.Role{{ID: 2}, {ID: 3, Inherited: no}},
			[]int64{2, 3},
		},
		{"flagged, without its parent", catalogue, []voxapi.Role{{ID: 3, Inherited: yes}, {ID: 7}}, []int64{3, 7}},
		{"three generations", catalogue, []voxapi.Role{{ID: 12}, {ID: 11}, {ID: 10}, {ID: 1}}, []int64{1}},
		{"only a grandparent", catalogue, []voxapi.Role{{ID: 1}, {ID: 11}}, []int64{1, 11}},
		{"one of two parents", catalogue, []voxapi.Role{{ID: 3}, {ID: 2}}, []int64{2}},
		{"its own parent", roleIndex{}, []voxapi.Role{{ID: 5, ParentIDs: []int64{5}, Inherited: yes}}, []int64{5}},
		{
			"a cycle",
			roleIndex{},
			[]voxapi.Role{{ID: 5, ParentIDs: []int64{6}}, {ID: 6, ParentIDs: []int64{5}}},
			[]int64{5, 6},
		},
		{"a cycle that a role leads into", roleIndex{}, []voxapi.Role{
			{ID: 4}, {ID: 5, ParentIDs: []int64{6, 4}}, {ID: 6, ParentIDs: []int64{5}},
		}, []int64{4}},
		{
			"listed as inherited and then as direct",
			catalogue,
			[]voxapi.Role{{ID: 2}, {ID: 3, Inherited: yes}, {ID: 3, Inherited: no}},
			[]int64{2, 3},
		},
		{
			"listed as direct and then as inherited",
			catalogue,
			[]voxapi.Role{{ID: 2}, {ID: 3, Inherited: no}, {ID: 3, Inherited: yes}},
			[]int64{2, 3},
		},
		{
			"listed once for each parent",
			roleIndex{},
			[]voxapi.Role{{ID: 2}, {ID: 3, ParentIDs: []int64{1}}, {ID: 3, ParentIDs: []int64{2}}},
			[]int64{2},
		},
		{"listed twice", catalogue, []voxapi.Role{{ID: 7}, {ID: 7}}, []int64{7}},
		{
			"flagged, and no parents are reported",
			roleIndex{},
			[]voxapi.Role{{ID: 1, Inherited: no}, {ID: 3, Inherited: yes}},
			[]int64{1},
		},
		{
			"all flagged, and no parents are reported",
			roleIndex{},
			[]voxapi.Role{{ID: 3, Inherited: yes}, {ID: 7, Inherited: yes}},
			[]int64{3, 7},
		},
		{"not in the catalogue", catalogue, []voxapi.Role{{ID: 99}}, []int64{99}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := access.Principal{Roles: test.index.roleAssignments(test.roles)}
			if got := s.DirectRoleIDs(); !slices.Equal(got, test.direct) {
				t.Errorf("direct %v, want %v", got, test.direct)
			}
			for _, r := range test.roles {
				if !slices.Contains(s.RoleIDs(), r.ID) {
					t.Errorf("role %d is missing", r.ID)
				}
			}
			if len(slices.Compact(s.RoleIDs())) != len(s.RoleIDs()) {
				t.Errorf("a role is listed twice: %v", s.RoleIDs())
			}
		})
	}
}

func TestRoleAssignmentFields(t *testing.T) {
	t.Parallel()
	roles := roleIndex{}.roleAssignments([]voxapi.Role{{ID: 14, GUIOnly: true}, {ID: 3, Name: "Support"}})
	want := []access.RoleAssignment{
		{ID: 3, Name: "Support", Direct: true},
		{ID: 14, Name: "role 14", Direct: true, GUIOnly: true},
	}
	if !slices.Equal(roles, want) {
		t.Errorf("roles %+v, want %+v", roles, want)
	}
}

// The vendor spells some names in several ways, and a row may lack one. A filter by the catalogue's name must find the
// principal all the same.
func TestRoleAssignmentsUseCatalogueNames(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(2)
	v.subusers[0].Roles = []voxapi.Role{{ID: 7, Name: "Accountants"}}
	v.subusers[1].Roles = []voxapi.Role{{ID: 7}}
	d := loadedDirectory(t, v)
	for _, f := range []Filter{{Role: "accountant"}, {Query: "accountant"}} {
		page, err := d.List(t.Context(), testAccount, access.Subuser, f)
		if err != nil || page.Matches != 2 || !slices.Equal(page.RoleNames, []string{"Accountant"}) {
			t.Errorf("%+v finds %d of 2, role names %q, %v", f, page.Matches, page.RoleNames, err)
		}
	}
	s, err := d.ByID(t.Context(), testAccount, access.SubuserRef(2))
	if err != nil || s.Roles[0].Name != "Accountant" {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestListUsesCatalogueForInheritedRoles(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(1)
	v.subusers[0].Roles = []voxapi.Role{{ID: 1, Name: "Owner"}, {ID: 3, Name: "Support"}}
	d := loadedDirectory(t, v)
	if direct := list(t, d).Rows[0].DirectRoleIDs(); !slices.Equal(direct, []int64{1}) {
		t.Errorf("direct %v", direct)
	}
}
