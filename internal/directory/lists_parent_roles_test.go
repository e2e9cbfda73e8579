package directory

import (
	"testing"

	"github.com/voxwarden/voxwarden/internal/voxapi"
)

func TestListsParentRoles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		roles []voxapi.Role
		want  bool
	}{
		"a subuser has a role that contains others":             {[]voxapi.Role{{ID: 1, Name: "Owner"}}, true},
		"a subuser has a role that another names as its parent": {[]voxapi.Role{{ID: 2, Name: "Admin"}}, true},
		"subusers only have roles without children":             {[]voxapi.Role{{ID: 3, Name: "Support"}}, false},
		"no subuser has a role":                                 {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newFakeVendor(3)
			v.subusers[1].Roles = c.roles
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
