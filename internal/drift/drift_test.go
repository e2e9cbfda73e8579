package drift_test

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/drift"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

const (
	wallboard = "11111111-1111-4111-8111-111111111111"
	dialler   = "22222222-2222-4222-8222-222222222222"
)

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

// withWorld runs a test on a database of each engine, in a synctest bubble, after a first listing of testCompany. The
// audit log must be intact afterwards.
func withWorld(t *testing.T, o apptest.Options, test func(t *testing.T, w *apptest.World)) {
	t.Helper()
	withTamperedWorld(t, o, func(t *testing.T, w *apptest.World) {
		test(t, w)
		w.CheckIntact(t)
	})
}

// withTamperedWorld is withWorld for tests that change the database.
func withTamperedWorld(t *testing.T, o apptest.Options, test func(t *testing.T, w *apptest.World)) {
	t.Helper()
	t.Parallel()
	o.Company = testCompany()
	apptest.OnEachEngine(t, o, func(t *testing.T, w *apptest.World) {
		if err := w.AuditLog.Note(t.Context(), audit.Started{Program: "test"}); err != nil {
			t.Fatal(err)
		}
		w.Refresh(t)
		time.Sleep(time.Minute)
		test(t, w)
	})
}

// findingsSummary returns the findings as text.
func findingsSummary(t *testing.T, w *apptest.World) string {
	t.Helper()
	all, err := w.Drift.Findings(t.Context(), w.Account)
	if err != nil {
		t.Fatal(err)
	}
	var findings []string
	for _, f := range all {
		findings = append(findings, strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Name, f.Type, f.Role.Name)))
	}
	return strings.Join(findings, "; ")
}

// outsideChanges returns every change that can be made outside the console, with the expected findings.
func outsideChanges(w *apptest.World) map[string]struct {
	change voxsim.ExternalChange
	want   string
} {
	role := w.Sim.State().RoleID
	return map[string]struct {
		change voxsim.ExternalChange
		want   string
	}{
		"create a subuser": {
			voxsim.ExternalChange{Kind: voxsim.ExternalAddSubuser, Login: "stranger", RoleIDs: []int64{role("Accountant")}},
			"stranger appeared",
		},
		"delete a subuser": {voxsim.ExternalChange{Kind: voxsim.ExternalDeleteSubuser, SubuserID: 202}, "team_two gone"},
		"grant a role": {
			voxsim.ExternalChange{Kind: voxsim.ExternalAddSubuserRoles, SubuserID: 202, RoleIDs: []int64{role("Accountant")}},
			"team_two granted Accountant",
		},
		"revoke a role": {
			voxsim.ExternalChange{Kind: voxsim.ExternalRemoveSubuserRoles, SubuserID: 203, RoleIDs: []int64{role("Developer")}},
			"team_three revoked Developer",
		},
		"revoke by force": {
			voxsim.ExternalChange{
				Kind:      voxsim.ExternalRemoveSubuserRoles,
				SubuserID: 203,
				RoleIDs:   []int64{role("Accountant")},
				Force:     true,
			},
			"wallboard revoked Accountant; team_three revoked Accountant",
		},
		"change a description": {
			voxsim.ExternalChange{Kind: voxsim.ExternalSetSubuserDescription, SubuserID: 202, Description: "Night shift"},
			"team_two described",
		},
		"create a key": {
			voxsim.ExternalChange{Kind: voxsim.ExternalCreateKey, Name: "spare", RoleIDs: []int64{role("Accountant")}},
			"spare appeared",
		},
		"delete a key": {voxsim.ExternalChange{Kind: voxsim.ExternalDeleteKey, KeyID: dialler}, "dialler gone"},
		"grant a role to a key": {
			voxsim.ExternalChange{Kind: voxsim.ExternalAddKeyRoles, KeyID: dialler, RoleIDs: []int64{role("Accountant")}},
			"dialler granted Accountant",
		},
		"revoke a role from a key": {
			voxsim.ExternalChange{Kind: voxsim.ExternalRemoveKeyRoles, KeyID: dialler, RoleIDs: []int64{role("Developer")}},
			"dialler revoked Developer",
		},
		"revoke all roles from a key": {
			voxsim.ExternalChange{Kind: voxsim.ExternalRemoveAllKeyRoles, KeyID: dialler},
			"dialler revoked Support; dialler revoked Developer",
		},
		"rename a key": {
			voxsim.ExternalChange{Kind: voxsim.ExternalUpdateKey, KeyID: dialler, Name: "robot"},
			"robot renamed",
		},
		"change the description of a key": {
			voxsim.ExternalChange{Kind: voxsim.ExternalUpdateKey, KeyID: dialler, Description: "Calls people"},
			"dialler described",
		},
		"change a password": {
			voxsim.ExternalChange{Kind: voxsim.ExternalSetSubuserPassword, SubuserID: 202, Password: "An0ther-pass"},
			"",
		},
	}
}

