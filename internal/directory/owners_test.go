package directory

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

func TestKeysAndTheirOwners(t *testing.T) {
	t.Parallel()
	d := officeDirectory(t)
	page, _ := d.List(t.Context(), testAccount, access.Subuser, Filter{Query: "semen"})
	want := []access.NamedKey{{ID: "k2", Name: "alpha"}, {ID: "k1", Name: "beta"}}
	if diff := cmp.Diff(want, page.Rows[0].Keys); diff != "" || !page.Rows[0].KeysKnown {
		t.Errorf("known %v, keys differ (-want +got):\n%s", page.Rows[0].KeysKnown, diff)
	}
	keys := listKeys(t, d)
	if keys.Status.Incomplete || len(keys.Rows) != 4 {
		t.Fatalf("%+v", keys)
	}
	if k := keys.Rows[2]; k.Name != "delta" || k.OwnerKnown || k.BelongsTo != nil || k.OwnerLogin != "" {
		t.Errorf("a key without an owner: %+v", k)
	}
	if k := keys.Rows[0]; k.Name != "alpha" || !k.OwnerKnown || *k.BelongsTo != access.SubuserRef(14) ||
		k.OwnerLogin != "semen" {
		t.Errorf("a key with an owner: %+v", k)
	}
	s, err := d.ByID(t.Context(), testAccount, access.SubuserRef(14))
	if err != nil || !s.KeysKnown || cmp.Diff(want, s.Keys) != "" {
		t.Errorf("by id: %+v, %v", s, err)
	}
	belonging, known, err := d.KeysBelongingTo(t.Context(), testAccount, access.SubuserRef(14))
	if err != nil || !known || len(belonging) != 2 || belonging[0].ID != "k2" || belonging[1].ID != "k1" {
		t.Errorf("keys of a subuser: %+v, known %v, %v", belonging, known, err)
	}
	counts, _ := d.Counts(t.Context(), testAccount)
	if counts.Keys != 4 || !counts.KeysKnown {
		t.Errorf("counts %+v", counts)
	}
}

func TestNoKeysAreKnownWhenVendorReportsNoOwners(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(1)
	v.keys = []voxapi.Key{{ID: "k1", Name: "robot"}}
	d := loadedDirectory(t, v)
	if s := list(t, d).Rows[0]; s.KeysKnown || len(s.Keys) != 0 {
		t.Errorf("keys %v, known %v", s.Keys, s.KeysKnown)
	}
	if _, known, _ := d.KeysBelongingTo(t.Context(), testAccount, access.SubuserRef(1)); known {
		t.Error("the keys of a subuser are known")
	}
	if counts, _ := d.Counts(t.Context(), testAccount); !counts.KeysKnown || counts.Keys != 1 {
		t.Errorf("counts %+v", counts)
	}
}

func TestAccountWithoutKeys(t *testing.T) {
	t.Parallel()
	d := loadedDirectory(t, newFakeVendor(1))
	if s := list(t, d).Rows[0]; !s.KeysKnown || len(s.Keys) != 0 {
		t.Errorf("keys %v, known %v", s.Keys, s.KeysKnown)
	}
}

// Deleting the last key with an owner does not make owners unknown.
func TestPatchKeepsKnowledgeOfOwners(t *testing.T) {
	t.Parallel()
	d := officeDirectory(t)
	for _, id := range []string{"k1", "k2", "k3"} {
		d.patchDeleted(testAccount, access.KeyRef(id))
	}
	if s := list(t, d).Rows[0]; !s.KeysKnown || len(s.Keys) != 0 {
		t.Errorf("keys %v, known %v", s.Keys, s.KeysKnown)
	}
}

// A patched key changes the order of the subusers by keys.
func TestPatchedKeyMovesItsOwner(t *testing.T) {
	t.Parallel()
	d := officeDirectory(t)
	owner := access.SubuserRef(10)
	for _, id := range []string{"n1", "n2", "n3"} {
		d.patchPrincipal(testAccount, access.Principal{Ref: access.KeyRef(id), BelongsTo: &owner, OwnerKnown: true})
	}
	page, err := d.List(t.Context(), testAccount, access.Subuser, Filter{Sort: "keys", Desc: true})
	if err != nil || page.Rows[0].Name != "zoe" || len(page.Rows[0].Keys) != 3 {
		t.Errorf("most keys: %+v, %v", page.Rows[0], err)
	}
}

