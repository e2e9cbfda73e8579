package directory

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

// patchSubuser patches the snapshot with a subuser that was just read or created.
func (d *Directory) patchSubuser(account int64, s Subuser) {
	a := d.account(account)
	s.Roles = slices.Clone(s.Roles)
	a.patch(s.ID, patch{tick: a.tick(), subuser: &s})
}

// patchDeletedSubuser takes a subuser out of the snapshot.
func (d *Directory) patchDeletedSubuser(account, id int64) {
	a := d.account(account)
	a.patch(id, patch{tick: a.tick()})
}

func TestPatchAddsChangesAndDeletes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := loadedDirectory(t, newFakeVendor(3))
		d.patchSubuser(testAccount, Subuser{ID: 9, Login: "newcomer", RolesKnown: true})
		d.patchSubuser(testAccount, Subuser{ID: 2, Login: "person00002", Description: "changed", RolesKnown: true})
		d.patchDeletedSubuser(testAccount, 1)
		d.patchDeletedSubuser(testAccount, 500)
		if got, want := listedLogins(t, d), []string{"newcomer", "person00002", "person00003"}; !slices.Equal(got, want) {
			t.Errorf("listed %v, want %v", got, want)
		}
		for name := range map[string]order{
			"login":       byLogin,
			"description": byDescription,
			"roles":       byRoles,
			"keys":        byKeys,
			"id":          byID,
		} {
			page, err := d.Subusers(t.Context(), testAccount, SubuserFilter{Sort: name})
			if err != nil || len(page.Rows) != 3 {
				t.Errorf("by %s: %d rows, %v", name, len(page.Rows), err)
			}
		}
		page, _ := d.Subusers(t.Context(), testAccount, SubuserFilter{Query: "changed"})
		if len(page.Rows) != 1 {
			t.Errorf("a new description finds %d rows", len(page.Rows))
		}
		counts, _ := d.Counts(t.Context(), testAccount)
		if counts.Subusers != 3 || counts.WithoutRoles != 2 {
			t.Errorf("counts %+v", counts)
		}
	})
}

// What was done while a listing was under way is not undone by it: the listing saw the account before.
func TestListingKeepsNewerPatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(5)
		d := loadedDirectory(t, v)
		// The listing reads the subusers, and then hangs before its last request.
		v.delay = func(n int) time.Duration {
			if n == 4 {
				return time.Second
			}
			return 0
		}
		d.Refresh(testAccount)
		time.Sleep(time.Millisecond)
		d.patchSubuser(testAccount, Subuser{ID: 9, Login: "created", RolesKnown: true})
		d.patchSubuser(testAccount, Subuser{ID: 2, Login: "person00002", Description: "changed", RolesKnown: true})
		d.patchDeletedSubuser(testAccount, 3)
		time.Sleep(2 * time.Second)
		want := []string{"created", "person00001", "person00002", "person00004", "person00005"}
		if got := listedLogins(t, d); !slices.Equal(got, want) {
			t.Errorf("listed %v, want %v", got, want)
		}
		if page, _ := d.Subusers(t.Context(), testAccount, SubuserFilter{Query: "changed"}); page.Matches != 1 {
			t.Error("the change was undone")
		}

		// The next listing begins after all that, so it knows better.
		d.Refresh(testAccount)
		time.Sleep(time.Second)
		if got := listedLogins(t, d); !slices.Equal(
			got,
			[]string{"person00001", "person00002", "person00003", "person00004", "person00005"},
		) {
			t.Errorf("the next listing shows %v", got)
		}
	})
}

// The first listing can be overtaken as well.
func TestPatchBeforeTheFirstListingEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(2)
		openGate := v.block("GetSubUsers")
		d := newTestDirectory(t, v, Options{})
		list(t, d)
		d.patchDeletedSubuser(testAccount, 1)
		openGate()
		synctest.Wait()
		if got := listedLogins(t, d); !slices.Equal(got, []string{"person00002"}) {
			t.Errorf("listed %v", got)
		}
	})
}

