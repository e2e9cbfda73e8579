package directory

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// vendorWithKeys is an account with three keys.
func vendorWithKeys() *fakeVendor {
	v := newFakeVendor(3)
	support := []voxapi.Role{{ID: 3, Name: "Support"}}
	v.keys = []voxapi.Key{
		{
			ID:          "aaaa",
			Name:        "Dialler",
			Description: "Calls people [vw:ABCDEFGHIJ]",
			Roles:       support,
			RolesKnown:  true,
			Owner:       []voxapi.SubUser{{ID: 2, Name: "person00002"}},
			OwnerKnown:  true,
		},
		{
			ID:         "bbbb",
			Name:       "wallboard",
			RolesKnown: true,
			Roles:      []voxapi.Role{{ID: 7, Name: "Accountant"}, {ID: 3, Name: "Support"}},
		},
		{ID: "cccc", Name: "Émile", Description: "of nobody", RolesKnown: true},
	}
	return v
}

func TestKeyByID(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(v *fakeVendor){
		"plainly":                 func(*fakeVendor) {},
		"though ids are ignored":  func(v *fakeVendor) { v.ignoreID = true },
		"though pages are of one": func(v *fakeVendor) { v.ignoreID, v.pageCap = true, 1 },
	} {
		v := vendorWithKeys()
		change(v)
		d := New(v, Options{})
		t.Cleanup(d.Close)
		k, err := d.KeyByID(t.Context(), testAccount, "aaaa")
		if err != nil || k.Name != "Dialler" || k.Description != "Calls people" || k.Tag != "ABCDEFGHIJ" || k.OwnerID != 2 ||
			!slices.Equal(k.DirectRoleIDs(), []int64{3}) {
			t.Errorf("%s: %+v, %v", name, k, err)
		}
		if _, err := d.KeyByID(t.Context(), testAccount, "dddd"); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: an unknown key: %v", name, err)
		}
	}
}

func TestKeyByIDInIncompleteList(t *testing.T) {
	t.Parallel()
	v := vendorWithKeys()
	v.ignoreID, v.ignoreOffset, v.pageCap = true, true, 2
	d := New(v, Options{})
	t.Cleanup(d.Close)
	if _, err := d.KeyByID(t.Context(), testAccount, "cccc"); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("the answer is %v", err)
	}
}

func TestFindKeyByTag(t *testing.T) {
	t.Parallel()
	d := New(vendorWithKeys(), Options{})
	t.Cleanup(d.Close)
	k, found, named, complete, err := d.FindKey(t.Context(), testAccount, "ABCDEFGHIJ", "wallboard")
	if err != nil || !found || !complete || k.ID != "aaaa" || len(named) != 1 || named[0].ID != "bbbb" {
		t.Errorf("%+v %v %+v %v %v", k, found, named, complete, err)
	}
	if _, found, _, _, _ := d.FindKey(t.Context(), testAccount, "", "wallboard"); found {
		t.Error("without a mark, a key was called found")
	}
}

func TestKeyByIDPatchesList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := vendorWithKeys()
		d := loadedDirectory(t, v)
		v.change(func(v *fakeVendor) {
			v.keys[1].Name = "renamed"
			v.keys = v.keys[:2]
		})
		for _, id := range []string{"bbbb", "cccc"} {
			_, _ = d.KeyByID(t.Context(), testAccount, id)
		}
		if got := keyNames(t, d, KeyFilter{}); got != "Dialler renamed" {
			t.Errorf("listed: %s", got)
		}
		if s, known, err := d.KeysOf(t.Context(), testAccount, 2); err != nil || !known || len(s) != 1 || s[0].ID != "aaaa" {
			t.Errorf("keys of a subuser: %+v %v %v", s, known, err)
		}
	})
}

// A listing of keys that began before a key was deleted does not bring it back.
func TestListingDoesNotRestoreDeletedKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := vendorWithKeys()
		d := loadedDirectory(t, v)
		before := slices.Clone(v.keys)
		open := v.block("GetKeys")
		d.Refresh(testAccount)
		synctest.Wait()
		v.change(func(v *fakeVendor) { v.keys = nil })
		d.account(testAccount).patchKey("cccc", keyPatch{tick: d.account(testAccount).tick()})
		v.change(func(v *fakeVendor) { v.keys = before })
		open()
		time.Sleep(time.Second)
		if got := keyNames(t, d, KeyFilter{}); got != "Dialler wallboard" {
			t.Errorf("listed: %s", got)
		}
	})
}

func TestKeyPageSearchFilterAndSort(t *testing.T) {
	t.Parallel()
	d := loadedDirectory(t, vendorWithKeys())
	for want, filter := range map[string]KeyFilter{
		"Dialler Émile wallboard":  {},
		"wallboard Émile Dialler":  {Desc: true},
		"Émile":                    {Query: "EMILE"},
		"wallboard":                {Query: "bbbb"},
		"Dialler":                  {Query: "person00002 support"},
		"Dialler wallboard":        {Role: "support"},
		"Émile ":                   {Role: "-", Query: "nobody"},
		"Dialler Émile wallboard ": {Sort: "description"},
		"Émile Dialler wallboard":  {Sort: "roles"},
		"Dialler Émile":            {PerPage: 2},
		"wallboard ":               {PerPage: 2, Page: 9},
	} {
		if got := keyNames(t, d, filter); got != strings.TrimSpace(want) {
			t.Errorf("%+v: %s, want %s", filter, got, want)
		}
	}
	holders, _, err := d.KeysWithRole(t.Context(), testAccount, 3)
	if err != nil || len(holders) != 2 {
		t.Errorf("holders of Support: %+v, %v", holders, err)
	}
	if counts, _ := d.Counts(t.Context(), testAccount); counts.KeysWithoutDescription != 1 {
		t.Errorf("%d keys without a description", counts.KeysWithoutDescription)
	}
}

func keyNames(t *testing.T, d *Directory, f KeyFilter) string {
	t.Helper()
	page, err := d.KeyPage(t.Context(), testAccount, f)
	if err != nil || !page.Known || page.Total == 0 {
		t.Fatalf("%+v, %v", page, err)
	}
	var names []string
	for _, k := range page.Rows {
		names = append(names, k.Name)
	}
	return strings.Join(names, " ")
}

func TestSubusersByIDsKeepsOrder(t *testing.T) {
	t.Parallel()
	d := loadedDirectory(t, newFakeVendor(4))
	rows, _, err := d.SubusersByIDs(t.Context(), testAccount, []int64{3, 9, 1})
	if err != nil || len(rows) != 2 || rows[0].ID != 3 || rows[1].ID != 1 {
		t.Errorf("%+v, %v", rows, err)
	}
}
