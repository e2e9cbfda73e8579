package browser

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// TestPartlyApplied: the first call succeeds and the second is refused. The page shows the current state, and the
// operation's page offers to finish the rest.
func TestPartlyApplied(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		const login = "david_sedlak" // CallListManager, Support
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Editor, subuserPath(t, site, login, "/roles"))
		p.expectHeading("Roles of " + login)
		p.reviewRoles(login, "Support", "Payer")
		site.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.Refuse})
		p.press("button", "Apply changes")
		p.expectHeading("The roles of " + login + " were changed in part")
		p.expectText("Present roles", "Grant Payer", "code 340")
		p.expectRoles(login, "CallListManager")
		p.expectWrites(1)

		p.press("link", "See the operation")
		p.expectHeading("Change of roles: " + login)
		p.expectText("Partly applied")
		p.press("link", "Finish the change")
		p.expectHeading("Roles of " + login)
		p.expectText("Finish a partly applied change")
		if p.find("checkbox", "Support").is("checked") || !p.find("checkbox", "Payer").is("checked") ||
			!p.find("checkbox", "CallListManager").is("checked") {
			t.Error("the form is not filled in to finish the change")
		}
		p.reviewRoles(login)
		p.expectText(login + " gets Payer and keeps CallListManager")
		p.press("button", "Apply changes")
		p.expectHeading(login)
		p.expectRoles(login, "CallListManager", "Payer")
		p.expectWrites(2)

		p.expectText("Partly applied")
		links, err := p.query("link", "Change of roles")
		if err != nil || len(links) != 2 {
			t.Fatalf("the history has %d changes, %v", len(links), err)
		}
	})
}

// TestUnknownOutcome: the response is lost and the change is applied later. The page claims neither, nothing is sent
// again, and "Check now" finds the result.
func TestUnknownOutcome(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		const login = "david_sedlak"
		const late = 8 * time.Second
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Editor, subuserPath(t, site, login, "/roles"))
		p.expectHeading("Roles of " + login)
		p.reviewRoles(login, "Payer")
		site.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.ResetThenCommit, Delay: late})
		p.press("button", "Apply changes")
		p.expectHeading("We do not know yet whether the roles of " + login + " were changed")
		p.expectText("Do not send it again")
		p.press("link", "See the operation")
		p.expectHeading("Change of roles: " + login)
		p.expectText("Unknown", "Not finished")
		p.press("button", "Check now")
		p.expectText("The outcome is still unknown")
		p.expectAbsent("button", "Resolve operation") // only an admin resolves an operation

		p.waitUntil(func() (bool, string) { return vendorWrites(site) == 1, "for the late change" })
		p.press("button", "Check now")
		p.expectText("Checked. The outcome is now known.", "Checked later", "Applied")
		p.expectAbsent("button", "Check now")
		p.open(subuserPath(t, site, login, ""))
		p.expectHeading(login)
		p.expectRoles(login, "CallListManager", "Support", "Payer")
		p.expectWrites(1)
	})
}

// TestLostResponseConfirmedByReading: the response is lost and a reading shows the change: the operation is applied.
func TestLostResponseConfirmedByReading(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		const login = "david_sedlak"
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Editor, subuserPath(t, site, login, "/roles"))
		p.expectHeading("Roles of " + login)
		p.reviewRoles(login, "Payer")
		site.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.CommitThenReset})
		p.press("button", "Apply changes")
		p.expectHeading(login)
		p.expectText("were changed.", "Read back at")
		p.expectWrites(1)
	})
}

// TestPasswordShownWhenOutcomeUnknown: when it is unknown whether the subuser was created, the page shows the password
// with a warning. An admin then resolves the operation.
func TestPasswordShownWhenOutcomeUnknown(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Admin, "/subusers/new")
		p.fill("Login", "zora_k")
		site.Sim.AddFault(voxsim.Fault{Method: "AddSubUser", Kind: voxsim.ResetBeforeCommit})
		p.press("button", "Create subuser")
		p.expectHeading("We do not know yet whether zora_k was created")
		if len(p.revealSecret("password", "Password")) < 12 {
			t.Error("the password is not shown")
		}
		p.expectWrites(0)

		p.press("link", "See the outcome")
		p.expectHeading("New subuser: zora_k")
		p.press("button", "Check now")
		p.expectText("The outcome is still unknown")
		p.press("DisclosureTriangle", "Resolve")
		p.press("radio", "Not applied")
		p.fill("Reason", "Looked in the panel: there is no zora_k")
		p.press("button", "Resolve operation")
		p.expectText("Resolved by an admin", "Not applied", "Looked in the panel")
		p.expectWrites(0)
	})
}
