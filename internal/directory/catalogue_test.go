package directory

import (
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

func roleNames(c Catalogue) []string {
	var names []string
	for _, r := range c.Roles {
		names = append(names, r.Group+"/"+r.Name)
	}
	return names
}

func TestCatalogue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newTestDirectory(t, newFakeVendor(0), Options{})
		c := d.Catalogue(t.Context(), testAccount)
		want := Catalogue{
			Known: true, GroupsKnown: true, AsOf: time.Now(),
			Roles: []access.Role{
				{ID: 3, Name: "Support", Group: "Staff", GUIOnly: true, ParentIDs: []int64{1, 2}},
				{ID: 7, Name: "Accountant", Group: "Staff"},
				{ID: 1, Name: "Owner", Group: "Management", ChildIDs: []int64{3}},
				{ID: 2, Name: "Admin", Group: "Management", ChildIDs: []int64{3}},
			},
		}
		if diff := cmp.Diff(want, c, cmpopts.IgnoreUnexported(Catalogue{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("catalogue differs (-want +got):\n%s", diff)
		}
		if got, want := c.Names([]int64{2, 14}), []string{"Admin", "role 14"}; !slices.Equal(got, want) {
			t.Errorf("names %v, want %v", got, want)
		}
	})
}

func TestCatalogueWithoutGroups(t *testing.T) {
	t.Parallel()
	refused := &voxapi.Error{Kind: voxapi.Refused, Code: 104}
	tests := map[string]func(v *fakeVendor){
		"groups refused":        func(v *fakeVendor) { v.failing["GetRoleGroups"] = refused },
		"no groups":             func(v *fakeVendor) { v.groups = nil },
		"group_name is ignored": func(v *fakeVendor) { v.ignoreGroupName = true },
		"more groups than sensible": func(v *fakeVendor) {
			for i := range maxGroups + 1 {
				v.groups[strconv.Itoa(i)] = nil
			}
		},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := newFakeVendor(0)
				change(v)
				c := newTestDirectory(t, v, Options{}).Catalogue(t.Context(), testAccount)
				want := []string{"/Owner", "/Admin", "/Support", "/Accountant"}
				if !c.Known || c.GroupsKnown || c.LastError != nil || !slices.Equal(roleNames(c), want) {
					t.Errorf("known %v, groups %v, reason %v, roles %v", c.Known, c.GroupsKnown, c.LastError, roleNames(c))
				}
				if calls := v.callCount("GetRoles"); calls > 3 {
					t.Errorf("%d calls of GetRoles", calls)
				}
			})
		})
	}
}

func TestUngroupedRolesComeLast(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(0)
	v.groups = map[string][]int64{"A": {3, 7}, "B": {3, 2}}
	c := newTestDirectory(t, v, Options{ColdWait: time.Minute}).Catalogue(t.Context(), testAccount)
	if got, want := roleNames(c), []string{"B/Admin", "B/Support", "A/Accountant", "/Owner"}; !slices.Equal(got, want) {
		t.Errorf("roles %v, want %v", got, want)
	}
}

func TestCatalogueFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(2)
		v.fail("GetRoles", &voxapi.Error{Kind: voxapi.Refused, Method: "GetRoles", Code: 104})
		d := newTestDirectory(t, v, Options{})
		c := d.Catalogue(t.Context(), testAccount)
		if c.Known || c.LastError == nil || c.LastError.Kind != KeyRefused || len(c.Roles) != 0 {
			t.Errorf("never read: %+v", c)
		}
		if page := list(t, d); page.Total != 2 || page.Status.LastError != nil {
			t.Errorf("the list without a catalogue: %+v", page)
		}
		v.fail("GetRoles", nil)
		d.Refresh(testAccount)
		synctest.Wait()
		if c := d.Catalogue(t.Context(), testAccount); !c.Known || c.LastError != nil {
			t.Errorf("read at last: %+v", c)
		}
		v.fail("GetRoles", errDown)
		time.Sleep(defaultMaxAge + time.Second)
		d.Catalogue(t.Context(), testAccount)
		synctest.Wait()
		if c := d.Catalogue(t.Context(), testAccount); !c.Known || len(c.Roles) != 4 || c.LastError == nil {
			t.Errorf("the last good one: %+v", c)
		}
	})
}

func TestSlowCatalogue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(2)
		openGate := v.block("GetRoles")
		d := newTestDirectory(t, v, Options{})
		start := time.Now()
		c := d.Catalogue(t.Context(), testAccount)
		if c.Known || c.LastError == nil || c.LastError.Kind != Slow || time.Since(start) != defaultColdWait {
			t.Errorf("after %v: %+v", time.Since(start), c)
		}
		if page := list(t, d); page.Total != 2 {
			t.Errorf("the list waits for the catalogue: %+v", page.Status)
		}
		openGate()
		synctest.Wait()
		if c := d.Catalogue(t.Context(), testAccount); !c.Known || !c.GroupsKnown {
			t.Errorf("once read: %+v", c)
		}
	})
}

// Roles without groups are of use: the first ones do not wait for their groups.
func TestCatalogueWithSlowGroups(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(0)
		openGate := v.block("GetRoleGroups")
		d := newTestDirectory(t, v, Options{})
		if c := d.Catalogue(t.Context(), testAccount); !c.Known || c.GroupsKnown || c.LastError != nil || len(c.Roles) != 4 {
			t.Errorf("before the groups: %+v", c)
		}
		openGate()
		synctest.Wait()
		if c := d.Catalogue(t.Context(), testAccount); !c.Known || !c.GroupsKnown {
			t.Errorf("with the groups: %+v", c)
		}
	})
}

func TestRoleIsNotItsOwnParent(t *testing.T) {
	t.Parallel()
	listed := []voxapi.Role{
		{ID: 1, ParentIDs: []int64{1, 2, 2}, ChildIDs: []int64{1}},
		{ID: 2, ChildIDs: []int64{1}},
		{ID: 2},
	}
	roles := newRoleIndex(listed).convertRoles(listed)
	if len(roles) != 2 || !slices.Equal(roles[0].ParentIDs, []int64{2}) || len(roles[0].ChildIDs) != 0 ||
		!slices.Equal(roles[1].ChildIDs, []int64{1}) {
		t.Errorf("roles %+v", roles)
	}
}
