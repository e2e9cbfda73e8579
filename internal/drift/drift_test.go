package drift_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/drift"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

const (
	wallboard = "11111111-1111-4111-8111-111111111111"
	dialler   = "22222222-2222-4222-8222-222222222222"
)

// testCompany is a small company.
func testCompany() voxsim.Company {
	company := voxsim.SmallCompany()
	company.Subusers = []voxsim.Subuser{
		{ID: 201, Login: "boss_one", Roles: []string{"Owner"}},
		{ID: 202, Login: "team_two", Description: "Second line", Roles: []string{"Supervisor"}},
		{ID: 203, Login: "team_three", Roles: []string{"Developer", "Accountant"}},
	}
	company.Keys = append(
		slices.Clone(company.Keys[:1]),
		voxsim.Key{
			ID:          wallboard,
			Name:        "wallboard",
			Description: "The wallboard in the hall",
			Subuser:     "team_three",
			Roles:       []string{"Accountant"},
		},
		voxsim.Key{ID: dialler, Name: "dialler", Roles: []string{"Developer", "Support"}},
	)
	return company
}

// withWorld runs a test in a bubble, after a first reading of the team.
func withWorld(t *testing.T, o apptest.Options, test func(t *testing.T, w *apptest.World)) {
	t.Helper()
	t.Parallel()
	o.Company = testCompany()
	synctest.Test(t, func(t *testing.T) {
		w := apptest.NewWorld(t, o)
		defer w.Close()
		w.Refresh(t)
		time.Sleep(time.Minute)
		test(t, w)
	})
}

// findingsSummary is what was found, in words.
func findingsSummary(t *testing.T, w *apptest.World) string {
	t.Helper()
	all, err := w.Drift.Findings(t.Context(), w.Account)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, f := range all {
		said = append(said, strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Name, f.Type, f.Role.Name)))
	}
	return strings.Join(said, "; ")
}

// outsideChanges is every change that can be made behind our back and seen, and how it is found.
func outsideChanges(w *apptest.World) map[string]struct {
	act  voxsim.ExternalChange
	want string
} {
	role := w.Sim.State().RoleID
	return map[string]struct {
		act  voxsim.ExternalChange
		want string
	}{
		"add a subuser": {
			voxsim.ExternalChange{Kind: voxsim.ExternalAddSubuser, Login: "stranger", RoleIDs: []int64{role("Accountant")}},
			"stranger appeared",
		},
		"delete a subuser": {voxsim.ExternalChange{Kind: voxsim.ExternalDeleteSubuser, SubuserID: 202}, "team_two gone"},
		"give a role": {
			voxsim.ExternalChange{Kind: voxsim.ExternalAddSubuserRoles, SubuserID: 202, RoleIDs: []int64{role("Accountant")}},
			"team_two granted Accountant",
		},
		"take a role": {
			voxsim.ExternalChange{Kind: voxsim.ExternalRemoveSubuserRoles, SubuserID: 203, RoleIDs: []int64{role("Developer")}},
			"team_three revoked Developer",
		},
		"take by force": {
			voxsim.ExternalChange{
				Kind:      voxsim.ExternalRemoveSubuserRoles,
				SubuserID: 203,
				RoleIDs:   []int64{role("Accountant")},
				Force:     true,
			},
			"wallboard revoked Accountant; team_three revoked Accountant",
		},
		"describe": {
			voxsim.ExternalChange{Kind: voxsim.ExternalSetSubuserDescription, SubuserID: 202, Description: "Night shift"},
			"team_two described",
		},
		"create a key": {
			voxsim.ExternalChange{Kind: voxsim.ExternalCreateKey, Name: "spare", RoleIDs: []int64{role("Accountant")}},
			"spare appeared",
		},
		"delete a key": {voxsim.ExternalChange{Kind: voxsim.ExternalDeleteKey, KeyID: dialler}, "dialler gone"},
		"give a key a role": {
			voxsim.ExternalChange{Kind: voxsim.ExternalAddKeyRoles, KeyID: dialler, RoleIDs: []int64{role("Accountant")}},
			"dialler granted Accountant",
		},
		"take a key's role": {
			voxsim.ExternalChange{Kind: voxsim.ExternalRemoveKeyRoles, KeyID: dialler, RoleIDs: []int64{role("Developer")}},
			"dialler revoked Developer",
		},
		"strip a key": {
			voxsim.ExternalChange{Kind: voxsim.ExternalRemoveAllKeyRoles, KeyID: dialler},
			"dialler revoked Support; dialler revoked Developer",
		},
		"rename a key": {
			voxsim.ExternalChange{Kind: voxsim.ExternalUpdateKey, KeyID: dialler, Name: "robot"},
			"robot renamed",
		},
		"describe a key": {
			voxsim.ExternalChange{Kind: voxsim.ExternalUpdateKey, KeyID: dialler, Description: "Calls people"},
			"dialler described",
		},
		"a password cannot be read": {
			voxsim.ExternalChange{Kind: voxsim.ExternalSetSubuserPassword, SubuserID: 202, Password: "An0ther-pass"},
			"",
		},
	}
}

