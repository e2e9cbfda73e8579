package directory

import (
	"testing"

	"github.com/voxwarden/voxwarden/internal/voxapi"
)

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
