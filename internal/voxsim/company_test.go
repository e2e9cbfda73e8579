package voxsim

import (
	"crypto/rsa"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSmallCompany(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	state := s.State()
	if len(state.Subusers) != 40 || len(state.Keys) != 12 {
		t.Errorf("%d subusers and %d keys, want 40 and 12", len(state.Subusers), len(state.Keys))
	}
	given := map[int64]int{}
	withoutRole := 0
	for _, u := range state.Subusers {
		for _, id := range u.RoleIDs {
			given[id]++
		}
		if len(u.RoleIDs) == 0 {
			withoutRole++
		}
	}
	if given[roleOwner] < 2 || withoutRole == 0 {
		t.Errorf("%d Owners and %d without a role", given[roleOwner], withoutRole)
	}
	owned := 0
	for _, k := range state.Keys {
		for _, id := range k.RoleIDs {
			given[id]++
		}
		if k.SubuserID != 0 {
			owned++
		}
	}
	if owned < 2 {
		t.Error("too few keys belong to subusers")
	}
	for _, r := range state.Roles {
		if given[r.ID] == 0 {
			t.Errorf("no subuser or key has %s", r.Name)
		}
	}
}

func TestPublishedRoleIDs(t *testing.T) {
	t.Parallel()
	state := newSim(t, Options{}).State()
	for name, want := range map[string]int64{"Owner": 1, "Admin": 2, "Support": 3, "Accountant": 7} {
		if got := state.RoleID(name); got != want {
			t.Errorf("%s is %d, want %d", name, got, want)
		}
	}
}

func TestCompaniesAreDeterministic(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"small", "empty", "large"} {
		first, err := CompanyNamed(name, 300)
		if err != nil {
			t.Fatal(err)
		}
		second, err := CompanyNamed(name, 300)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(
			newSim(t, Options{Company: first}).State(),
			newSim(t, Options{Company: second}).State(),
		); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if _, err := CompanyNamed("huge", 0); err == nil {
		t.Error("no error for an unknown company")
	}
}

func TestCompanySizes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		name                     string
		asked, subusers, andKeys int
	}{
		"empty":          {"empty", 0, 0, 1},
		"large":          {"large", 1234, 1234, 12},
		"large, default": {"large", 0, 10_000, 12},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			company, err := CompanyNamed(tt.name, tt.asked)
			if err != nil {
				t.Fatal(err)
			}
			state := newSim(t, Options{Company: company}).State()
			if len(state.Subusers) != tt.subusers || len(state.Keys) != tt.andKeys {
				t.Errorf("%d subusers and %d keys", len(state.Subusers), len(state.Keys))
			}
		})
	}
}

func TestNewRejectsInvalidCompany(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*Company){
		"login against the rule": func(c *Company) { c.Subusers[0].Login = "Ž" },
		"login twice":            func(c *Company) { c.Subusers[1].Login = c.Subusers[0].Login },
		"id twice":               func(c *Company) { c.Subusers[0].ID, c.Subusers[1].ID = 500, 500 },
		"unknown role":           func(c *Company) { c.Subusers[0].Roles = []string{"Boss"} },
		"unknown role of a key":  func(c *Company) { c.Keys[0].Roles = []string{"Boss"} },
		"key of unknown subuser": func(c *Company) { c.Keys[0].Subuser = "unknown" },
		"key id twice":           func(c *Company) { c.Keys[1].ID = c.Keys[0].ID },
		"key without id":         func(c *Company) { c.Keys[1].ID = "" },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			company := SmallCompany()
			spoil(&company)
			if _, err := New(Options{Company: company, OwnerKey: testKey()}); err == nil {
				t.Error("no error")
			}
		})
	}
	failing := func() (*rsa.PrivateKey, error) { return nil, errors.New("no randomness") }
	if _, err := New(Options{NewKey: failing}); err == nil {
		t.Error("no error without a key pair")
	}
}

func TestSeedMakesIDsRepeatable(t *testing.T) {
	t.Parallel()
	ids := func(seed uint64) []string {
		s := newSim(t, Options{Seed: seed})
		ownerCaller(t, s).ok("CreateKey")
		ownerCaller(t, s).ok("CreateKey")
		var made []string
		for _, e := range s.Ledger() {
			made = append(made, e.KeyID)
		}
		return made
	}
	if a, b := ids(7), ids(7); !slices.Equal(a, b) || a[0] == a[1] {
		t.Errorf("%v and %v", a, b)
	}
	if a, b := ids(0), ids(0); slices.Equal(a, b) {
		t.Error("the same ids without a seed")
	}
}

func TestStateIsACopy(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	before := s.State()
	s.State().Subusers[0].RoleIDs[0] = 99
	if diff := cmp.Diff(before, s.State()); diff != "" {
		t.Error(diff)
	}
}
