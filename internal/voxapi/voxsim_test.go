package voxapi_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/testkit/vendor"
	"github.com/voxwarden/voxwarden/internal/voxapi"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

func newSim(t *testing.T, variants voxsim.Variants) *voxsim.Sim {
	t.Helper()
	return vendor.New(t, voxsim.Options{Variants: variants, Seed: 1})
}

// newSimClient returns a client of a simulator over loopback. credentials is as for vendor.Client.
func newSimClient(t *testing.T, sim *voxsim.Sim, credentials []byte) *voxapi.Client {
	t.Helper()
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	return vendor.Client(t, sim, credentials, voxapi.Options{BaseURL: server.URL + "/platform_api", RPS: 1e6})
}

const goodPassword = "Corr3ct-horse"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mustGet[T any](got T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		must(t, err)
		return got
	}
}

// A subuser is created, changed and deleted, with every method for subusers.
func TestSubUserRoundTrip(t *testing.T) {
	t.Parallel()
	sim := newSim(t, voxsim.Variants{})
	c, account, ctx := newSimClient(t, sim, nil), sim.AccountID(), context.Background()
	r, w := c.Reader(), c.Writer()
	support, accountant := sim.State().RoleID("Support"), sim.State().RoleID("Accountant")

	id := mustGet(w.AddSubUser(ctx, account, voxapi.NewSubUser{
		Login:       "JDoe_99",
		Password:    config.NewSecret(goodPassword),
		RoleIDs:     []int64{support},
		Description: "Zażółć & 50%;",
	}))(t)
	rows := mustGet(r.GetSubUsers(ctx, account, voxapi.SubUsersQuery{ID: id, WithRoles: true}))(t)
	if len(rows) != 1 || rows[0].Name != "jdoe_99" || rows[0].Description != "Zażółć & 50%;" || !rows[0].RolesKnown {
		t.Fatalf("created %+v", rows)
	}

	must(t, w.SetSubUserRoles(ctx, account, id, []int64{accountant}))
	must(t, w.RemoveSubUserRoles(ctx, account, id, []int64{support}, true))
	roles := mustGet(r.GetSubUserRoles(ctx, account, id, true))(t)
	if len(roles) != 1 || roles[0].ID != accountant || roles[0].Name != "Accountant" {
		t.Errorf("roles are %+v", roles)
	}

	empty := ""
	must(t, w.SetSubUserInfo(ctx, account, voxapi.SubUserInfo{
		ID:          id,
		OldPassword: config.NewSecret(goodPassword),
		NewPassword: config.NewSecret(goodPassword + "2"),
		Description: &empty,
	}))
	rows = mustGet(r.GetSubUsers(ctx, account, voxapi.SubUsersQuery{ID: id}))(t)
	if len(rows) != 1 || rows[0].Description != "" || rows[0].RolesKnown {
		t.Errorf("after the change: %+v", rows)
	}

	must(t, w.DelSubUser(ctx, account, id))
	if err := w.DelSubUser(ctx, account, id); !voxapi.IsNotFound(err, access.Subuser) {
		t.Errorf("deleting twice: %v", err)
	}
	if _, err := r.GetSubUserRoles(ctx, account, id, false); !voxapi.IsNotFound(err, access.Subuser) {
		t.Errorf("roles of a deleted subuser: %v", err)
	}
}

// A key is created, changed and deleted. The file made from it works as credentials.
func TestKeyRoundTrip(t *testing.T) {
	t.Parallel()
	sim := newSim(t, voxsim.Variants{})
	c, account, ctx := newSimClient(t, sim, nil), sim.AccountID(), context.Background()
	r, w := c.Reader(), c.Writer()
	support, accountant := sim.State().RoleID("Support"), sim.State().RoleID("Accountant")

	info := mustGet(
		w.CreateKey(ctx, account, voxapi.NewKey{Name: "crm", Description: "the CRM", RoleIDs: []int64{support}}),
	)(t)
	second := newSimClient(t, sim, info.CredentialsJSON())
	if facts := mustGet(second.Reader().GetAccountInfo(ctx, account))(t); facts.ID != account || facts.Active == nil ||
		!*facts.Active {
		t.Errorf("the new key reads %+v", facts)
	}
	_, err := second.Reader().GetSubUsers(ctx, account, voxapi.SubUsersQuery{})
	if voxapi.Code(err) != 104 || !voxapi.IsRefused(err) {
		t.Errorf("the new key lists subusers: %v", err)
	}

	must(t, w.SetKeyRoles(ctx, account, info.KeyID, []int64{support, accountant}))
	must(t, w.RemoveKeyRoles(ctx, account, info.KeyID, []int64{support}))
	if roles := mustGet(r.GetKeyRoles(ctx, account, info.KeyID, false))(t); len(roles) != 1 || roles[0].ID != accountant {
		t.Errorf("roles are %+v", roles)
	}
	name := "crm-2"
	must(t, w.UpdateKey(ctx, account, voxapi.KeyUpdate{ID: info.KeyID, Description: "other", Name: &name}))
	rows := mustGet(r.GetKeys(ctx, account, voxapi.KeysQuery{ID: info.KeyID, WithRoles: true}))(t)
	if len(rows) != 1 || rows[0].Name != name || rows[0].Description != "other" || !rows[0].RolesKnown {
		t.Errorf("after the change: %+v", rows)
	}
	must(t, w.DeleteKey(ctx, account, info.KeyID))
	_, err = second.Reader().GetAccountInfo(ctx, account)
	if voxapi.Code(err) != 100 {
		t.Errorf("a deleted key still works: %v", err)
	}
}

