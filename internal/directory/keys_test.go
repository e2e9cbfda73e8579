package directory

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

func TestKeyOwners(t *testing.T) {
	t.Parallel()
	d := officeDirectory(t)
	page, _ := d.Subusers(t.Context(), testAccount, SubuserFilter{Query: "semen"})
	want := []access.NamedKey{{ID: "k2", Name: "alpha"}, {ID: "k1", Name: "beta"}}
	if diff := cmp.Diff(want, page.Rows[0].Keys); diff != "" || !page.Rows[0].KeysKnown {
		t.Errorf("known %v, keys differ (-want +got):\n%s", page.Rows[0].KeysKnown, diff)
	}
	keys, err := d.Keys(t.Context(), testAccount)
	if err != nil || !keys.Known || len(keys.Keys) != 4 {
		t.Fatalf("%+v, %v", keys, err)
	}
	if k := keys.Keys[2]; k.Name != "delta" || k.OwnerKnown {
		t.Errorf("a key without an owner: %+v", k)
	}
	if k := keys.Keys[0]; k.Name != "alpha" || !k.OwnerKnown || k.OwnerID != 14 || k.OwnerLogin != "semen" {
		t.Errorf("a key with an owner: %+v", k)
	}
	s, err := d.SubuserByID(t.Context(), testAccount, 14)
	if err != nil || !s.KeysKnown || cmp.Diff(want, s.Keys) != "" {
		t.Errorf("by id: %+v, %v", s, err)
	}
	counts, _ := d.Counts(t.Context(), testAccount)
	if counts.Keys != 4 || !counts.KeysKnown {
		t.Errorf("counts %+v", counts)
	}
}

// If the vendor names no owner of any key, nobody's keys are known.
func TestKeysWithoutOwners(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(1)
	v.keys = []voxapi.Key{{ID: "k1", Name: "robot"}}
	d := loadedDirectory(t, v)
	if s := list(t, d).Rows[0]; s.KeysKnown || len(s.Keys) != 0 {
		t.Errorf("keys %v, known %v", s.Keys, s.KeysKnown)
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

// Keys that cannot be read do not keep the subusers back, and those of the last time are shown as doubtful.
func TestKeysFail(t *testing.T) {
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
	})
}

// Slow keys do not keep the subusers back for longer than ColdWait.
func TestSlowKeys(t *testing.T) {
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