// rowNamesRole are the tests of behind, for which no world is needed yet.
func rowNamesRole() []string {
	return []string{
		"add a subuser",
		"delete a subuser",
		"give a role",
		"take a role",
		"take by force",
		"describe",
		"create a key",
		"delete a key",
		"give a key a role",
		"take a key's role",
		"strip a key",
		"rename a key",
		"describe a key",
		"a password cannot be read",
	}
}

func TestOutsideChangeIsFoundWithOneRefresh(t *testing.T) {
	t.Parallel()
	for i, variant := range append(voxsim.AllVariants(), voxsim.NamedVariant{Name: "default"}) {
		v := variant.Variants
		if v.WithRolesIgnored || v.OffsetIgnored || v.OrderUnstable || v.MaxKeys > 0 || v.MaxSubusers > 0 || v.RateLimit > 0 {
			continue // roles are not listed, or no listing can be believed, or the change is refused
		}
		for j, name := range rowNamesRole() {
			if testing.Short() && (i+j)%5 != 0 {
				continue // each variant and each change, not each with each
			}
			t.Run(variant.Name+"/"+name, func(t *testing.T) {
				withWorld(t, apptest.Options{Variants: v}, func(t *testing.T, w *apptest.World) {
					test := outsideChanges(w)[name]
					if err := w.Sim.ApplyExternal(test.act); err != nil {
						t.Fatal(err)
					}
					before := time.Now()
					w.Refresh(t)
					if got := findingsSummary(t, w); got != test.want {
						t.Fatalf("found %q, want %q", got, test.want)
					}
					all, _ := w.Drift.Findings(t.Context(), w.Account)
					for _, f := range all {
						if f.FirstSeen.Before(before.Add(-time.Second)) || f.FirstSeen.After(time.Now()) {
							t.Errorf("first seen %v", f.FirstSeen)
						}
						if told := len(f.VendorHistory) > 0; told == v.AuditSilent && v.KeySubuser != voxsim.KeySubuserAbsent ||
							told && f.VendorHistory[0].IP != "203.0.113.7" {
							t.Errorf("the vendor's history says %+v", f.VendorHistory)
						}
					}
					w.CheckDrift(t)
					time.Sleep(time.Minute)
					w.Refresh(t)
					if got := findingsSummary(t, w); got != test.want {
						t.Errorf("then found %q, want %q", got, test.want)
					}
				})
			})
		}
	}
}

func TestRevertedChangeEndsFinding(t *testing.T) {
	withWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		payer := []int64{w.Sim.State().RoleID("Payer")}
		for _, kind := range []voxsim.ExternalChangeKind{voxsim.ExternalAddSubuserRoles, voxsim.ExternalRemoveSubuserRoles} {
			if err := w.Sim.ApplyExternal(voxsim.ExternalChange{Kind: kind, SubuserID: 202, RoleIDs: payer}); err != nil {
				t.Fatal(err)
			}
			w.Refresh(t)
		}
		ended, err := w.Drift.Decisions(t.Context(), w.Account, 10)
		if got := findingsSummary(t, w); err != nil || got != "" || len(ended) != 1 || ended[0].Outcome != drift.Ended {
			t.Errorf("found %q, ended %+v, %v", got, ended, err)
		}
	})
}

func TestAcceptedFindingIsExpected(t *testing.T) {
	for _, name := range rowNamesRole()[:13] {
		t.Run(name, func(t *testing.T) {
			withWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
				if err := w.Sim.ApplyExternal(outsideChanges(w)[name].act); err != nil {
					t.Fatal(err)
				}
				w.Refresh(t)
				all, _ := w.Drift.Findings(t.Context(), w.Account)
				actor := audit.Actor{Issuer: "test", Subject: "ada", Name: "Ada"}
				if _, err := w.Drift.Accept(t.Context(), w.Account, all[0].ID, actor, " "); err == nil {
					t.Error("accepted without a reason")
				}
				for _, f := range all {
					if _, err := w.Drift.Accept(t.Context(), w.Account, f.ID, actor, "Agreed on the phone"); err != nil {
						t.Fatal(err)
					}
					if _, err := w.Drift.Accept(t.Context(), w.Account, f.ID, actor, "Again"); !errors.Is(err, drift.ErrEnded) {
						t.Errorf("accepted twice: %v", err)
					}
				}
				time.Sleep(time.Minute)
				w.Refresh(t)
				ended, err := w.Drift.Decisions(t.Context(), w.Account, 10)
				if got := findingsSummary(t, w); err != nil || got != "" || len(ended) != len(all) {
					t.Fatalf("found %q, ended %+v, %v", got, ended, err)
				}
				if d := ended[0]; d.Outcome != drift.Accepted || d.Actor != actor || d.Reason != "Agreed on the phone" {
					t.Errorf("kept %+v", d)
				}
			})
		})
	}
}
