package voxapi

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/internal/config"
)

// methodTests calls every method once with every parameter set, and lists what must be sent.
func methodTests() []methodTest {
	roles := []int64{1, 22, 3}
	return []methodTest{
		{
			"GetSubUsers",
			`{"result":[]}`,
			false,
			"subuser_id=7&with_roles=true&offset=40&count=20",
			func(ctx context.Context, r *Reader, _ *Writer, account int64) error {
				_, err := r.GetSubUsers(ctx, account, SubUsersQuery{ID: 7, WithRoles: true, Offset: 40, Count: 20})
				return err
			},
		},
		{
			"GetSubUserRoles",
			`{"result":[]}`,
			false,
			"subuser_id=7&with_expanded_roles=true",
			func(ctx context.Context, r *Reader, _ *Writer, account int64) error {
				_, err := r.GetSubUserRoles(ctx, account, 7, true)
				return err
			},
		},
		{
			"GetKeys",
			`{"result":[]}`,
			false,
			"key_id=k-1&with_roles=true&offset=1&count=2",
			func(ctx context.Context, r *Reader, _ *Writer, account int64) error {
				_, err := r.GetKeys(ctx, account, KeysQuery{ID: "k-1", WithRoles: true, Offset: 1, Count: 2})
				return err
			},
		},
		{
			"GetKeyRoles",
			`{"result":[]}`,
			false,
			"key_id=k-1&with_expanded_roles=true",
			func(ctx context.Context, r *Reader, _ *Writer, account int64) error {
				_, err := r.GetKeyRoles(ctx, account, "k-1", true)
				return err
			},
		},
		{
			"GetRoles",
			`{"result":[]}`,
			false,
			"group_name=A+%26+B",
			func(ctx context.Context, r *Reader, _ *Writer, account int64) error {
				_, err := r.GetRoles(ctx, account, "A & B")
				return err
			},
		},
		{"GetRoleGroups", `{"result":[]}`, false, "", func(ctx context.Context, r *Reader, _ *Writer, account int64) error {
			_, err := r.GetRoleGroups(ctx, account)
			return err
		}},
		{
			"GetAccountInfo",
			`{"result":{"account_id":1}}`,
			false,
			"return_live_balance=false",
			func(ctx context.Context, r *Reader, _ *Writer, account int64) error {
				_, err := r.GetAccountInfo(ctx, account)
				return err
			},
		},
		{
			"GetAuditLog",
			`{"result":[]}`,
			false,
			"from_date=2026-07-01+12%3A00%3A00&to_date=2026-07-02+12%3A00%3A00&timezone=UTC&" +
				"filtered_cmd=AddSubUser%3BCreateKey&desc_order=true&offset=4&count=2",
			func(ctx context.Context, r *Reader, _ *Writer, account int64) error {
				q := auditRange()
				q.From = q.From.In(time.FixedZone("elsewhere", 3600)) // sent as UTC
				q.Commands, q.NewestFirst, q.Offset, q.Count = []string{"AddSubUser", "CreateKey"}, true, 4, 2
				_, err := r.AuditLog(ctx, account, q)
				return err
			},
		},
		{
			"AddSubUser",
			`{"result":{"subuser_id":9}}`,
			true,
			"new_subuser_name=jdoe_1&new_subuser_password=p%26%3Bw&role_id=1%3B22%3B3&description=D%C3%BCsseldorf",
			func(ctx context.Context, _ *Reader, w *Writer, account int64) error {
				_, err := w.AddSubUser(
					ctx,
					account,
					NewSubUser{Login: "jdoe_1", Password: config.NewSecret("p&;w"), RoleIDs: roles, Description: "Düsseldorf"},
				)
				return err
			},
		},
		{
			"SetSubUserInfo",
			`{"result":1}`,
			true,
			"subuser_id=7&old_subuser_password=old&new_subuser_password=new&description=",
			func(ctx context.Context, _ *Reader, w *Writer, account int64) error {
				return w.SetSubUserInfo(
					ctx,
					account,
					SubUserInfo{
						ID:          7,
						OldPassword: config.NewSecret("old"),
						NewPassword: config.NewSecret("new"),
						Description: ptr(""),
					},
				)
			},
		},
		{
			"DelSubUser",
			`{"result":1}`,
			true,
			"subuser_id=7",
			func(ctx context.Context, _ *Reader, w *Writer, account int64) error {
				return w.DelSubUser(ctx, account, 7)
			},
		},
		{
			"SetSubUserRoles",
			`{"result":1}`,
			true,
			"subuser_id=7&role_id=1%3B22%3B3",
			func(ctx context.Context, _ *Reader, w *Writer, account int64) error {
				return w.SetSubUserRoles(ctx, account, 7, roles)
			},
		},
		{
			"RemoveSubUserRoles",
			`{"result":1}`,
			true,
			"subuser_id=7&role_id=1%3B22%3B3&force=true",
			func(ctx context.Context, _ *Reader, w *Writer, account int64) error {
				return w.RemoveSubUserRoles(ctx, account, 7, roles, true)
			},
		},
		{
			"CreateKey",
			`{"result":{"key_id":"k","private_key":"p"}}`,
			true,
			"key_name=n&description=d&role_id=1%3B22%3B3",
			func(ctx context.Context, _ *Reader, w *Writer, account int64) error {
				_, err := w.CreateKey(ctx, account, NewKey{Name: "n", Description: "d", RoleIDs: roles})
				return err
			},
		},
		{
			"UpdateKey",
			`{"result":1}`,
			true,
			"key_id=k-1&description=&key_name=n",
			func(ctx context.Context, _ *Reader, w *Writer, account int64) error {
				return w.UpdateKey(ctx, account, KeyUpdate{ID: "k-1", Name: ptr("n")})
			},
		},
		{
			"DeleteKey",
			`{"result":1}`,
			true,
			"key_id=k-1",
			func(ctx context.Context, _ *Reader, w *Writer, account int64) error {
				return w.DeleteKey(ctx, account, "k-1")
			},
		},
		{
			"SetKeyRoles",
			`{"result":1}`,
			true,
			"key_id=k-1&role_id=1%3B22%3B3",
			func(ctx context.Context, _ *Reader, w *Writer, account int64) error {
				return w.SetKeyRoles(ctx, account, "k-1", roles)
			},
		},
		{
			"RemoveKeyRoles",
			`{"result":1}`,
			true,
			"key_id=k-1&role_id=1%3B22%3B3",
			func(ctx context.Context, _ *Reader, w *Writer, account int64) error {
				return w.RemoveKeyRoles(ctx, account, "k-1", roles)
			},
		},
	}
}