func TestCatalogueRoundTrip(t *testing.T) {
	t.Parallel()
	sim := newSim(t, voxsim.Variants{})
	c, account, ctx := newSimClient(t, sim, nil), sim.AccountID(), context.Background()
	all := mustGet(c.Reader().GetRoles(ctx, account, ""))(t)
	if len(all) != len(sim.State().Roles) {
		t.Errorf("%d roles, want %d", len(all), len(sim.State().Roles))
	}
	found := 0
	for _, group := range mustGet(c.Reader().GetRoleGroups(ctx, account))(t) {
		found += len(mustGet(c.Reader().GetRoles(ctx, account, group.Name))(t))
	}
	if found != len(all) {
		t.Errorf("the groups contain %d roles, want %d", found, len(all))
	}
	if _, err := c.Reader().GetRoles(ctx, account+1, ""); voxapi.Code(err) != 115 {
		t.Errorf("a foreign account: %v", err)
	}
}

// The client acts for a child account by the account of each call, which becomes the issuer of the token. The vendor's
// guide on authorization describes this; it sends no account_id.
func TestActingForChildAccount(t *testing.T) {
	t.Parallel()
	sim := newSim(t, voxsim.Variants{})
	c, ctx := newSimClient(t, sim, nil), context.Background()
	r, w := c.Reader(), c.Writer()
	child := sim.State().Children[0]
	if info := mustGet(r.GetAccountInfo(ctx, child.AccountID))(t); info.ID != child.AccountID || info.Name == "" {
		t.Errorf("the child: %+v", info)
	}
	users := mustGet(r.GetSubUsers(ctx, child.AccountID, voxapi.SubUsersQuery{}))(t)
	if len(users) != len(child.Subusers) || users[0].ID != child.Subusers[0].ID {
		t.Errorf("the child's subusers: %+v", users)
	}
	before := len(sim.State().Subusers)
	id := mustGet(w.AddSubUser(ctx, child.AccountID, voxapi.NewSubUser{
		Login:    "newsubuser",
		Password: config.NewSecret(goodPassword),
	}))(t)
	must(t, w.SetSubUserRoles(ctx, child.AccountID, id, []int64{sim.State().RoleID("Support")}))
	after := sim.State()
	if len(after.Subusers) != before || len(after.Children[0].Subusers) != len(child.Subusers)+1 {
		t.Errorf("%d subusers of the parent, %+v of the child", len(after.Subusers), after.Children[0].Subusers)
	}
	for _, account := range []int64{1, sim.AccountID() + 1} {
		if _, err := r.GetAccountInfo(ctx, account); voxapi.Code(err) != 115 || !voxapi.IsRefused(err) {
			t.Errorf("account %d: %v", account, err)
		}
	}
	if _, err := r.GetAccountInfo(ctx, after.Children[2].AccountID); voxapi.Code(err) != 131 {
		t.Errorf("an account that was never activated: %v", err)
	}
}

