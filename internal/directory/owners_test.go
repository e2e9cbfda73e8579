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
