package directory

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

func TestFold(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"":                 "",
		"Anna":             "anna",
		"José":             "jose",
		"Jose\u0301":       "jose", // the same, written as two characters
		"ŽELEZNÝ":          "zelezny",
		"Żółć Łódź":        "zolc lodz",
		"Søren Østergård":  "soren ostergard",
		"Straße":           "strasse",
		"Семён":            "семен",
		"ΣΊΣΥΦΟΣ":          "σισυφοσ",
		"İstanbul ışık":    "istanbul isik",
		"Đorđe":            "dorde",
		"O’Brien":          "o'brien",
		"“quoted” – «так»": `"quoted" - "так"`,
		"ﬁ Ａ":              "fi a",
		"日本":               "日本",
	}
	for in, want := range tests {
		if got := fold(in); got != want {
			t.Errorf("fold(%q) = %q, want %q", in, got, want)
		}
		if once, twice := fold(in), fold(fold(in)); once != twice {
			t.Errorf("fold(%q) = %q, and folded again %q", in, once, twice)
		}
	}
}

func officeDirectory(t *testing.T) *Directory {
	t.Helper()
	v := newFakeVendor(0)
	owner := voxapi.Role{ID: 1, Name: "Owner"}
	support := voxapi.Role{ID: 3, Name: "Support"}
	userManager := voxapi.Role{ID: 5, Name: "User Manager"}
	v.subusers = []voxapi.SubUser{
		{
			ID:          11,
			Name:        "anna_k",
			Description: "Anna Železná, night shift",
			Roles:       []voxapi.Role{owner, support},
			RolesKnown:  true,
		},
		{ID: 12, Name: "bob", Description: `Bob "the voice" O’Brien`, Roles: []voxapi.Role{support}, RolesKnown: true},
		{ID: 13, Name: "anna_z", Description: "", Roles: nil, RolesKnown: true},
		{ID: 14, Name: "semen", Description: "Семён Łukasz (Łódź)", Roles: []voxapi.Role{userManager}, RolesKnown: true},
		{ID: 10, Name: "zoe", Description: "annual accounts [x]", Roles: []voxapi.Role{support}, RolesKnown: true},
	}
	v.keys = []voxapi.Key{
		{ID: "k1", Name: "beta", OwnerKnown: true, Owner: []voxapi.SubUser{{ID: 14, Name: "semen"}}},
		{ID: "k2", Name: "alpha", OwnerKnown: true, Owner: []voxapi.SubUser{{ID: 14, Name: "semen"}}},
		{ID: "k3", Name: "gamma", OwnerKnown: true, Owner: []voxapi.SubUser{{ID: 12, Name: "bob"}}},
		{ID: "k4", Name: "delta"},
	}
	return loadedDirectory(t, v)
}