type methodTest struct {
	name     string
	response string
	write    bool
	form     string
	call     func(ctx context.Context, r *Reader, w *Writer, account int64) error
}

func TestRequests(t *testing.T) {
	t.Parallel()
	for _, m := range methodTests() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			v := alwaysRespond(m.response)
			c := newTestClient(t, v)
			if err := m.call(context.Background(), c.Reader(), c.Writer(), testAccount); err != nil {
				t.Fatal(err)
			}
			if len(v.received()) != 1 {
				t.Fatalf("sent %d requests, want 1", len(v.received()))
			}
			got := v.received()[0]
			want, err := url.ParseQuery(m.form)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got.form); diff != "" {
				t.Errorf("form (-want +got):\n%s", diff)
			}
			if strings.Contains(got.raw, ";") {
				t.Errorf("body contains an unescaped semicolon: %s", got.raw)
			}
			if got.method != http.MethodPost || got.url != "https://vendor.example/platform_api/"+m.name {
				t.Errorf("request is %s %s: wrong address, or parameters in the URL", got.method, got.url)
			}
			if ct := got.header.Get("Content-Type"); ct != "application/x-www-form-urlencoded" {
				t.Errorf("Content-Type is %q", ct)
			}
			if got.header.Get("Idempotency-Key") != "" || got.header.Get("X-Idempotency-Key") != "" {
				t.Error("an idempotency header would let the transport repeat a write")
			}
		})
	}
}

// An omitted parameter must not be sent at all: an empty description would delete the current one.
func TestOptionalParametersAreLeftOut(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	tests := []struct {
		name string
		form string
		call func(*Reader, *Writer) error
	}{
		{"GetSubUsers", "", func(r *Reader, _ *Writer) error {
			_, err := r.GetSubUsers(ctx, testAccount, SubUsersQuery{})
			return err
		}},
		{"GetKeys", "", func(r *Reader, _ *Writer) error { _, err := r.GetKeys(ctx, testAccount, KeysQuery{}); return err }},
		{"GetRoles", "", func(r *Reader, _ *Writer) error { _, err := r.GetRoles(ctx, testAccount, ""); return err }},
		{"SetSubUserInfo", "subuser_id=7", func(_ *Reader, w *Writer) error {
			return w.SetSubUserInfo(ctx, testAccount, SubUserInfo{ID: 7})
		}},
		{"RemoveSubUserRoles", "subuser_id=7&role_id=1", func(_ *Reader, w *Writer) error {
			return w.RemoveSubUserRoles(ctx, testAccount, 7, []int64{1}, false)
		}},
		{"UpdateKey", "key_id=k&description=d", func(_ *Reader, w *Writer) error {
			return w.UpdateKey(ctx, testAccount, KeyUpdate{ID: "k", Description: "d"})
		}},
		{"CreateKey", "", func(_ *Reader, w *Writer) error { _, err := w.CreateKey(ctx, testAccount, NewKey{}); return err }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v := alwaysRespond(`{"result":1}`)
			c := newTestClient(t, v)
			_ = test.call(c.Reader(), c.Writer())
			want, _ := url.ParseQuery(test.form)
			if diff := cmp.Diff(want, v.received()[0].form); diff != "" {
				t.Errorf("form (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBadArgumentsAreNotSent(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	tests := map[string]func(*Reader, *Writer) error{
		"account 0":        func(_ *Reader, w *Writer) error { return w.DelSubUser(ctx, 0, 7) },
		"account negative": func(r *Reader, _ *Writer) error { _, err := r.GetRoles(ctx, -1, ""); return err },
		"subuser 0":        func(_ *Reader, w *Writer) error { return w.DelSubUser(ctx, testAccount, 0) },
		"subuser negative": func(r *Reader, _ *Writer) error {
			_, err := r.GetSubUsers(ctx, testAccount, SubUsersQuery{ID: -7})
			return err
		},
		"no key id": func(_ *Reader, w *Writer) error { return w.DeleteKey(ctx, testAccount, "") },
		"no roles":  func(_ *Reader, w *Writer) error { return w.SetSubUserRoles(ctx, testAccount, 7, nil) },
		"role 0":    func(_ *Reader, w *Writer) error { return w.SetKeyRoles(ctx, testAccount, "k", []int64{1, 0}) },
		"negative offset": func(r *Reader, _ *Writer) error {
			_, err := r.GetKeys(ctx, testAccount, KeysQuery{Offset: -1})
			return err
		},
	}
	for name, call := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := alwaysRespond(`{"result":1}`)
			c := newTestClient(t, v)
			wantError(t, call(c.Reader(), c.Writer()), NotSent, 0)
			if len(v.received()) != 0 {
				t.Error("the request was sent")
			}
		})
	}
}
