package directory

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

func TestSubuserByIDReadsFromVendor(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(30)
	d := loadedDirectory(t, v)
	v.change(func(v *fakeVendor) {
		v.subusers[4].Description = "moved to Brno [vw:ABCDEFG234]"
		v.subusers[4].Roles = []voxapi.Role{{ID: 1, Name: "Owner"}, {ID: 3, Name: "Support", GUIOnly: true}}
	})
	s, err := d.SubuserByID(t.Context(), testAccount, 5)
	want := Subuser{
		ID: 5, Login: "person00005", Description: "moved to Brno", Tag: "ABCDEFG234", RolesKnown: true, KeysKnown: true,
		Roles: []access.RoleAssignment{{ID: 1, Name: "Owner", Direct: true}, {ID: 3, Name: "Support", GUIOnly: true}},
	}
	if diff := cmp.Diff(want, s); err != nil || diff != "" {
		t.Fatalf("error %v, read differs (-want +got):\n%s", err, diff)
	}
	page, _ := d.Subusers(t.Context(), testAccount, SubuserFilter{Query: "brno"})
	if page.Matches != 1 || cmp.Diff(want, page.Rows[0]) != "" {
		t.Errorf("the list was not patched: %+v", page.Rows)
	}
}

// The roles come from the method for them, even where the list does not tell them.
func TestSubuserByIDReadsRolesMissingFromList(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(3)
	v.ignoreWithRoles = true
	d := loadedDirectory(t, v)
	s, err := d.SubuserByID(t.Context(), testAccount, 2)
	if err != nil || !s.RolesKnown || !slices.Equal(s.RoleIDs(), []int64{7}) {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestSubuserByIDNotFound(t *testing.T) {
	t.Parallel()
	tests := map[string]func(v *fakeVendor){
		"answered with nothing":    func(*fakeVendor) {},
		"answered with code 434":   func(v *fakeVendor) { v.refuseUnknownID = true },
		"answered with the others": func(v *fakeVendor) { v.ignoreID = true },
		"deleted between two reads": func(v *fakeVendor) {
			v.failing["GetSubUserRoles"] = &voxapi.Error{
				Kind: voxapi.Refused,
				Code: 434,
			}
		},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newFakeVendor(30)
			d := loadedDirectory(t, v)
			v.change(func(v *fakeVendor) {
				change(v)
				if name != "deleted between two reads" {
					v.subusers = slices.Delete(v.subusers, 4, 5)
				}
			})
			if _, err := d.SubuserByID(t.Context(), testAccount, 5); !errors.Is(err, ErrNotFound) {
				t.Fatalf("error %v", err)
			}
			if slices.Contains(listedLogins(t, d), "person00005") {
				t.Error("the list still shows who is gone")
			}
		})
	}
}

// A page of others says nothing of who is not on it.
func TestSubuserByIDWhenVendorIgnoresID(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(70)
	v.ignoreID, v.pageCap = true, 20
	d := loadedDirectory(t, v)
	for _, id := range []int64{5, 65} {
		s, err := d.SubuserByID(t.Context(), testAccount, id)
		if err != nil || s.ID != id || !slices.Equal(s.RoleIDs(), []int64{7}) {
			t.Errorf("subuser %d: %+v, %v", id, s, err)
		}
	}
}

// Where neither the id nor the offset is heeded, nobody can tell whether a subuser exists.
func TestSubuserByIDInIncompleteList(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(70)
	d := loadedDirectory(t, v)
	v.change(func(v *fakeVendor) { v.ignoreID, v.ignoreOffset, v.pageCap = true, true, 20 })
	_, err := d.SubuserByID(t.Context(), testAccount, 65)
	if trouble, ok := errors.AsType[*ReadError](err); !ok || trouble.Kind != Unreadable {
		t.Fatalf("error %v", err)
	}
	if !slices.Contains(listedLogins(t, d), "person00065") {
		t.Error("the list lost somebody of whom nothing is known")
	}
}