// TestPrivilegedFilter lists the principals of both kinds that hold a privileged role, together with other filters.
func TestPrivilegedFilter(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(0)
	owner, support := voxapi.Role{ID: 1, Name: "Owner"}, voxapi.Role{ID: 3, Name: "Support"}
	v.roles = []voxapi.Role{owner, support}
	v.subusers = []voxapi.SubUser{
		{ID: 11, Name: "anna", Roles: []voxapi.Role{support, owner}, RolesKnown: true},
		{ID: 12, Name: "bob", Roles: []voxapi.Role{support}, RolesKnown: true},
		{ID: 13, Name: "carl", Roles: []voxapi.Role{owner}, RolesKnown: true},
		{ID: 14, Name: "dora", RolesKnown: true},
	}
	v.keys = []voxapi.Key{
		{ID: "k1", Name: "alpha", Roles: []voxapi.Role{owner}, RolesKnown: true},
		{ID: "k2", Name: "beta", Roles: []voxapi.Role{support}, RolesKnown: true},
	}
	privileged := func(c Catalogue) func(access.Principal) bool {
		role, found := c.ByID(owner.ID)
		return func(p access.Principal) bool { return found && p.HasRole(role.ID) }
	}
	d := newTestDirectory(t, v, Options{ColdWait: time.Minute, Privileged: privileged})
	for _, tt := range []struct {
		kind   access.Kind
		filter Filter
		want   string
	}{
		{access.Subuser, Filter{Privileged: true}, "anna carl"},
		{access.Subuser, Filter{Privileged: true, Desc: true}, "carl anna"},
		{access.Subuser, Filter{Privileged: true, Role: "support"}, "anna"},
		{access.Subuser, Filter{Privileged: true, Query: "rl"}, "carl"},
		{access.Subuser, Filter{Privileged: true, Role: "-"}, ""},
		{access.Subuser, Filter{}, "anna bob carl dora"},
		{access.Key, Filter{Privileged: true}, "alpha"},
	} {
		page, err := d.List(t.Context(), testAccount, tt.kind, tt.filter)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(namesOf(page.Rows), " "); got != tt.want || page.Matches != len(page.Rows) {
			t.Errorf("%s %+v: %q, %d matches, want %q", tt.kind, tt.filter, got, page.Matches, tt.want)
		}
	}
	unset := newTestDirectory(t, v, Options{ColdWait: time.Minute})
	page, err := unset.List(t.Context(), testAccount, access.Subuser, Filter{Privileged: true})
	if got := strings.Join(namesOf(page.Rows), " "); err != nil || got != "anna bob carl" {
		t.Errorf("with no known privileged roles: %q, %v, want all that have a role", got, err)
	}
}

func TestSearchFilterAndSort(t *testing.T) {
	t.Parallel()
	d := officeDirectory(t)
	everyone := []string{"anna_k", "anna_z", "bob", "semen", "zoe"}
	tests := []struct {
		name   string
		filter Filter
		want   []string
	}{
		{"all, by name", Filter{}, everyone},
		{"white space only", Filter{Query: " \t\n"}, everyone},
		{"a part of the name or the description", Filter{Query: "ann"}, []string{"anna_k", "anna_z", "zoe"}},
		{"case does not matter", Filter{Query: "ANNA"}, []string{"anna_k", "anna_z"}},
		{"accents do not matter", Filter{Query: "zelezna"}, []string{"anna_k"}},
		{"nor in the query", Filter{Query: "ÁNNÁ"}, []string{"anna_k", "anna_z"}},
		{"Cyrillic with and without dots", Filter{Query: "семен"}, []string{"semen"}},
		{"Polish letters", Filter{Query: "lodz lukasz"}, []string{"semen"}},
		{"a role's name", Filter{Query: "owner"}, []string{"anna_k"}},
		{"every word must occur, in any text", Filter{Query: "support anna"}, []string{"anna_k"}},
		{"one word is missing", Filter{Query: "support anna bob"}, []string{}},
		{"the same word twice", Filter{Query: "bob bob"}, []string{"bob"}},
		{"no word spans two texts", Filter{Query: "anna_kanna"}, []string{}},
		{"quotes are characters", Filter{Query: `"the voice"`}, []string{"bob"}},
		{"a plain apostrophe finds a typographic one", Filter{Query: "o'brien"}, []string{"bob"}},
		{"signs are characters", Filter{Query: "[x]"}, []string{"zoe"}},
		{"no regular expressions", Filter{Query: ".*"}, []string{}},
		{"by role", Filter{Role: "Support"}, []string{"anna_k", "bob", "zoe"}},
		{"by role, without case", Filter{Role: " sUPPORT "}, []string{"anna_k", "bob", "zoe"}},
		{"a part of a role's name does not match", Filter{Role: "Manager"}, []string{}},
		{"a role of two words", Filter{Role: "user manager"}, []string{"semen"}},
		{"without roles", Filter{Role: "-"}, []string{"anna_z"}},
		{"role and query", Filter{Role: "support", Query: "anna"}, []string{"anna_k"}},
		{"name descending", Filter{Sort: "name", Desc: true}, []string{"zoe", "semen", "bob", "anna_z", "anna_k"}},
		{
			"description, the empty one last",
			Filter{Sort: "description"},
			[]string{"anna_k", "zoe", "bob", "semen", "anna_z"},
		},
		{"number of roles", Filter{Sort: "roles"}, []string{"anna_z", "bob", "zoe", "semen", "anna_k"}},
		{
			"most roles first, equals by name",
			Filter{Sort: "roles", Desc: true},
			[]string{"anna_k", "semen", "bob", "zoe", "anna_z"},
		},
		{"number of keys", Filter{Sort: "keys"}, []string{"anna_k", "anna_z", "zoe", "bob", "semen"}},
		{
			"most keys first, equals by name",
			Filter{Sort: "keys", Desc: true},
			[]string{"semen", "bob", "anna_k", "anna_z", "zoe"},
		},
		{"id", Filter{Sort: "id"}, []string{"zoe", "anna_k", "bob", "anna_z", "semen"}},
		{"an unknown order is by name", Filter{Sort: "'; drop"}, everyone},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			page, err := d.List(t.Context(), testAccount, access.Subuser, test.filter)
			if err != nil {
				t.Fatal(err)
			}
			if got := namesOf(page.Rows); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			if page.Matches != len(test.want) || page.Total != 5 {
				t.Errorf("%d matches of %d", page.Matches, page.Total)
			}
		})
	}
}

