package browsertest

import (
	"net/http"
	"testing"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// driftPage is the heading of the page with what was changed elsewhere.
const driftPage = "Changed outside this console"

// surprised is somebody whose console has read the account before a role was granted in the vendor's panel, and reads
// it again and finds that.
func surprised(t *testing.T, site *apptest.Site, js bool, login, role string) *person {
	t.Helper()
	p := newPerson(t, site, js).signedIn(policy.Admin, "/subusers")
	p.sees("1–40 of 40")
	behind(t, site, voxsim.ExternalAddSubuserRoles, login, role)
	p.press("button", "Refresh")
	p.wait(func() (bool, string) {
		n, err := site.Drift.Count(t.Context(), site.Account)
		return err == nil && n == 1, "for the change to be found"
	})
	p.open("/drift")
	p.at(driftPage)
	p.sees("Role " + role + " was granted.")
	return p
}

// TestAcceptDrift: what was changed elsewhere may stay, for a reason, and is decided once.
func TestAcceptDrift(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		const login, reason = "inigo_munoz", "OPS-60 agreed with Anna"
		site := apptest.NewSite(t, apptest.Options{})
		p := surprised(t, site, js, login, "Payer")
		p.press("link", "Accept")
		p.at("Accept a change")
		late := p.anotherTab()
		late.open(p.address())
		p.press("button", "Accept this change")
		p.sees("Please look at this first")
		p.answered(http.StatusUnprocessableEntity)
		p.reload()
		p.at("Accept a change")
		p.fill("Reason", reason)
		p.press("button", "Accept this change")
		p.at(driftPage)
		p.sees("Nothing was changed outside this console", reason)
		p.lacks("link", "Accept")
		late.fill("Reason", "for another reason")
		late.press("button", "Accept this change")
		late.sees("Nothing was accepted")
		late.seesNot("for another reason")
		p.reload()
		p.at(driftPage)
		p.sees("Nothing was changed outside this console", reason)
		p.holds(login, "Support", "CallHistory", "Payer")
		p.wrote(0)
	})
}

// TestRevertDrift: what was changed elsewhere is taken back by the ordinary form, which is filled in.
func TestRevertDrift(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		const login = "inigo_munoz"
		site := apptest.NewSite(t, apptest.Options{})
		p := surprised(t, site, js, login, "Payer")
		p.press("link", "Revert")
		p.at("Roles of " + login)
		if p.find("checkbox", "Payer").is("checked") || !p.find("checkbox", "Support").is("checked") {
			t.Error("the ticks are not those that take it back")
		}
		p.back()
		p.at(driftPage)
		p.press("link", "Revert")
		p.at("Roles of " + login)
		p.review(login)
		p.sees(login + " loses Payer")
		p.press("button", "Apply changes")
		p.at(login)
		p.holds(login, "Support", "CallHistory")
		p.wrote(1)
	})
}