// A guard that cannot read must not take old news for new.
func TestSubuserByIDFails(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"GetSubUsers", "GetSubUserRoles"} {
		v := newFakeVendor(3)
		d := loadedDirectory(t, v)
		v.fail(method, &voxapi.Error{Kind: voxapi.Unavailable, Method: method, Status: 500})
		_, err := d.SubuserByID(t.Context(), testAccount, 2)
		if trouble, ok := errors.AsType[*ReadError](err); !ok || trouble.Kind != Unreadable || trouble.Method != method {
			t.Errorf("%s: error %v", method, err)
		}
		if len(listedLogins(t, d)) != 3 {
			t.Errorf("%s: the list has changed", method)
		}
	}
}

// A deep link before any list was read does not know the keys, and says so.
func TestSubuserByIDWithoutSnapshot(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(3)
	v.keys = []voxapi.Key{{ID: "k1", Name: "robot", OwnerKnown: true, Owner: []voxapi.SubUser{{ID: 2}}}}
	d := newTestDirectory(t, v, Options{ColdWait: time.Minute})
	s, err := d.SubuserByID(t.Context(), testAccount, 2)
	if err != nil || s.KeysKnown {
		t.Errorf("%+v, %v", s, err)
	}
	if page := list(t, d); page.Total != 3 {
		t.Errorf("%d rows", page.Total)
	}
	if s, _ := d.SubuserByID(t.Context(), testAccount, 2); !s.KeysKnown || len(s.Keys) != 1 {
		t.Errorf("the next look: %+v", s)
	}
}

func TestFindSubuser(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(60)
	d := loadedDirectory(t, v)
	v.change(func(v *fakeVendor) { v.subusers = append(v.subusers, vendorSubuser(61)) })
	s, found, complete, err := d.FindSubuser(t.Context(), testAccount, "PERSON00061", "")
	if err != nil || !found || !complete || s.ID != 61 || !s.RolesKnown {
		t.Errorf("%+v, found %v, complete %v, %v", s, found, complete, err)
	}
	if _, found, complete, err = d.FindSubuser(t.Context(), testAccount, "person", ""); err != nil || found || !complete {
		t.Errorf("an absent login: found %v, complete %v, %v", found, complete, err)
	}
	v.change(func(v *fakeVendor) { v.subusers[40].Description = WithTag("Someone", "ABCDEFGHIJ") })
	if s, found, _, err = d.FindSubuser(t.Context(), testAccount, "person00030", "ABCDEFGHIJ"); err != nil || !found ||
		s.ID != 41 {
		t.Errorf("a mark under another login: %+v, found %v, %v", s, found, err)
	}
	v.change(func(v *fakeVendor) { v.ignoreOffset, v.pageCap = true, 20 })
	if _, found, complete, err = d.FindSubuser(t.Context(), testAccount, "person00030", ""); err != nil || found ||
		complete {
		t.Errorf("an absence in a list that may lack rows: found %v, complete %v, %v", found, complete, err)
	}
	v.fail("GetSubUsers", errDown)
	if _, _, _, err = d.FindSubuser(t.Context(), testAccount, "person00030", ""); !isReadError(err, Unreachable) {
		t.Errorf("error %v", err)
	}
}

func isReadError(err error, kind ErrorKind) bool {
	trouble, ok := errors.AsType[*ReadError](err)
	return ok && trouble.Kind == kind
}

// An answer that says two things at once, 434 or 433 beside a result, is no word on anything: least of all that
// somebody is gone.
func TestErrorCodeWithResultDoesNotProveAbsence(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(30)
	v.keys = []voxapi.Key{{ID: "key1", Name: "dialler"}}
	d := loadedDirectory(t, v)
	for _, method := range []string{"GetSubUsers", "GetSubUserRoles"} {
		v.fail(method, &voxapi.Error{Kind: voxapi.Unavailable, Method: method, Code: 434})
		if _, err := d.SubuserByID(t.Context(), testAccount, 5); err == nil || errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", method, err)
		}
		v.fail(method, nil)
	}
	for _, method := range []string{"GetKeys", "GetKeyRoles"} {
		v.fail(method, &voxapi.Error{Kind: voxapi.Unavailable, Method: method, Code: 433})
		if _, err := d.KeyByID(t.Context(), testAccount, "key1"); err == nil || errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", method, err)
		}
		v.fail(method, nil)
	}
	if counts, err := d.Counts(t.Context(), testAccount); err != nil || counts.Subusers != 30 || counts.Keys != 1 {
		t.Errorf("the lists lost somebody: %+v, %v", counts, err)
	}
}