func TestPageListsRoleNames(t *testing.T) {
	t.Parallel()
	page := list(t, officeDirectory(t))
	if want := []string{"Owner", "Support", "User Manager"}; !slices.Equal(page.RoleNames, want) {
		t.Errorf("role names %v, want %v", page.RoleNames, want)
	}
}

// The number of a role is the number of rows that its filter selects.
func TestRoleCounts(t *testing.T) {
	t.Parallel()
	d := officeDirectory(t)
	counts, _, err := d.RoleCounts(t.Context(), testAccount, access.Subuser)
	if err != nil {
		t.Fatal(err)
	}
	if want := []RoleCount{{3, "Support", 3}, {1, "Owner", 1}, {5, "User Manager", 1}}; !slices.Equal(counts, want) {
		t.Errorf("got %v, want %v", counts, want)
	}
	for _, c := range counts {
		page, err := d.List(t.Context(), testAccount, access.Subuser, Filter{Role: c.Name})
		if err != nil || page.Matches != c.Principals {
			t.Errorf("the filter %q selects %d, want %d, %v", c.Name, page.Matches, c.Principals, err)
		}
	}
	d.patchDeleted(testAccount, access.SubuserRef(11))
	counts, _, _ = d.RoleCounts(t.Context(), testAccount, access.Subuser)
	if want := []RoleCount{{3, "Support", 2}, {5, "User Manager", 1}}; !slices.Equal(counts, want) {
		t.Errorf("after a deletion: got %v, want %v", counts, want)
	}
	keys, status, err := d.RoleCounts(t.Context(), testAccount, access.Key)
	if err != nil || len(keys) != 0 || status.RolesUnknown != 4 {
		t.Errorf("keys with unknown roles: %v, %+v, %v", keys, status, err)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	d := loadedDirectory(t, newFakeVendor(105))
	tests := []struct {
		name          string
		query         string
		page, perPage int
		shown, pages  int
		first, rows   int
		wantMatches   int
	}{
		{name: "the zero filter", shown: 1, pages: 3, first: 1, rows: 50, wantMatches: 105},
		{name: "the second page", page: 2, shown: 2, pages: 3, first: 51, rows: 50, wantMatches: 105},
		{name: "the last page", page: 3, shown: 3, pages: 3, first: 101, rows: 5, wantMatches: 105},
		{name: "behind the last", page: 4, shown: 3, pages: 3, first: 101, rows: 5, wantMatches: 105},
		{name: "far behind", page: 1 << 62, shown: 3, pages: 3, first: 101, rows: 5, wantMatches: 105},
		{name: "before the first", page: -7, shown: 1, pages: 3, first: 1, rows: 50, wantMatches: 105},
		{name: "pages of ten", page: 2, perPage: 10, shown: 2, pages: 11, first: 11, rows: 10, wantMatches: 105},
		{name: "a page for exactly all rows", perPage: 105, shown: 1, pages: 1, first: 1, rows: 105, wantMatches: 105},
		{name: "everything", page: 2, perPage: -1, shown: 1, pages: 1, first: 1, rows: 105, wantMatches: 105},
		{name: "an invalid size", perPage: -5, shown: 1, pages: 3, first: 1, rows: 50, wantMatches: 105},
		{name: "no match", page: 2, query: "nobody", shown: 1, pages: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			page, err := d.List(
				t.Context(),
				testAccount,
				access.Subuser,
				Filter{Query: test.query, Page: test.page, PerPage: test.perPage},
			)
			if err != nil {
				t.Fatal(err)
			}
			if page.Page != test.shown || page.Pages != test.pages || page.Matches != test.wantMatches ||
				len(page.Rows) != test.rows {
				t.Errorf("page %d of %d, %d rows of %d matches", page.Page, page.Pages, len(page.Rows), page.Matches)
			}
			if len(page.Rows) > 0 && page.Rows[0].SubuserID() != int64(test.first) {
				t.Errorf("begins with %s, want %d", page.Rows[0].ID, test.first)
			}
		})
	}
}

