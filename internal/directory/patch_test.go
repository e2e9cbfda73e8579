package directory

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

// patchPrincipal patches the snapshot with a principal that was just read or created.
func (d *Directory) patchPrincipal(account int64, p access.Principal) {
	a := d.account(account)
	p.Roles = slices.Clone(p.Roles)
	a.patch(p.Ref, patch{tick: a.tick(), principal: &p})
}

// patchDeleted removes a principal from the snapshot.
func (d *Directory) patchDeleted(account int64, ref access.Ref) {
	a := d.account(account)
	a.patch(ref, patch{tick: a.tick()})
}

func TestPatchAddsChangesAndDeletes(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testKind) {
		d := loadedDirectory(t, newFakeVendorWithKeys(3))
		d.patchPrincipal(testAccount, access.Principal{Ref: k.ref(9), Name: "newcomer", RolesKnown: true})
		d.patchPrincipal(testAccount, access.Principal{
			Ref:         k.ref(2),
			Name:        k.name(2),
			Description: "changed",
			RolesKnown:  true,
		})
		d.patchDeleted(testAccount, k.ref(1))
		d.patchDeleted(testAccount, k.ref(500))
		if got, want := listedNames(t, d, k.Kind), []string{"newcomer", k.name(2), k.name(3)}; !slices.Equal(got, want) {
			t.Errorf("listed %v, want %v", got, want)
		}
		for name := range kinds()[k.Kind].orders {
			page, err := d.List(t.Context(), testAccount, k.Kind, Filter{Sort: name})
			if err != nil || len(page.Rows) != 3 {
				t.Errorf("by %s: %d rows, %v", name, len(page.Rows), err)
			}
		}
		page, _ := d.List(t.Context(), testAccount, k.Kind, Filter{Query: "changed"})
		if len(page.Rows) != 1 {
			t.Errorf("a new description finds %d rows", len(page.Rows))
		}
		counts, _ := d.Counts(t.Context(), testAccount)
		want := map[access.Kind][4]int{access.Subuser: {3, 3, 2, 3}, access.Key: {3, 3, 0, 2}}[k.Kind]
		if got := [4]int{
			counts.Subusers, counts.Keys, counts.WithoutRoles, counts.KeysWithoutDescription,
		}; got != want {
			t.Errorf("counts %v, want %v", got, want)
		}
	})
}

// The listing read the account before the patches.
func TestListingKeepsNewerPatches(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testKind) {
		v := newFakeVendorWithKeys(5)
		d := loadedDirectory(t, v)
		// The listing reads the rows and then waits before its last request.
		v.delay = func(method string, n int) time.Duration {
			if method == k.listMethod && n == 4 {
				return time.Second
			}
			return 0
		}
		d.Refresh(testAccount)
		time.Sleep(time.Millisecond)
		d.patchPrincipal(testAccount, access.Principal{Ref: k.ref(9), Name: "created", RolesKnown: true})
		d.patchPrincipal(testAccount, access.Principal{
			Ref:         k.ref(2),
			Name:        k.name(2),
			Description: "changed",
			RolesKnown:  true,
		})
		d.patchDeleted(testAccount, k.ref(3))
		time.Sleep(2 * time.Second)
		want := []string{"created", k.name(1), k.name(2), k.name(4), k.name(5)}
		if got := listedNames(t, d, k.Kind); !slices.Equal(got, want) {
			t.Errorf("listed %v, want %v", got, want)
		}
		if page, _ := d.List(t.Context(), testAccount, k.Kind, Filter{Query: "changed"}); page.Matches != 1 {
			t.Error("the change was undone")
		}

		// The next listing begins after the patches, so it has the newer data.
		d.Refresh(testAccount)
		time.Sleep(time.Second)
		want = []string{k.name(1), k.name(2), k.name(3), k.name(4), k.name(5)}
		if got := listedNames(t, d, k.Kind); !slices.Equal(got, want) {
			t.Errorf("the next listing shows %v", got)
		}
	})
}

