package browsertest

import (
	"net/http"
	"testing"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// behind changes a subuser's roles in the vendor's own panel.
func behind(t *testing.T, site *apptest.Site, kind voxsim.ExternalChangeKind, login, role string) {
	t.Helper()
	state := site.Sim.State()
	subuser, ok := state.Subuser(login)
	if !ok {
		t.Fatalf("there is no %s", login)
	}
	if err := site.Sim.ApplyExternal(voxsim.ExternalChange{
		Kind:      kind,
		SubuserID: subuser.ID,
		RoleIDs:   []int64{state.RoleID(role)},
	}); err != nil {
		t.Fatal(err)
	}
}

// TestChangedBehindOurBack: a change in the vendor's panel between the form and Apply stops the change and is shown.
// What was wanted can then be done to what holds now, and what the other one did stays.
func TestChangedBehindOurBack(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		const login = "inigo_munoz"
		site := apptest.NewSite(t, apptest.Options{})
		p := newPerson(t, site, js).signedIn(policy.Editor, pathOf(t, site, login, "/roles"))
		p.at("Roles of " + login)
		p.fill("Reason", "OPS-30")
		p.review(login, "CallHistory", "Supervisor")
		behind(t, site, voxsim.ExternalAddSubuserRoles, login, "Payer")
		p.press("button", "Apply changes")
		p.sees(
			"The roles were changed while you had this form open",
			"Support and CallHistory",
			"Revoke CallHistory",
			"Grant Supervisor",
		)
		p.answered(http.StatusConflict)
		p.wrote(0)
		p.formHolds("OPS-30", "Support", "Supervisor", "Payer")

		p.review(login)
		p.sees(login + " loses CallHistory, gets Supervisor, and keeps")
		p.press("button", "Apply changes")
		p.at(login)
		p.holds(login, "Support", "Supervisor", "Payer")
		p.wrote(2)
	})
}

// TestTwoPeople: while the first one's change is not settled, a second one is told so, and by whom it is held up.
func TestTwoPeople(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		const login = "inigo_munoz"
		site := apptest.NewSite(t, apptest.Options{})
		first := newPerson(t, site, js).signedIn(policy.Admin, pathOf(t, site, login, "/roles"))
		first.at("Roles of " + login)
		first.review(login, "Supervisor")
		site.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.ResetBeforeCommit})
		first.press("button", "Apply changes")
		first.at("We do not know yet whether the roles of " + login + " were changed")

		second := newPerson(t, site, js).signedIn(policy.Editor, pathOf(t, site, login, "/roles"))
		second.at("Roles of " + login)
		second.review(login, "Payer")
		second.press("button", "Apply changes")
		second.sees("Another change is not settled yet", "Ada Admin")
		second.answered(http.StatusConflict)
		second.formHolds("", "Payer")
		second.wrote(0)
	})
}