// A vendor that ignores with_roles has not reported that principals have no roles.
func TestUnknownRoles(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(3)
	v.ignoreWithRoles = true
	d := loadedDirectory(t, v)
	page := list(t, d)
	for _, s := range page.Rows {
		if s.RolesKnown || len(s.Roles) != 0 {
			t.Errorf("%s: roles %v, known %v", s.Name, s.Roles, s.RolesKnown)
		}
	}
	without, _ := d.List(t.Context(), testAccount, access.Subuser, Filter{Role: "-"})
	if without.Matches != 0 {
		t.Errorf("%d subusers are listed as without roles", without.Matches)
	}
	counts, _ := d.Counts(t.Context(), testAccount)
	_, status, _ := d.WithRole(t.Context(), testAccount, access.Subuser, 3)
	for name, unknown := range map[string]int{
		"list":        page.Status.RolesUnknown,
		"with a role": status.RolesUnknown,
		"counts":      counts.Status.RolesUnknown,
	} {
		if unknown != 3 {
			t.Errorf("%s: the roles of %d subusers are unknown", name, unknown)
		}
	}
	if counts.WithoutRoles != 0 {
		t.Errorf("counts %+v", counts)
	}
}

// When other rows have the roles field, a row without it has no roles.
func TestOmittedRolesMeanNone(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(3)
	v.subusers[1].Roles, v.subusers[1].RolesKnown = nil, false
	d := loadedDirectory(t, v)
	page, _ := d.List(t.Context(), testAccount, access.Subuser, Filter{Role: "-"})
	if got := namesOf(page.Rows); !slices.Equal(got, []string{"person00002"}) || !page.Rows[0].RolesKnown {
		t.Errorf("without roles: %v", got)
	}
	counts, _ := d.Counts(t.Context(), testAccount)
	if counts.WithoutRoles != 1 || counts.Status.RolesUnknown != 0 {
		t.Errorf("counts %+v", counts)
	}
}

func TestSubusersWithRole(t *testing.T) {
	t.Parallel()
	d := officeDirectory(t)
	found, status, err := d.WithRole(t.Context(), testAccount, access.Subuser, 3)
	if err != nil || status.Cold() {
		t.Fatalf("%+v, %v", status, err)
	}
	if got := namesOf(found); !slices.Equal(got, []string{"anna_k", "bob", "zoe"}) {
		t.Errorf("with Support: %v", got)
	}
	if found, _, err := d.WithRole(t.Context(), testAccount, access.Subuser, 999); err != nil || len(found) != 0 {
		t.Errorf("with an unknown role: %v, %v", found, err)
	}
}

