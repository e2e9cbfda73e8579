package directory

import (
	"slices"
	"testing"
	"time"

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

func TestSearchFilterAndSort(t *testing.T) {
	t.Parallel()
	d := officeDirectory(t)
	everyone := []string{"anna_k", "anna_z", "bob", "semen", "zoe"}
	tests := []struct {
		name   string
		filter SubuserFilter
		want   []string
	}{
		{"everybody, by login", SubuserFilter{}, everyone},
		{"white space only", SubuserFilter{Query: " \t\n"}, everyone},
		{"a part of login and description", SubuserFilter{Query: "ann"}, []string{"anna_k", "anna_z", "zoe"}},
		{"case does not matter", SubuserFilter{Query: "ANNA"}, []string{"anna_k", "anna_z"}},
		{"accents do not matter", SubuserFilter{Query: "zelezna"}, []string{"anna_k"}},
		{"nor in the query", SubuserFilter{Query: "ÁNNÁ"}, []string{"anna_k", "anna_z"}},
		{"Cyrillic with and without dots", SubuserFilter{Query: "семен"}, []string{"semen"}},
		{"Polish letters", SubuserFilter{Query: "lodz lukasz"}, []string{"semen"}},
		{"a role's name", SubuserFilter{Query: "owner"}, []string{"anna_k"}},
		{"every word must occur, in any place", SubuserFilter{Query: "support anna"}, []string{"anna_k"}},
		{"one word is missing", SubuserFilter{Query: "support anna bob"}, []string{}},
		{"the same word twice", SubuserFilter{Query: "bob bob"}, []string{"bob"}},
		{"no word spans two things", SubuserFilter{Query: "anna_kanna"}, []string{}},
		{"quotes are characters", SubuserFilter{Query: `"the voice"`}, []string{"bob"}},
		{"a plain apostrophe finds a typographic one", SubuserFilter{Query: "o'brien"}, []string{"bob"}},
		{"signs are characters", SubuserFilter{Query: "[x]"}, []string{"zoe"}},
		{"no pattern", SubuserFilter{Query: ".*"}, []string{}},
		{"by role", SubuserFilter{Role: "Support"}, []string{"anna_k", "bob", "zoe"}},
		{"by role, without case", SubuserFilter{Role: " sUPPORT "}, []string{"anna_k", "bob", "zoe"}},
		{"a part of a role's name is no role", SubuserFilter{Role: "Manager"}, []string{}},
		{"a role of two words", SubuserFilter{Role: "user manager"}, []string{"semen"}},
		{"without roles", SubuserFilter{Role: "-"}, []string{"anna_z"}},
		{"role and query", SubuserFilter{Role: "support", Query: "anna"}, []string{"anna_k"}},
		{"login descending", SubuserFilter{Sort: "login", Desc: true}, []string{"zoe", "semen", "bob", "anna_z", "anna_k"}},
		{
			"description, the empty one last",
			SubuserFilter{Sort: "description"},
			[]string{"anna_k", "zoe", "bob", "semen", "anna_z"},
		},
		{"number of roles", SubuserFilter{Sort: "roles"}, []string{"anna_z", "bob", "zoe", "semen", "anna_k"}},
		{
			"most roles first, equals by login",
			SubuserFilter{Sort: "roles", Desc: true},
			[]string{"anna_k", "semen", "bob", "zoe", "anna_z"},
		},
		{"number of keys", SubuserFilter{Sort: "keys"}, []string{"anna_k", "anna_z", "zoe", "bob", "semen"}},
		{
			"most keys first, equals by login",
			SubuserFilter{Sort: "keys", Desc: true},
			[]string{"semen", "bob", "anna_k", "anna_z", "zoe"},
		},
		{"id", SubuserFilter{Sort: "id"}, []string{"zoe", "anna_k", "bob", "anna_z", "semen"}},
		{"an unknown order is by login", SubuserFilter{Sort: "'; drop"}, everyone},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			page, err := d.Subusers(t.Context(), testAccount, test.filter)
			if err != nil {
				t.Fatal(err)
			}
			if got := loginsOf(page.Rows); !slices.Equal(got, test.want) {
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
		t.Errorf("roles held %v, want %v", page.RoleNames, want)
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
		{name: "a page that just holds them", perPage: 105, shown: 1, pages: 1, first: 1, rows: 105, wantMatches: 105},
		{name: "everything", page: 2, perPage: -1, shown: 1, pages: 1, first: 1, rows: 105, wantMatches: 105},
		{name: "a junk size", perPage: -5, shown: 1, pages: 3, first: 1, rows: 50, wantMatches: 105},
		{name: "no match", page: 2, query: "nobody", shown: 1, pages: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			page, err := d.Subusers(
				t.Context(),
				testAccount,
				SubuserFilter{Query: test.query, Page: test.page, PerPage: test.perPage},
			)
			if err != nil {
				t.Fatal(err)
			}
			if page.Page != test.shown || page.Pages != test.pages || page.Matches != test.wantMatches ||
				len(page.Rows) != test.rows {
				t.Errorf("page %d of %d, %d rows of %d matches", page.Page, page.Pages, len(page.Rows), page.Matches)
			}
			if len(page.Rows) > 0 && page.Rows[0].ID != int64(test.first) {
				t.Errorf("begins with %d, want %d", page.Rows[0].ID, test.first)
			}
		})
	}
}

// A vendor who overlooks with_roles has not said that nobody holds any.
func TestUnknownRoles(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(3)
	v.ignoreWithRoles = true
	d := loadedDirectory(t, v)
	page := list(t, d)
	for _, s := range page.Rows {
		if s.RolesKnown || len(s.Roles) != 0 {
			t.Errorf("%s: roles %v, known %v", s.Login, s.Roles, s.RolesKnown)
		}
	}
	without, _ := d.Subusers(t.Context(), testAccount, SubuserFilter{Role: "-"})
	if without.Matches != 0 {
		t.Errorf("%d subusers are said to hold no role", without.Matches)
	}
	counts, _ := d.Counts(t.Context(), testAccount)
	_, held, _ := d.SubusersWithRole(t.Context(), testAccount, 3)
	for name, unknown := range map[string]int{
		"list":    page.Status.RolesUnknown,
		"holders": held.RolesUnknown,
		"counts":  counts.Status.RolesUnknown,
	} {
		if unknown != 3 {
			t.Errorf("%s: the roles of %d subusers are said not to be known", name, unknown)
		}
	}
	if counts.WithoutRoles != 0 {
		t.Errorf("counts %+v", counts)
	}
}

// Where the roles of others are told, a row without the field holds none.
func TestOmittedRolesMeanNone(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(3)
	v.subusers[1].Roles, v.subusers[1].RolesKnown = nil, false
	d := loadedDirectory(t, v)
	page, _ := d.Subusers(t.Context(), testAccount, SubuserFilter{Role: "-"})
	if got := loginsOf(page.Rows); !slices.Equal(got, []string{"person00002"}) || !page.Rows[0].RolesKnown {
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
	holders, status, err := d.SubusersWithRole(t.Context(), testAccount, 3)
	if err != nil || status.Cold() {
		t.Fatalf("%+v, %v", status, err)
	}
	if got := loginsOf(holders); !slices.Equal(got, []string{"anna_k", "bob", "zoe"}) {
		t.Errorf("holders of Support: %v", got)
	}
	if holders, _, err := d.SubusersWithRole(t.Context(), testAccount, 999); err != nil || len(holders) != 0 {
		t.Errorf("holders of no role: %v, %v", holders, err)
	}
}

// Cold and failed questions answer alike, whichever they are.
func TestQueriesWithoutSnapshot(t *testing.T) {
	t.Parallel()
	v := newFakeVendor(1)
	v.block("GetSubUsers")
	d := newTestDirectory(t, v, Options{ColdWait: time.Millisecond})
	if _, status, err := d.SubusersWithRole(
		t.Context(),
		testAccount,
		3,
	); err != nil || !status.Cold() || !status.Refreshing {
		t.Errorf("holders: %+v, %v", status, err)
	}
	if counts, err := d.Counts(t.Context(), testAccount); err != nil || !counts.Status.Cold() {
		t.Errorf("counts: %+v, %v", counts, err)
	}
	if keys, err := d.Keys(t.Context(), testAccount); err != nil || !keys.Status.Cold() || keys.Known {
		t.Errorf("keys: %+v, %v", keys, err)
	}
	down := newFakeVendor(1)
	down.fail("GetSubUsers", errDown)
	d = newTestDirectory(t, down, Options{})
	if _, _, err := d.SubusersWithRole(t.Context(), testAccount, 3); err == nil {
		t.Error("holders: no trouble")
	}
	if _, err := d.Counts(t.Context(), testAccount); err == nil {
		t.Error("counts: no trouble")
	}
	if _, err := d.Keys(t.Context(), testAccount); err == nil {
		t.Error("keys: no trouble")
	}
}
