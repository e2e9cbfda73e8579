package directory

import (
	"slices"
	"testing"

	"github.com/voxwarden/voxwarden/internal/voxapi"
)

func TestChildrenOfAndHasParentsUseBothDirections(t *testing.T) {
	t.Parallel()
	c := Catalogue{
		Known: true,
		Roles: []Role{
			{ID: 1, ChildIDs: []int64{2, 3}},
			{ID: 2, ParentIDs: []int64{1}},
			{ID: 3},
			{ID: 4, ParentIDs: []int64{1}},
			{ID: 5},
		},
	}
	if got := c.ChildrenOf(1); !slices.Equal(got, []int64{2, 3, 4}) {
		t.Errorf("the children of 1: %v", got)
	}
	for id, want := range map[int64]bool{1: false, 2: true, 3: true, 4: true, 5: false, 6: false} {
		if c.HasParents(id) != want {
			t.Errorf("role %d has parents: %v", id, !want)
		}
	}
}

func TestListsParentRoles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		held []voxapi.Role
		want bool
	}{
		"somebody is seen with a role that contains others": {[]voxapi.Role{{ID: 1, Name: "Owner"}}, true},
		"a role that another one names as its parent":       {[]voxapi.Role{{ID: 2, Name: "Admin"}}, true},
		"only innermost roles are seen":                     {[]voxapi.Role{{ID: 3, Name: "Support"}}, false},
		"nobody holds anything":                             {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newFakeVendor(3)
			v.subusers[1].Roles = c.held
			d := newTestDirectory(t, v, Options{})
			if d.ListsParentRoles(testAccount) {
				t.Error("known before anything was read")
			}
			d = loadedDirectory(t, v)
			d.Catalogue(t.Context(), testAccount)
			if got := d.ListsParentRoles(testAccount); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