// vendorWithKeys has three keys.
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

func TestSearchFilterAndSortKeys(t *testing.T) {
	t.Parallel()
	d := loadedDirectory(t, vendorWithKeys())
	for _, test := range []struct {
		name   string
		filter Filter
		want   []string
	}{
		{"all, by name", Filter{}, []string{"Dialler", "Émile", "wallboard"}},
		{"name descending", Filter{Sort: "name", Desc: true}, []string{"wallboard", "Émile", "Dialler"}},
		{"accents do not matter", Filter{Query: "EMILE"}, []string{"Émile"}},
		{"the id", Filter{Query: "bbbb"}, []string{"wallboard"}},
		{"the owner and a role", Filter{Query: "person00002 support"}, []string{"Dialler"}},
		{"by role", Filter{Role: "support"}, []string{"Dialler", "wallboard"}},
		{"without roles", Filter{Role: "-", Query: "nobody"}, []string{"Émile"}},
		{"description, the empty one last", Filter{Sort: "description"}, []string{"Dialler", "Émile", "wallboard"}},
		{"number of roles", Filter{Sort: "roles"}, []string{"Émile", "Dialler", "wallboard"}},
		{"owner, the unknown ones last by name", Filter{Sort: "owner"}, []string{"Dialler", "Émile", "wallboard"}},
		{"owner descending, equals by name", Filter{Sort: "owner", Desc: true}, []string{"Émile", "wallboard", "Dialler"}},
		{"id descending", Filter{Sort: "id", Desc: true}, []string{"Émile", "wallboard", "Dialler"}},
		{"an order of subusers is by name", Filter{Sort: "keys"}, []string{"Dialler", "Émile", "wallboard"}},
		{"the first page", Filter{PerPage: 2}, []string{"Dialler", "Émile"}},
		{"a page behind the last", Filter{PerPage: 2, Page: 9}, []string{"wallboard"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			page, err := d.List(t.Context(), testAccount, access.Key, test.filter)
			if err != nil || page.Status.Incomplete || page.Total != 3 ||
				!slices.Equal(page.RoleNames, []string{"Accountant", "Support"}) {
				t.Fatalf("%+v, %v", page, err)
			}
			if got := namesOf(page.Rows); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
	if counts, _ := d.Counts(t.Context(), testAccount); counts.KeysWithoutDescription != 1 {
		t.Errorf("%d keys without a description", counts.KeysWithoutDescription)
	}
}

// "9" comes before "10".
func TestSubuserIDsSortAsNumbers(t *testing.T) {
	t.Parallel()
	d := loadedDirectory(t, newFakeVendor(12))
	for _, desc := range []bool{false, true} {
		page, err := d.List(t.Context(), testAccount, access.Subuser, Filter{Sort: "id", Desc: desc})
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range page.Rows {
			want := int64(i + 1)
			if desc {
				want = int64(12 - i)
			}
			if p.SubuserID() != want {
				t.Errorf("row %d is subuser %s, want %d", i, p.ID, want)
			}
		}
	}
}

func TestByIDsKeepsTheOrderAskedFor(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testKind) {
		d := loadedDirectory(t, newFakeVendorWithKeys(4))
		ids := []string{k.ref(3).ID, k.ref(9).ID, "junk", k.ref(1).ID}
		rows, _, err := d.ByIDs(t.Context(), testAccount, k.Kind, ids)
		if err != nil || !slices.Equal(namesOf(rows), []string{k.name(3), k.name(1)}) {
			t.Errorf("%+v, %v", rows, err)
		}
		if k.Kind == access.Subuser && !rows[0].KeysKnown {
			t.Error("a subuser without its keys")
		}
	})
}

func TestQueriesWithoutSnapshot(t *testing.T) {
	t.Parallel()
	queries := map[string]func(t *testing.T, d *Directory) (Status, error){
		"list": func(t *testing.T, d *Directory) (Status, error) {
			page, err := d.List(t.Context(), testAccount, access.Subuser, Filter{})
			return page.Status, err
		},
		"search": func(t *testing.T, d *Directory) (Status, error) {
			page, err := d.Search(t.Context(), testAccount, access.Subuser, "a", 8)
			return page.Status, err
		},
		"list of keys": func(t *testing.T, d *Directory) (Status, error) {
			page, err := d.List(t.Context(), testAccount, access.Key, Filter{})
			return page.Status, err
		},
		"with a role": func(t *testing.T, d *Directory) (Status, error) {
			_, status, err := d.WithRole(t.Context(), testAccount, access.Subuser, 3)
			return status, err
		},
		"by ids": func(t *testing.T, d *Directory) (Status, error) {
			_, status, err := d.ByIDs(t.Context(), testAccount, access.Key, []string{"k"})
			return status, err
		},
		"counts": func(t *testing.T, d *Directory) (Status, error) {
			counts, err := d.Counts(t.Context(), testAccount)
			return counts.Status, err
		},
		"keys of a subuser": func(t *testing.T, d *Directory) (Status, error) {
			_, known, err := d.KeysBelongingTo(t.Context(), testAccount, access.SubuserRef(1))
			if known {
				t.Error("the keys of a subuser are known")
			}
			return Status{Refreshing: true}, err
		},
	}
	for name, query := range queries {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newFakeVendor(1)
			v.block("GetSubUsers")
			cold := newTestDirectory(t, v, Options{ColdWait: time.Millisecond})
			if status, err := query(t, cold); err != nil || !status.Cold() || !status.Refreshing {
				t.Errorf("while reading: %+v, %v", status, err)
			}
			down := newFakeVendor(1)
			down.fail("GetSubUsers", errDown)
			if _, err := query(t, newTestDirectory(t, down, Options{})); !isReadError(err, Unreachable) {
				t.Errorf("vendor down: %v", err)
			}
		})
	}
}

