package directory

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// TestFreshCatalogue reads the roles for a change: now, or up to a minute old. It keeps the groups and updates what
// pages show.
func TestFreshCatalogue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(0)
		v.groups = map[string][]int64{"Management": {7, 1}, "Staff": {3, 2}} // another order than the vendor's list
		d := newTestDirectory(t, v, Options{})
		before := d.Catalogue(t.Context(), testAccount)
		v.mu.Lock()
		v.roles = append(v.roles, voxapi.Role{ID: 9, Name: "Chief", ChildIDs: []int64{1}})
		v.mu.Unlock()
		calls := v.callCount("GetRoles")
		time.Sleep(time.Minute)
		if c := d.FreshCatalogue(t.Context(), testAccount, time.Minute); len(c.Roles) != 4 ||
			v.callCount("GetRoles") != calls {
			t.Errorf("a minute old: %v, %d calls", roleNames(c), v.callCount("GetRoles")-calls)
		}
		c := d.FreshCatalogue(t.Context(), testAccount, 0)
		want := append(roleNames(before), "/Chief")
		if diff := cmp.Diff(want, roleNames(c)); diff != "" || !c.Known || !c.GroupsKnown || !c.AsOf.Equal(time.Now()) {
			t.Errorf("(-want +got):\n%s%+v", diff, c)
		}
		for _, role := range c.Roles {
			if found, ok := c.ByID(role.ID); !ok || found.Name != role.Name || c.Names([]int64{role.ID})[0] != role.Name {
				t.Errorf("the role %s is found as %q", role.Name, found.Name)
			}
		}
		if !c.Graph().Contains(9, 3) || v.callCount("GetRoles") != calls+1 {
			t.Errorf("Chief does not contain Support, or %d calls", v.callCount("GetRoles")-calls)
		}
		if shown := d.Catalogue(t.Context(), testAccount); !shown.AsOf.Equal(c.AsOf) || len(shown.Roles) != 5 {
			t.Errorf("pages show the roles of %v", shown.AsOf)
		}
		time.Sleep(time.Second)
		v.fail("GetRoles", &voxapi.Error{Kind: voxapi.Refused, Code: 104})
		if c := d.FreshCatalogue(t.Context(), testAccount, 0); c.Known || len(c.Roles) != 0 || c.LastError == nil ||
			c.LastError.Code != 104 {
			t.Errorf("an unreadable catalogue: %+v", c)
		}
		if shown := d.Catalogue(t.Context(), testAccount); !shown.Known || len(shown.Roles) != 5 {
			t.Errorf("pages do not show the last catalogue: %+v", shown)
		}
	})
}

// TestOlderCatalogueDoesNotReplaceNewer lets a reading in the background end after a later one for a change.
func TestOlderCatalogueDoesNotReplaceNewer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(0)
		d := newTestDirectory(t, v, Options{})
		d.Catalogue(t.Context(), testAccount)
		time.Sleep(10 * time.Minute)
		open := v.block("GetRoleGroups") // after the roles
		d.Catalogue(t.Context(), testAccount)
		synctest.Wait()
		time.Sleep(time.Second)
		v.mu.Lock()
		v.roles = v.roles[:1]
		v.mu.Unlock()
		d.FreshCatalogue(t.Context(), testAccount, 0)
		open()
		synctest.Wait()
		if c := d.Catalogue(t.Context(), testAccount); len(c.Roles) != 1 {
			t.Errorf("the older roles are back: %v", roleNames(c))
		}
	})
}

// TestRoleListedTwice keeps every name and every edge of a role with several rows.
func TestRoleListedTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(1)
		v.roles = []voxapi.Role{
			{ID: 7, Name: ""},
			{ID: 7, Name: "Accountant"},
			{ID: 7, Name: "Owner", ChildIDs: []int64{3}},
			{ID: 7, Name: "Accountant"},
			{ID: 3, Name: "Support"},
		}
		v.subusers[0].Roles = []voxapi.Role{
			{ID: 7, Name: "Owner", ChildIDs: []int64{3, 4}},
			{ID: 3, Name: "Helpdesk", ParentIDs: []int64{7, 8}},
		}
		d := newTestDirectory(t, v, Options{})
		c := d.FreshCatalogue(t.Context(), testAccount, 0)
		role, _ := c.ByID(7)
		if len(c.Roles) != 2 || role.Name != "Accountant" || !slices.Equal(role.OtherNames, []string{"Owner"}) ||
			!c.Graph().Contains(7, 3) {
			t.Errorf("%+v", c.Roles)
		}
		p, err := d.ByID(t.Context(), testAccount, access.SubuserRef(1))
		if err != nil {
			t.Fatal(err)
		}
		want := []access.Role{
			{ID: 7, ChildIDs: []int64{4}},
			{ID: 3, Name: "Helpdesk", ParentIDs: []int64{8}},
		}
		if diff := cmp.Diff(want, p.Reported); diff != "" {
			t.Errorf("what the catalogue lacks (-want +got):\n%s", diff)
		}
	})
}