// A method that the key's roles do not allow is a refusal under either code, and the advice names the missing role; for
// 100, which mostly has another cause, it does so last.
func TestMissingRoleUnderEitherCode(t *testing.T) {
	t.Parallel()
	for _, code := range []int{100, 104} {
		sim := newSim(t, voxsim.Variants{ForbiddenCode: code})
		c, account, ctx := newSimClient(t, sim, nil), sim.AccountID(), context.Background()
		info := mustGet(c.Writer().CreateKey(ctx, account, voxapi.NewKey{Name: "no roles"}))(t)
		withoutRoles := newSimClient(t, sim, info.CredentialsJSON())
		for method, err := range map[string]error{
			"a read":  errorOf(withoutRoles.Reader().GetSubUsers(ctx, account, voxapi.SubUsersQuery{})),
			"a write": withoutRoles.Writer().DelSubUser(ctx, account, sim.State().Subusers[0].ID),
		} {
			e, ok := errors.AsType[*voxapi.Error](err)
			if !ok || e.Kind != voxapi.Refused || e.Code != code {
				t.Fatalf("code %d, %s: %v", code, method, err)
			}
			sentences := strings.SplitAfter(e.Advice(), ".")
			last := sentences[len(sentences)-2]
			if !strings.Contains(last, "role") || code == 100 && !strings.Contains(e.Advice(), "clock") {
				t.Errorf("code %d, %s: %q", code, method, e.Advice())
			}
		}
	}
}

func errorOf[T any](_ T, err error) error { return err }

// Reads work under every variant of what is not documented.
func TestReadsUnderEveryVariant(t *testing.T) {
	t.Parallel()
	for _, variant := range voxsim.AllVariants() {
		t.Run(variant.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim := newSim(t, variant.Variants)
				c, account, ctx := vendor.Client(t, sim, nil, voxapi.Options{RPS: 1e6}), sim.AccountID(), context.Background()
				users := mustGet(c.Reader().GetSubUsers(ctx, account, voxapi.SubUsersQuery{WithRoles: true, Count: 5}))(t)
				keys := mustGet(c.Reader().GetKeys(ctx, account, voxapi.KeysQuery{WithRoles: true, Count: 5}))(t)
				if len(users) != 5 || len(keys) != 5 {
					t.Fatalf("read %d subusers and %d keys, want 5 each", len(users), len(keys))
				}
				mustGet(c.Reader().GetSubUserRoles(ctx, account, users[0].ID, true))(t)
				must(t, c.Writer().UpdateKey(ctx, account, voxapi.KeyUpdate{ID: keys[1].ID, Description: "new"}))
				_, err := c.Reader().GetSubUserRoles(ctx, account, 999_999, false)
				if err != nil && !voxapi.IsNotFound(err, access.Subuser) {
					t.Errorf("an unknown id: %v", err)
				}
			})
		})
	}
}

// For every fault, the kind of error agrees with the ledger of the simulator after all delayed commits.
func TestErrorKindsMatchLedger(t *testing.T) {
	t.Parallel()
	for _, kind := range voxsim.AllFaultKinds() {
		for _, code := range faultCodes(kind) {
			t.Run(string(kind), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					sim := newSim(t, voxsim.Variants{})
					sim.AddFault(voxsim.Fault{Method: "AddSubUser", Kind: kind, Code: code, Delay: 10 * time.Second})
					c := vendor.Client(t, sim, nil, voxapi.Options{RPS: 1e6})
					_, err := c.Writer().AddSubUser(context.Background(), sim.AccountID(), voxapi.NewSubUser{
						Login:    "jdoe_99",
						Password: config.NewSecret(goodPassword),
					})
					time.Sleep(time.Minute)
					checkKind(t, sim, err)
				})
			})
		}
	}
}

// faultCodes are the codes to test with a kind of fault; 0 is its default.
func faultCodes(kind voxsim.FaultKind) []int {
	switch kind {
	case voxsim.Refuse:
		return []int{340, 436, 464, 104}
	case voxsim.CommitThenRefuse:
		return []int{1, 2, 4, 484, 515}
	default:
		return []int{0}
	}
}

func checkKind(t *testing.T, sim *voxsim.Sim, err error) {
	t.Helper()
	sent := slices.DeleteFunc(sim.Calls(), func(c voxsim.Call) bool { return c.Method != "AddSubUser" })
	if len(sent) != 1 {
		t.Errorf("sent %d times", len(sent))
	}
	committed := len(sim.Ledger()) == 1
	e, failed := errors.AsType[*voxapi.Error](err)
	switch {
	case !failed && !committed:
		t.Errorf("reported as applied, but it was not (%v)", err)
	case failed && (e.Kind == voxapi.Refused || e.Kind == voxapi.NotSent) && committed:
		t.Errorf("reported as not applied, but it was: %v", err)
	case failed && e.Kind == voxapi.Unavailable:
		t.Errorf("a write failed as unavailable: %v", err)
	case failed && e.Kind == voxapi.Unknown && time.Until(e.TokenExpires) > voxapi.WriteTokenTTL:
		t.Errorf("the token expires too late: %v", e.TokenExpires)
	}
}
