package directory

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

func TestByIDReadsFromVendor(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testKind) {
		v := newFakeVendorWithKeys(30)
		d := loadedDirectory(t, v)
		v.change(func(v *fakeVendor) {
			k.edit(v, 5, func(description *string, roles *[]voxapi.Role) {
				*description = "moved to Brno [vw:ABCDEFG234]"
				*roles = []voxapi.Role{{ID: 1, Name: "Owner"}, {ID: 3, Name: "Support", GUIOnly: true}}
			})
		})
		p, err := d.ByID(t.Context(), testAccount, k.ref(5))
		want := access.Principal{
			Ref: k.ref(5), Name: k.name(5), Description: "moved to Brno", Tag: "ABCDEFG234", RolesKnown: true,
			Roles: []access.RoleAssignment{{ID: 1, Name: "Owner", Direct: true}, {ID: 3, Name: "Support", GUIOnly: true}},
		}
		if k.Kind == access.Key {
			owner := access.SubuserRef(5)
			want.BelongsTo, want.OwnerLogin, want.OwnerKnown = &owner, "person00005", true
		} else {
			want.Keys, want.KeysKnown = []access.NamedKey{{ID: keyID(5), Name: "robot00005"}}, true
		}
		if diff := cmp.Diff(want, p); err != nil || diff != "" {
			t.Fatalf("error %v, read differs (-want +got):\n%s", err, diff)
		}
		page, _ := d.List(t.Context(), testAccount, k.Kind, Filter{Query: "brno"})
		if page.Matches != 1 || cmp.Diff(want, page.Rows[0]) != "" {
			t.Errorf("the list was not patched: %+v", page.Rows)
		}
	})
}

func TestByIDReadsRolesThatTheListLacks(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testKind) {
		v := newFakeVendorWithKeys(3)
		v.ignoreWithRoles = true
		d := loadedDirectory(t, v)
		p, err := d.ByID(t.Context(), testAccount, k.ref(2))
		if err != nil || !p.RolesKnown || !slices.Equal(p.RoleIDs(), []int64{7}) {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

func TestByIDNotFound(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(v *fakeVendor, k testKind){
		"the vendor returns an empty list": func(v *fakeVendor, k testKind) { k.remove(v, 5) },
		"the vendor refuses the id": func(v *fakeVendor, k testKind) {
			v.refuseUnknownID = true
			k.remove(v, 5)
		},
		"the vendor ignores the id": func(v *fakeVendor, k testKind) {
			v.ignoreID = true
			k.remove(v, 5)
		},
		"the vendor ignores the id and sends pages of one row": func(v *fakeVendor, k testKind) {
			v.ignoreID, v.pageCap = true, 1
			k.remove(v, 5)
		},
		"deleted between the two calls": func(v *fakeVendor, k testKind) {
			v.failing[k.rolesMethod] = &voxapi.Error{Kind: voxapi.Refused, Code: k.notFoundCode}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachKind(t, func(t *testing.T, k testKind) {
				v := newFakeVendorWithKeys(30)
				d := loadedDirectory(t, v)
				v.change(func(v *fakeVendor) { change(v, k) })
				if _, err := d.ByID(t.Context(), testAccount, k.ref(5)); !errors.Is(err, ErrNotFound) {
					t.Fatalf("error %v", err)
				}
				if slices.Contains(listedNames(t, d, k.Kind), k.name(5)) {
					t.Error("the list still shows the deleted principal")
				}
			})
		})
	}
}

func TestByIDOfUnknownKindIsNotFound(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(3)
	d := newTestDirectory(t, v, Options{})
	for _, ref := range []access.Ref{{}, {Kind: "role", ID: "1"}} {
		if _, err := d.ByID(t.Context(), testAccount, ref); !errors.Is(err, ErrNotFound) {
			t.Errorf("%+v: %v", ref, err)
		}
	}
	if len(v.calls) != 0 {
		t.Errorf("calls %v", v.calls)
	}
}

func TestByIDWhenVendorIgnoresID(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testKind) {
		for _, pageCap := range []int{1, 20} {
			v := newFakeVendorWithKeys(70)
			v.ignoreID, v.pageCap = true, pageCap
			d := loadedDirectory(t, v)
			for _, n := range []int{5, 65} {
				p, err := d.ByID(t.Context(), testAccount, k.ref(n))
				if err != nil || p.Ref != k.ref(n) || !slices.Equal(p.RoleIDs(), []int64{7}) {
					t.Errorf("pages of %d, %d: %+v, %v", pageCap, n, p, err)
				}
			}
		}
	})
}