// Keys that cannot be read do not delay the subusers, and the last known ones stay as possibly out of date.
func TestKeysCannotBeRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(2)
		v.fail("GetKeys", errDown)
		d := loadedDirectory(t, v)
		page := list(t, d)
		if page.Total != 2 || page.Status.LastError != nil || page.Rows[0].KeysKnown {
			t.Errorf("page %+v", page)
		}
		if counts, _ := d.Counts(t.Context(), testAccount); counts.KeysKnown {
			t.Errorf("counts %+v", counts)
		}
		v.fail("GetKeys", nil)
		v.change(func(v *fakeVendor) {
			v.keys = []voxapi.Key{{ID: "k1", Name: "robot", OwnerKnown: true, Owner: []voxapi.SubUser{{ID: 1}}}}
		})
		d.Refresh(testAccount)
		synctest.Wait()
		if s := list(t, d).Rows[0]; !s.KeysKnown || len(s.Keys) != 1 {
			t.Errorf("keys once read: %+v", s)
		}
		v.fail("GetKeys", errDown)
		d.Refresh(testAccount)
		synctest.Wait()
		if s := list(t, d).Rows[0]; s.KeysKnown || len(s.Keys) != 1 {
			t.Errorf("keys that failed later: %+v", s)
		}
		if keys := listKeys(t, d); !keys.Status.Incomplete || keys.Total != 1 {
			t.Errorf("the list of keys that failed later: %+v", keys)
		}
	})
}

func TestSlowKeysDoNotDelayTheSubusers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(2)
		openGate := v.block("GetKeys")
		d := newTestDirectory(t, v, Options{})
		start := time.Now()
		page := list(t, d)
		if page.Total != 2 || !page.Status.Refreshing || page.Rows[0].KeysKnown || time.Since(start) != defaultColdWait {
			t.Errorf("after %v: %+v", time.Since(start), page)
		}
		openGate()
		synctest.Wait()
		if page := list(t, d); page.Status.Refreshing || !page.Rows[0].KeysKnown {
			t.Errorf("once read: %+v", page)
		}
	})
}

// While the keys are read for the first time, their list is not empty but cold.
func TestKeysAreNotMissingWhileTheyAreRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendorWithKeys(2)
		openGate := v.block("GetKeys")
		d := newTestDirectory(t, v, Options{})
		list(t, d)
		synctest.Wait()
		search := func() Page {
			t.Helper()
			found, err := d.Search(t.Context(), testAccount, access.Key, "robot", 10)
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		withRole := func() (int, Status) {
			t.Helper()
			keys, status, err := d.WithRole(t.Context(), testAccount, access.Key, 7)
			if err != nil {
				t.Fatal(err)
			}
			return len(keys), status
		}
		for name, page := range map[string]Page{"list": listKeys(t, d), "search": search()} {
			if !page.Status.Cold() || !page.Status.Refreshing {
				t.Errorf("the %s while the keys are read: %+v", name, page)
			}
		}
		start := time.Now()
		if _, status := withRole(); !status.Cold() || time.Since(start) != 0 {
			t.Errorf("those with a role, after %v: %+v", time.Since(start), status)
		}
		if _, status, err := d.RoleCounts(t.Context(), testAccount, access.Key); err != nil || !status.Cold() {
			t.Errorf("the roles: %+v, %v", status, err)
		}
		time.AfterFunc(defaultColdWait/2, openGate)
		if page := listKeys(t, d); page.Status.Cold() || page.Total != 2 || page.Status.Incomplete {
			t.Errorf("the list that waited for the keys: %+v", page)
		}
		if keys, status := withRole(); keys != 2 || status.Cold() {
			t.Errorf("%d keys have the role: %+v", keys, status)
		}
	})
}

// The age of the list of keys is that of the keys, not of the subusers read since.
func TestAgeOfKeysThatFailedLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendorWithKeys(2)
		d := loadedDirectory(t, v)
		read := listKeys(t, d).Status.AsOf
		time.Sleep(time.Minute)
		v.fail("GetKeys", errDown)
		d.Refresh(testAccount)
		synctest.Wait()
		if subusers := list(t, d).Status.AsOf; !subusers.After(read) {
			t.Errorf("the subusers are as of %v", subusers)
		}
		if keys := listKeys(t, d).Status; !keys.AsOf.Equal(read) {
			t.Errorf("the keys of %v are as of %v", read, keys.AsOf)
		}
	})
}