func TestPatchBeforeTheFirstListingEnds(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testKind) {
		v := newFakeVendorWithKeys(2)
		openGate := v.block(k.listMethod)
		d := newTestDirectory(t, v, Options{})
		list(t, d)
		d.patchDeleted(testAccount, k.ref(1))
		openGate()
		synctest.Wait()
		if got := listedNames(t, d, k.Kind); !slices.Equal(got, []string{k.name(2)}) {
			t.Errorf("listed %v", got)
		}
	})
}

func TestSlowReadDoesNotOverwriteNewerPatch(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testKind) {
		v := newFakeVendorWithKeys(3)
		d := loadedDirectory(t, v)
		openGate := v.block(k.rolesMethod)
		read := make(chan access.Principal)
		go func() {
			p, err := d.ByID(t.Context(), testAccount, k.ref(2))
			if err != nil {
				t.Error(err)
			}
			read <- p
		}()
		synctest.Wait()
		d.patchDeleted(testAccount, k.ref(2))
		openGate()
		if p := <-read; p.Name != k.name(2) {
			t.Errorf("read %+v", p)
		}
		if got := listedNames(t, d, k.Kind); !slices.Equal(got, []string{k.name(1), k.name(3)}) {
			t.Errorf("listed %v", got)
		}
	})
}

func TestSlowReadDoesNotOverwriteNewerListing(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testKind) {
		v := newFakeVendorWithKeys(3)
		d := loadedDirectory(t, v)
		openGate := v.block(k.rolesMethod)
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = d.ByID(t.Context(), testAccount, k.ref(2))
		}()
		synctest.Wait()
		v.change(func(v *fakeVendor) { k.remove(v, 2) })
		d.Refresh(testAccount)
		time.Sleep(time.Second)
		v.change(func(v *fakeVendor) { k.add(v, 2) })
		openGate()
		<-done
		if got := listedNames(t, d, k.Kind); !slices.Equal(got, []string{k.name(1), k.name(3)}) {
			t.Errorf("listed %v", got)
		}
	})
}

// The listing of the subusers, which is published first, keeps the patches of the keys.
func TestListingOfSubusersKeepsPatchedKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newFakeVendorWithKeys(2)
		d := loadedDirectory(t, v)
		openGate := v.block("GetKeys")
		d.Refresh(testAccount)
		synctest.Wait()
		d.patchDeleted(testAccount, access.KeyRef(keyID(1)))
		if got := listedNames(t, d, access.Key); !slices.Equal(got, []string{"robot00002"}) {
			t.Errorf("while the keys are being read: %v", got)
		}
		openGate()
		synctest.Wait()
		if got := listedNames(t, d, access.Key); !slices.Equal(got, []string{"robot00002"}) {
			t.Errorf("afterwards: %v", got)
		}
	})
}

func TestPatchCopiesRoles(t *testing.T) {
	t.Parallel()
	d := loadedDirectory(t, newFakeVendor(1))
	p := access.Principal{
		Ref:        access.SubuserRef(1),
		Name:       "person00001",
		RolesKnown: true,
		Roles:      []access.RoleAssignment{{ID: 1, Name: "Owner"}},
	}
	d.patchPrincipal(testAccount, p)
	p.Roles[0] = access.RoleAssignment{ID: 7, Name: "Accountant"}
	if owners, _, _ := d.WithRole(t.Context(), testAccount, access.Subuser, 1); len(owners) != 1 {
		t.Error("a later change by the caller reached the snapshot")
	}
}

