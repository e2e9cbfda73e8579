package voxapi

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/internal/config"
)

func cannedVendor(t *testing.T, name string) *fakeVendor {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return alwaysRespond(string(body))
}

func ptr[T any](v T) *T { return &v }

func TestCannedReads(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	john := []SubUser{{ID: 109, Name: "john_mcclane"}}
	tests := []struct {
		file string
		call func(*Reader) (any, error)
		want any
	}{
		{
			"GetSubUserRoles.published.json",
			func(r *Reader) (any, error) { return r.GetSubUserRoles(ctx, testAccount, 12, false) },
			[]Role{
				{ID: 3, Name: "Support", GUIOnly: true, Inherited: ptr(true), ParentIDs: []int64{1, 2}},
				{ID: 7, Name: "Accountant", GUIOnly: true, Inherited: ptr(false)},
				{ID: 14, Name: "TestRole", Inherited: ptr(false)},
			},
		},
		{
			"GetSubUserRoles.one-object.json",
			func(r *Reader) (any, error) { return r.GetKeyRoles(ctx, testAccount, "k", true) },
			[]Role{{ID: 3, Name: "Support", GUIOnly: true, ParentIDs: []int64{1}, ChildIDs: []int64{4, 5}}},
		},
		{
			"GetRoles.empty.json",
			func(r *Reader) (any, error) { return r.GetRoles(ctx, testAccount, "Panel") },
			[]Role{},
		},
		{
			"GetRoleGroups.mixed.json",
			func(r *Reader) (any, error) { return r.GetRoleGroups(ctx, testAccount) },
			[]RoleGroup{{ID: 1, Name: "Panel"}, {ID: 2}},
		},
		{
			"GetSubUsers.mixed.json",
			func(r *Reader) (any, error) { return r.GetSubUsers(ctx, testAccount, SubUsersQuery{}) },
			[]SubUser{
				{ID: 109, Name: "john_mcclane", Description: "Nakatomi"},
				{ID: 110, Name: "h_gruber"},
				{ID: 111, Name: "al_powell", Description: "42", Roles: []Role{}, RolesKnown: true},
				{ID: 112, Name: "holly", Roles: []Role{{ID: 1, Name: "Owner"}}, RolesKnown: true},
			},
		},
		{
			"GetKeys.mixed.json",
			func(r *Reader) (any, error) { return r.GetKeys(ctx, testAccount, KeysQuery{}) },
			[]Key{
				{ID: "k-absent", Name: "one", Description: "d"},
				{ID: "k-object", Owner: john, OwnerKnown: true},
				{ID: "k-list", Owner: john, OwnerKnown: true, Roles: []Role{{ID: 3, Name: "Support"}}, RolesKnown: true},
				{ID: "k-null"},
				{ID: "k-empty-list", Roles: []Role{}, RolesKnown: true},
				{ID: "k-empty-object"},
				{ID: "k-odd"},
			},
		},
		{
			"GetAccountInfo.published.json",
			func(r *Reader) (any, error) { return r.GetAccountInfo(ctx, testAccount) },
			AccountInfo{
				ID:           3456750,
				Name:         "ivan123",
				Email:        "ivan123@mail.ru",
				Active:       ptr(true),
				Frozen:       ptr(false),
				Created:      "2020-08-07 12:00:53",
				Location:     "Europe/Moscow",
				LanguageCode: "en",
				APIAddress:   "api-node1.voximplant.com",
			},
		},
		{
			"GetAccountInfo.bare.json",
			func(r *Reader) (any, error) { return r.GetAccountInfo(ctx, testAccount) },
			AccountInfo{ID: 3456750},
		},
	}
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			t.Parallel()
			got, err := test.call(newTestClient(t, cannedVendor(t, test.file)).Reader())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("decoded (-want +got):\n%s", diff)
			}
		})
	}
}