// A slow read by id that began before an act must not put back what the act changed.
func TestSlowReadDoesNotOverwriteNewerPatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(3)
		d := loadedDirectory(t, v)
		openGate := v.block("GetSubUserRoles")
		read := make(chan Subuser)
		go func() {
			s, err := d.SubuserByID(t.Context(), testAccount, 2)
			if err != nil {
				t.Error(err)
			}
			read <- s
		}()
		synctest.Wait()
		d.patchDeletedSubuser(testAccount, 2)
		openGate()
		if s := <-read; s.Login != "person00002" {
			t.Errorf("read %+v", s)
		}
		if got := listedLogins(t, d); !slices.Equal(got, []string{"person00001", "person00003"}) {
			t.Errorf("listed %v", got)
		}
	})
}

// Nor may a slow read put back what a listing, begun later, has seen gone.
func TestSlowReadDoesNotOverwriteNewerListing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendor(3)
		d := loadedDirectory(t, v)
		openGate := v.block("GetSubUserRoles")
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = d.SubuserByID(t.Context(), testAccount, 2)
		}()
		synctest.Wait()
		v.change(func(v *fakeVendor) { v.subusers = slices.Delete(v.subusers, 1, 2) })
		d.Refresh(testAccount)
		time.Sleep(time.Second)
		v.change(func(v *fakeVendor) { v.subusers = append(v.subusers, vendorSubuser(2)) })
		openGate()
		<-done
		if got := listedLogins(t, d); !slices.Equal(got, []string{"person00001", "person00003"}) {
			t.Errorf("listed %v", got)
		}
	})
}

func TestPatchCopiesRoles(t *testing.T) {
	t.Parallel()
	d := loadedDirectory(t, newFakeVendor(1))
	s := Subuser{ID: 1, Login: "person00001", RolesKnown: true, Roles: []access.RoleAssignment{{ID: 1, Name: "Owner"}}}
	d.patchSubuser(testAccount, s)
	s.Roles[0] = access.RoleAssignment{ID: 7, Name: "Accountant"}
	if holders, _, _ := d.SubusersWithRole(t.Context(), testAccount, 1); len(holders) != 1 {
		t.Error("a caller's later change reached the snapshot")
	}
}

// Whatever was patched, a snapshot is the one that would have been built from its rows.
func TestPatchedSnapshotEqualsRebuiltSnapshot(t *testing.T) {
	t.Parallel()
	subusers := roleIndex{}.convertSubusers(newFakeVendor(40).subusers)
	keys := newKeyIndex(
		[]Key{
			{ID: "a", OwnerID: 7, OwnerKnown: true},
			{ID: "b", OwnerID: 7, OwnerKnown: true},
			{ID: "c", OwnerID: 31, OwnerKnown: true},
		},
		true,
	)
	patched := newSnapshot(1, time.Time{}, false, subusers[:30], keys)
	for i := range subusers {
		s := subusers[i]
		if i%3 == 0 {
			s.Description = "Ż" + s.Login[8:]
			subusers[i] = s
		}
		patched = patched.withSubuser(s.ID, &s)
	}
	remaining := subusers[:0:0]
	for i, s := range subusers {
		if i%5 == 0 {
			patched = patched.withSubuser(s.ID, nil)
		} else {
			remaining = append(remaining, s)
		}
	}
	rebuilt := newSnapshot(1, time.Time{}, false, remaining, keys)
	for o := range orderCount {
		ids := func(s *snapshot) (ids []int64) {
			for _, r := range s.sorted[o] {
				ids = append(ids, r.ID)
			}
			return ids
		}
		if !slices.Equal(ids(patched), ids(rebuilt)) {
			t.Errorf("order %d: patched %v, anew %v", o, ids(patched), ids(rebuilt))
		}
	}
	if patched.withoutRoles != rebuilt.withoutRoles || !slices.Equal(patched.roleNames, rebuilt.roleNames) {
		t.Errorf("sums differ: %+v and %+v", patched.roleNames, rebuilt.roleNames)
	}
	if same := patched.withSubuser(subusers[1].ID, &subusers[1]); same != patched {
		t.Error("a patch that changes nothing makes a new snapshot")
	}
}
