package browsertest

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// TestPartlyApplied: the first call went through and the second was refused. The page says what holds now, and
// its operation offers to finish the rest.
func TestPartlyApplied(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		const login = "david_sedlak" // CallListManager, Support
		site := apptest.NewSite(t, apptest.Options{})
		p := newPerson(t, site, js).signedIn(policy.Editor, pathOf(t, site, login, "/roles"))
		p.at("Roles of " + login)
		p.review(login, "Support", "Payer")
		site.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.Refuse})
		p.press("button", "Apply changes")
		p.at("The roles of " + login + " were changed in part")
		p.sees("What holds now", "Grant Payer", "code 340")
		p.holds(login, "CallListManager")
		p.wrote(1)

		p.press("link", "See the operation")
		p.at("Change of roles: " + login)
		p.sees("Partly applied")
		p.press("link", "Finish it")
		p.at("Roles of " + login)
		p.sees("Finish what was begun")
		if p.find("checkbox", "Support").is("checked") || !p.find("checkbox", "Payer").is("checked") ||
			!p.find("checkbox", "CallListManager").is("checked") {
			t.Error("the ticks are not those that finish the change")
		}
		p.review(login)
		p.sees(login + " gets Payer, and keeps CallListManager")
		p.press("button", "Apply changes")
		p.at(login)
		p.holds(login, "CallListManager", "Payer")
		p.wrote(2)

		p.sees("Partly applied")
		links, err := p.things("link", "Change of roles")
		if err != nil || len(links) != 2 {
			t.Fatalf("the history has %d changes, %v", len(links), err)
		}
	})
}

// TestNotKnownYet: the answer is lost and the change comes late. Nobody claims anything, nothing is sent again, and
// "Check now" finds out.
func TestNotKnownYet(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		const login = "david_sedlak"
		const late = 8 * time.Second
		site := apptest.NewSite(t, apptest.Options{})
		p := newPerson(t, site, js).signedIn(policy.Editor, pathOf(t, site, login, "/roles"))
		p.at("Roles of " + login)
		p.review(login, "Payer")
		site.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.ResetThenCommit, Delay: late})
		p.press("button", "Apply changes")
		p.at("We do not know yet whether the roles of " + login + " were changed")
		p.sees("Do not send it again")
		p.press("link", "See the operation")
		p.at("Change of roles: " + login)
		p.sees("Not known yet", "Not settled yet")
		p.press("button", "Check now")
		p.sees("it cannot be told yet what happened")
		p.lacks("button", "Settle") // an editor settles nothing by hand

		p.wait(func() (bool, string) { return writes(site) == 1, "for the vendor" })
		p.press("button", "Check now")
		p.sees("This operation is settled.", "Settled by reading", "Applied")
		p.lacks("button", "Check now")
		p.open(pathOf(t, site, login, ""))
		p.at(login)
		p.holds(login, "CallListManager", "Support", "Payer")
		p.wrote(1)
	})
}

// TestLostAnswerThatShows: the answer is lost but a reading shows the change: that is as good as an answer.
func TestLostAnswerThatShows(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		const login = "david_sedlak"
		site := apptest.NewSite(t, apptest.Options{})
		p := newPerson(t, site, js).signedIn(policy.Editor, pathOf(t, site, login, "/roles"))
		p.at("Roles of " + login)
		p.review(login, "Payer")
		site.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.CommitThenReset})
		p.press("button", "Apply changes")
		p.at(login)
		p.sees("were changed.", "Read back at")
		p.wrote(1)
	})
}

// TestPasswordOfDoubt: when nobody knows whether the subuser was made, their password is still shown, with a warning.
func TestPasswordOfDoubt(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newPerson(t, site, js).signedIn(policy.Admin, "/subusers/new")
		p.fill("Login", "zora_k")
		site.Sim.AddFault(voxsim.Fault{Method: "AddSubUser", Kind: voxsim.ResetBeforeCommit})
		p.press("button", "Create subuser")
		p.at("We do not know yet whether zora_k was created")
		if len(p.secret("password", "Password")) < 12 {
			t.Error("the password is not shown")
		}
		p.wrote(0)

		p.press("link", "See what becomes of it")
		p.at("New subuser: zora_k")
		p.press("button", "Check now")
		p.sees("it cannot be told yet what happened")
		p.press("DisclosureTriangle", "Settle by hand")
		p.press("radio", "It did not happen")
		p.fill("Reason", "Looked in the panel: there is no zora_k")
		p.press("button", "Settle")
		p.sees("Settled by hand", "Did not happen", "Looked in the panel")
		p.wrote(0)
	})
}
