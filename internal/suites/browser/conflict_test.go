package browser

import (
	"net/http"
	"testing"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// changeAtVendor changes a subuser's roles outside the console.
func changeAtVendor(t *testing.T, site *apptest.Site, kind voxsim.ExternalChangeKind, login, role string) {
	t.Helper()
	state := site.Sim.State()
	subuser, ok := state.Subuser(login)
	if !ok {
		t.Fatalf("there is no subuser %s", login)
	}
	if err := site.Sim.ApplyExternal(voxsim.ExternalChange{
		Kind:      kind,
		SubuserID: subuser.ID,
		RoleIDs:   []int64{state.RoleID(role)},
	}); err != nil {
		t.Fatal(err)
	}
}

// TestConcurrentVendorChange: a change outside the console between the form and Apply stops the change and is shown.
// The form can then be applied to the current roles, and the other change stays.
func TestConcurrentVendorChange(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		const login = "inigo_munoz"
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Editor, subuserPath(t, site, login, "/roles"))
		p.expectHeading("Roles of " + login)
		p.fill("Reason", "OPS-30")
		p.reviewRoles(login, "CallHistory", "Supervisor")
		changeAtVendor(t, site, voxsim.ExternalAddSubuserRoles, login, "Payer")
		p.press("button", "Apply changes")
		p.expectText(
			"The roles were changed while you had this form open",
			"Support and CallHistory",
			"Revoke CallHistory",
			"Grant Supervisor",
		)
		p.expectFocusRole("alert")
		p.expectStatus(http.StatusConflict)
		p.expectWrites(0)
		p.expectForm("OPS-30", "Support", "Supervisor", "Payer")

		p.reviewRoles(login)
		p.expectText(login + " loses CallHistory, gets Supervisor and keeps")
		p.press("button", "Apply changes")
		p.expectHeading(login)
		p.expectRoles(login, "Support", "Supervisor", "Payer")
		p.expectWrites(2)
	})
}

// TestTwoOperators: while an operator's change is open, a second operator's change of the same subuser is refused, with
// the name of the first operator.
func TestTwoOperators(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		const login = "inigo_munoz"
		site := apptest.NewSite(t, apptest.Options{})
		first := newTestPage(t, site, js).signInAs(policy.Admin, subuserPath(t, site, login, "/roles"))
		first.expectHeading("Roles of " + login)
		first.reviewRoles(login, "Supervisor")
		site.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.ResetBeforeCommit})
		first.press("button", "Apply changes")
		first.expectHeading("We do not know yet whether the roles of " + login + " were changed")

		second := newTestPage(t, site, js).signInAs(policy.Editor, subuserPath(t, site, login, "/roles"))
		second.expectHeading("Roles of " + login)
		second.reviewRoles(login, "Payer")
		second.press("button", "Apply changes")
		second.expectText("Another operation is not finished", "Ada Admin")
		second.expectFocusRole("alert")
		second.expectStatus(http.StatusConflict)
		second.expectForm("", "Payer")
		second.expectWrites(0)
	})
}