// A vendor that ignores both the id and the offset never proves that a principal does not exist.
func TestByIDInIncompleteListIsAnError(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testKind) {
		v := newFakeVendorWithKeys(70)
		d := loadedDirectory(t, v)
		v.change(func(v *fakeVendor) { v.ignoreID, v.ignoreOffset, v.pageCap = true, true, 20 })
		if _, err := d.ByID(t.Context(), testAccount, k.ref(65)); !isReadError(err, Unreadable) {
			t.Fatalf("error %v", err)
		}
		if !slices.Contains(listedNames(t, d, k.Kind), k.name(65)) {
			t.Error("the list lost a principal that may exist")
		}
	})
}

// A check before a change must not use old data when the vendor cannot be read.
func TestByIDFailsWhenVendorFails(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testKind) {
		for _, method := range []string{k.listMethod, k.rolesMethod} {
			v := newFakeVendorWithKeys(3)
			d := loadedDirectory(t, v)
			v.fail(method, &voxapi.Error{Kind: voxapi.Unavailable, Method: method, Status: 500})
			_, err := d.ByID(t.Context(), testAccount, k.ref(2))
			readError, ok := errors.AsType[*ReadError](err)
			if !ok || readError.Kind != Unreadable || readError.Method != method {
				t.Errorf("%s: error %v", method, err)
			}
			if len(listedNames(t, d, k.Kind)) != 3 {
				t.Errorf("%s: the list has changed", method)
			}
		}
	})
}

func TestByIDPatchesListAndOwners(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := vendorWithKeys()
		d := loadedDirectory(t, v)
		v.change(func(v *fakeVendor) {
			v.keys[1].Name = "renamed"
			v.keys = v.keys[:2]
		})
		for _, id := range []string{"bbbb", "cccc"} {
			_, _ = d.ByID(t.Context(), testAccount, access.KeyRef(id))
		}
		if got := listedNames(t, d, access.Key); !slices.Equal(got, []string{"Dialler", "renamed"}) {
			t.Errorf("listed: %v", got)
		}
		keys, known, err := d.KeysBelongingTo(t.Context(), testAccount, access.SubuserRef(2))
		if err != nil || !known || len(keys) != 1 || keys[0].ID != "aaaa" {
			t.Errorf("keys of a subuser: %+v %v %v", keys, known, err)
		}
	})
}

// Before a listing was read, the keys of a subuser are not known. Reading one starts.
func TestByIDWithoutSnapshotDoesNotKnowTheKeys(t *testing.T) {
	t.Parallel()
	d := newTestDirectory(t, newFakeVendorWithKeys(3), Options{ColdWait: time.Minute})
	s, err := d.ByID(t.Context(), testAccount, access.SubuserRef(2))
	if err != nil || s.KeysKnown {
		t.Errorf("%+v, %v", s, err)
	}
	if page := list(t, d); page.Total != 3 {
		t.Errorf("%d rows", page.Total)
	}
	if s, _ := d.ByID(t.Context(), testAccount, access.SubuserRef(2)); !s.KeysKnown || len(s.Keys) != 1 {
		t.Errorf("the next call: %+v", s)
	}
}