// A search shows the closest names first, whatever else matches.
func TestSearchShowsClosestNamesFirst(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(0)
	owner := []voxapi.Role{{ID: 1, Name: "Owner"}}
	for id, name := range []string{"aaron", "co-owner", "owner_2", "Owner", "zed"} {
		v.subusers = append(v.subusers, voxapi.SubUser{ID: int64(id + 1), Name: name, Roles: owner, RolesKnown: true})
	}
	d := loadedDirectory(t, v)
	for query, want := range map[string][]string{
		"owner": {"Owner", "owner_2", "co-owner", "aaron", "zed"},
		"ÓWN":   {"Owner", "owner_2", "co-owner", "aaron", "zed"},
		"zed":   {"zed"},
		"x":     {},
	} {
		page, err := d.Search(t.Context(), testAccount, access.Subuser, " "+query+" ", 8)
		if err != nil || page.Matches != len(want) || page.Total != 5 {
			t.Errorf("%q: %+v, %v", query, page, err)
		}
		if got := namesOf(page.Rows); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
		first, _ := d.Search(t.Context(), testAccount, access.Subuser, query, 2)
		if got := namesOf(first.Rows); !slices.Equal(got, want[:min(2, len(want))]) || first.Matches != len(want) {
			t.Errorf("%q: the first two are %q of %d", query, got, first.Matches)
		}
	}
}

func TestQueryMatchesLikeSearch(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]bool{"": true, "role MATRIX": true, "mátrix": true, "matrix zeppelin": false} {
		if got := NewQuery(query).Matches("Role matrix"); got != want {
			t.Errorf("%q: %v", query, got)
		}
	}
}