// A row that cannot be decoded is never skipped: it may be a person.
func TestUnreadableListIsAnError(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{
		"row without id":       `{"result":[{"role_id":1},{"role_name":"x"}]}`,
		"null row":             `{"result":[null]}`,
		"id is a fraction":     `{"result":[{"role_id":1.5}]}`,
		"id is too large":      `{"result":[{"role_id":99999999999999999999}]}`,
		"id is negative":       `{"result":[{"role_id":-1}]}`,
		"id is a word":         `{"result":[{"role_id":"one"}]}`,
		"empty object":         `{"result":{}}`,
		"number":               `{"result":1}`,
		"string":               `{"result":"none"}`,
		"null result":          `{"result":null}`,
		"no result":            `{}`,
		"result elsewhere":     `{"results":[]}`,
		"not an object":        `[]`,
		"null":                 `null`,
		"empty body":           ``,
		"trailing garbage":     `{"result":[]}<html>`,
		"cut off":              `{"result":[{"role_id":1`,
		"parents of odd shape": `{"result":[{"role_id":1,"parent_role_id":{"a":1}}]}`,
		"flag of odd shape":    `{"result":[{"role_id":1,"gui_only":"perhaps"}]}`,
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := alwaysRespond(body)
			roles, err := newTestClient(t, v).Reader().GetRoles(context.Background(), testAccount, "")
			wantError(t, err, Unavailable, 0)
			if len(roles) != 0 {
				t.Errorf("roles from a response that cannot be decoded: %v", roles)
			}
			if n := len(v.received()); n != 1 {
				t.Errorf("sent %d times, want once: the same response would be returned again", n)
			}
		})
	}
}

func TestCannedAddSubUser(t *testing.T) {
	t.Parallel()
	want := map[string]int64{
		"AddSubUser.published.json":      109,
		"AddSubUser.numeric-string.json": 109,
		"AddSubUser.no-id.json":          0,
		"AddSubUser.top-level-id.json":   0,
		"DelSubUser.published.json":      0,
		"GetRoles.null.json":             0,
	}
	for file, wantID := range want {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			id, err := newTestClient(t, cannedVendor(t, file)).Writer().
				AddSubUser(context.Background(), testAccount, NewSubUser{Login: "jdoe_1", Password: config.NewSecret("x")})
			if wantID == 0 {
				wantError(t, err, Unknown, 0)
			} else if err != nil {
				t.Fatal(err)
			}
			if id != wantID {
				t.Errorf("id = %d, want %d", id, wantID)
			}
		})
	}
}

func TestCannedCreateKey(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"CreateKey.published.json": `{"account_email":"user@voximplant.com","account_id":9606,` +
			`"key_id":"ab80c76e-573e-4346-9af9-115269dfafca","private_key":"key in the .pem format"}`,
		"CreateKey.list.json": `{"account_email":"user@voximplant.com","account_id":9606,` +
			`"key_id":"ab80c76e-573e-4346-9af9-115269dfafca","private_key":"key in the .pem format"}`,
		"CreateKey.no-account.json": `{"account_email":"","account_id":4711,` +
			`"key_id":"ab80c76e-573e-4346-9af9-115269dfafca","private_key":"key in the .pem format"}`,
		"CreateKey.no-private-key.json": "",
		"DelSubUser.published.json":     "",
		"GetRoles.empty.json":           "",
	}
	for file, wantFile := range want {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			info, err := newTestClient(t, cannedVendor(t, file)).Writer().CreateKey(context.Background(), testAccount, NewKey{})
			if wantFile == "" {
				wantError(t, err, Unknown, 0)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := withoutSpace(string(info.CredentialsJSON())); got != withoutSpace(wantFile) {
				t.Errorf("credentials.json is\n%s\nwant\n%s", got, wantFile)
			}
		})
	}
}

// withoutSpace removes the white space, which has no meaning in these files.
func withoutSpace(s string) string {
	return strings.Join(strings.Fields(s), "")
}

// Only the documented 1 proves that the change was made.
func TestCannedDelSubUser(t *testing.T) {
	t.Parallel()
	want := map[string]bool{
		"DelSubUser.published.json":      true,
		"DelSubUser.numeric-string.json": true,
		"DelSubUser.true.json":           false,
		"DelSubUser.zero.json":           false,
		"DelSubUser.object.json":         false,
		"DelSubUser.empty.json":          false,
		"GetRoles.null.json":             false,
	}
	for file, done := range want {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			err := newTestClient(t, cannedVendor(t, file)).Writer().DelSubUser(context.Background(), testAccount, 109)
			if done && err != nil {
				t.Fatal(err)
			}
			if !done {
				wantError(t, err, Unknown, 0)
			}
		})
	}
}