// A patched snapshot equals the one that is built from its rows.
func TestPatchedSnapshotEqualsRebuiltSnapshot(t *testing.T) {
	t.Parallel()
	for _, kind := range access.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			var all []access.Principal
			for n := range 40 {
				p := access.Principal{Ref: access.SubuserRef(int64(n + 1)), Name: fmt.Sprintf("name%d", n%7), RolesKnown: n%4 > 0}
				for role := range int64(n % 3) {
					p.Roles = append(p.Roles, access.RoleAssignment{ID: role + 1, Name: fmt.Sprintf("Role %d", role)})
				}
				if kind == access.Key {
					owner := access.SubuserRef(int64(1 + n%5))
					p.Ref, p.BelongsTo, p.OwnerKnown, p.OwnerLogin = access.KeyRef(keyID(n)), &owner, true, owner.ID
				}
				all = append(all, p)
			}
			build := func(principals []access.Principal) *snapshot {
				owner := access.SubuserRef(7)
				key := access.Principal{Ref: access.KeyRef("other"), BelongsTo: &owner, OwnerKnown: true}
				return emptySnapshot().
					withSection(newSection(access.Subuser, 1, time.Time{}, true, []access.Principal{{Ref: owner}})).
					withSection(newSection(access.Key, 1, time.Time{}, true, []access.Principal{key})).
					withSection(newSection(kind, 1, time.Time{}, true, principals))
			}
			patched := build(all[:30])
			for i := range all {
				if i%3 == 0 {
					all[i].Description = "Ż" + all[i].ID
				}
				patched = patched.withPrincipal(all[i].Ref, &all[i], time.Time{})
			}
			var remaining []access.Principal
			for i, p := range all {
				if i%5 == 0 {
					patched = patched.withPrincipal(p.Ref, nil, time.Time{})
				} else {
					remaining = append(remaining, p)
				}
			}
			rebuilt := build(remaining)
			for _, kind := range access.Kinds() {
				got, want := patched.section(kind), rebuilt.section(kind)
				for name, o := range kinds()[kind].orders {
					if gotIDs, wantIDs := idsOf(got.sorted[o]), idsOf(want.sorted[o]); !slices.Equal(gotIDs, wantIDs) {
						t.Errorf("%s by %s: patched %v, rebuilt %v", kind, name, gotIDs, wantIDs)
					}
				}
				if got.withoutRoles != want.withoutRoles || got.rolesUnknown != want.rolesUnknown ||
					got.withoutDescription != want.withoutDescription || !slices.Equal(got.roleNames, want.roleNames) {
					t.Errorf("%s: the counts differ: %+v and %+v", kind, got, want)
				}
			}
			for id := range int64(8) {
				if !slices.Equal(patched.keysByOwner[id], rebuilt.keysByOwner[id]) {
					t.Errorf("the keys of %d: patched %v, rebuilt %v", id, patched.keysByOwner[id], rebuilt.keysByOwner[id])
				}
			}
			if same := patched.withPrincipal(all[1].Ref, &all[1], time.Time{}); same != patched {
				t.Error("a patch that changes nothing makes a new snapshot")
			}
		})
	}
}

func idsOf(rows []*row) (ids []string) {
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	return ids
}

// TestStatusReportsNewerRows: rows that were read by id after the listing are newer than its age.
func TestStatusReportsNewerRows(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testKind) {
		d := loadedDirectory(t, newFakeVendorWithKeys(3))
		patchedAt := func() time.Time {
			page, err := d.List(t.Context(), testAccount, k.Kind, Filter{})
			if err != nil {
				t.Fatal(err)
			}
			return page.Status.PatchedAt
		}
		same, err := d.ByID(t.Context(), testAccount, k.ref(1))
		if err != nil || !patchedAt().IsZero() {
			t.Errorf("after reading %v as listed: %v, %v", same.Ref, patchedAt(), err)
		}
		a, at := d.account(testAccount), time.Now().Add(time.Minute)
		changed := access.Principal{Ref: k.ref(1), Name: "changed", RolesKnown: true}
		a.patch(changed.Ref, patch{tick: a.tick(), principal: &changed, readAt: at})
		if got := patchedAt(); !got.Equal(at) {
			t.Errorf("after a change, the newest row is of %v, want %v", got, at)
		}
	})
}