func TestKeyIDsAreComparedWithoutCase(t *testing.T) {
	t.Parallel()
	v := newFakeVendorWithKeys(3)
	v.keys[1].ID = "ABCD"
	d := loadedDirectory(t, v)
	for _, ignoreID := range []bool{false, true} {
		v.change(func(v *fakeVendor) { v.ignoreID = ignoreID })
		p, err := d.ByID(t.Context(), testAccount, access.KeyRef("ABcd"))
		if err != nil || p.ID != "abcd" {
			t.Errorf("%+v, %v", p, err)
		}
	}
	if names := listedNames(t, d, access.Key); len(names) != 3 {
		t.Errorf("listed %v", names)
	}
}

func TestFindSubuserByTagOrLogin(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(60)
	d := loadedDirectory(t, v)
	v.change(func(v *fakeVendor) { v.subusers = append(v.subusers, vendorSubuser(61)) })
	find := func(login, tag string) (Search, error) {
		return d.Find(t.Context(), testAccount, access.Subuser, login, tag)
	}
	s, err := find("PERSON00061", "")
	if err != nil || !s.Found || !s.Complete || s.Principal.SubuserID() != 61 || !s.Principal.RolesKnown {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err = find("person", ""); err != nil || s.Found || !s.Complete || len(s.SameName) > 0 {
		t.Errorf("an unknown login: %+v, %v", s, err)
	}
	v.change(func(v *fakeVendor) { v.subusers[40].Description = WithTag("Someone", "ABCDEFGHIJ") })
	if s, err = find("person00030", "ABCDEFGHIJ"); err != nil || !s.Found || s.Principal.SubuserID() != 41 {
		t.Errorf("a tag under another login: %+v, %v", s, err)
	}
	v.change(func(v *fakeVendor) { v.ignoreOffset, v.pageCap = true, 20 })
	if s, err = find("person00030", ""); err != nil || s.Found || s.Complete {
		t.Errorf("an absence from a list that may lack rows: %+v, %v", s, err)
	}
	v.fail("GetSubUsers", errDown)
	if _, err = find("person00030", ""); !isReadError(err, Unreachable) {
		t.Errorf("error %v", err)
	}
}

// The names of keys are not unique, so only the tag finds a key.
func TestFindKeyByTag(t *testing.T) {
	t.Parallel()
	v := vendorWithKeys()
	d := newTestDirectory(t, v, Options{})
	s, err := d.Find(t.Context(), testAccount, access.Key, " wallboard ", "ABCDEFGHIJ")
	if err != nil || !s.Found || !s.Complete || s.Principal.ID != "aaaa" || len(s.SameName) != 1 ||
		s.SameName[0].ID != "bbbb" {
		t.Errorf("%+v %v", s, err)
	}
	if s, _ := d.Find(t.Context(), testAccount, access.Key, "wallboard", ""); s.Found || len(s.SameName) != 1 {
		t.Errorf("without a tag: %+v", s)
	}
	v.fail("GetKeys", &voxapi.Error{Kind: voxapi.NotSent, Method: "GetKeys"})
	if _, err := d.Find(t.Context(), testAccount, access.Key, "wallboard", ""); !isReadError(err, Unreachable) {
		t.Errorf("error %v", err)
	}
}

func isReadError(err error, kind ErrorKind) bool {
	readError, ok := errors.AsType[*ReadError](err)
	return ok && readError.Kind == kind
}

// An answer with the code for an unknown id beside a result contradicts itself and proves nothing.
func TestErrorCodeWithResultDoesNotProveAbsence(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testKind) {
		v := newFakeVendorWithKeys(30)
		d := loadedDirectory(t, v)
		for _, method := range []string{k.listMethod, k.rolesMethod} {
			v.fail(method, &voxapi.Error{Kind: voxapi.Unavailable, Method: method, Code: k.notFoundCode})
			if _, err := d.ByID(t.Context(), testAccount, k.ref(5)); err == nil || errors.Is(err, ErrNotFound) {
				t.Errorf("%s: %v", method, err)
			}
			v.fail(method, nil)
		}
		if counts, err := d.Counts(t.Context(), testAccount); err != nil || counts.Subusers != 30 || counts.Keys != 30 {
			t.Errorf("the lists lost a principal: %+v, %v", counts, err)
		}
	})
}