// outsideChangeNames returns the names of outsideChanges, for which no world is needed. The last one is not found.
func outsideChangeNames() []string {
	return []string{
		"create a subuser",
		"delete a subuser",
		"grant a role",
		"revoke a role",
		"revoke by force",
		"change a description",
		"create a key",
		"delete a key",
		"grant a role to a key",
		"revoke a role from a key",
		"revoke all roles from a key",
		"rename a key",
		"change the description of a key",
		"change a password",
	}
}

var everyCombination = flag.Bool("all", false, "try every combination of variant and change on PostgreSQL too")

func TestOutsideChangeIsFoundWithOneRefresh(t *testing.T) {
	t.Parallel()
	for i, variant := range append(voxsim.AllVariants(), voxsim.NamedVariant{Name: "default"}) {
		v := variant.Variants
		if v.WithRolesIgnored || v.OffsetIgnored || v.OrderUnstable || v.MaxKeys > 0 || v.MaxSubusers > 0 || v.RateLimit > 0 {
			continue // roles are not listed, no listing is complete, or the change is refused
		}
		for j, name := range outsideChangeNames() {
			options, sampled := apptest.Options{Variants: v}, (i+j)%5 == 0 // every variant and every change
			if testing.Short() && !sampled {
				continue
			}
			t.Run(variant.Name+"/"+name, func(t *testing.T) {
				if !sampled && !*everyCombination {
					options.Database = storetest.SQLite(t)
				}
				withWorld(t, options, func(t *testing.T, w *apptest.World) {
					test := outsideChanges(w)[name]
					if err := w.Sim.ApplyExternal(test.change); err != nil {
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
						hasHistory := len(f.VendorHistory) > 0
						if hasHistory == v.AuditSilent && v.KeySubuser != voxsim.KeySubuserAbsent ||
							hasHistory && f.VendorHistory[0].IP != "203.0.113.7" {
							t.Errorf("the vendor's history is %+v", f.VendorHistory)
						}
					}
					w.CheckDrift(t)
					time.Sleep(time.Minute)
					w.Refresh(t)
					if got := findingsSummary(t, w); got != test.want {
						t.Errorf("the next listing found %q, want %q", got, test.want)
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

// acceptRequest returns the request of an admin that accepts a finding.
func acceptRequest(w *apptest.World, reason string) operations.Request {
	return operations.Request{
		Operator: operator.Operator{Issuer: "test", Subject: "ada", Name: "Ada"}, Account: w.Account, Reason: reason,
	}
}

func TestAcceptedFindingIsExpected(t *testing.T) {
	for _, name := range outsideChangeNames()[:13] {
		t.Run(name, func(t *testing.T) {
			withWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
				if err := w.Sim.ApplyExternal(outsideChanges(w)[name].change); err != nil {
					t.Fatal(err)
				}
				w.Refresh(t)
				all, _ := w.Drift.Findings(t.Context(), w.Account)
				if _, err := w.Drift.Accept(t.Context(), acceptRequest(w, " "), all[0].ID); err == nil {
					t.Error("accepted without a reason")
				}
				for _, f := range all {
					if _, err := w.Drift.Accept(t.Context(), acceptRequest(w, "Agreed on the phone"), f.ID); err != nil {
						t.Fatal(err)
					}
					if _, err := w.Drift.Accept(t.Context(), acceptRequest(w, "Again"), f.ID); !errors.Is(err, drift.ErrEnded) {
						t.Errorf("accepted twice: %v", err)
					}
				}
				time.Sleep(time.Minute)
				w.Refresh(t)
				ended, err := w.Drift.Decisions(t.Context(), w.Account, 10)
				if got := findingsSummary(t, w); err != nil || got != "" || len(ended) != len(all) {
					t.Fatalf("found %q, ended %+v, %v", got, ended, err)
				}
				if d := ended[0]; d.Outcome != drift.Accepted || d.Actor != acceptRequest(w, "").Actor() ||
					d.Reason != "Agreed on the phone" {
					t.Errorf("stored %+v", d)
				}
			})
		})
	}
}
