package browser

import (
	"net/http"
	"testing"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// driftHeading is the heading of the drift page.
const driftHeading = "Drift"

// newPageWithDrift returns an admin at the drift page, after a role was granted outside the console and found.
func newPageWithDrift(t *testing.T, site *apptest.Site, js bool, login, role string) *testPage {
	t.Helper()
	p := newTestPage(t, site, js).signInAs(policy.Admin, "/subusers")
	p.expectText("1–40 of 40")
	changeAtVendor(t, site, voxsim.ExternalAddSubuserRoles, login, role)
	p.press("button", "Refresh")
	p.waitUntil(func() (bool, string) {
		found, err := site.Drift.Findings(t.Context(), site.Account)
		return err == nil && len(found) == 1, "for one drift finding"
	})
	p.open("/drift")
	p.expectHeading(driftHeading)
	p.expectText("Role " + role + " granted.")
	return p
}

// TestAcceptDrift accepts a finding, which requires a reason and is possible once.
func TestAcceptDrift(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		const login, reason = "inigo_munoz", "OPS-60 agreed with Anna"
		site := apptest.NewSite(t, apptest.Options{})
		p := newPageWithDrift(t, site, js, login, "Payer")
		p.press("link", "Accept")
		p.expectHeading("Accept finding")
		late := p.anotherTab()
		late.open(p.address())
		p.press("button", "Accept finding")
		p.expectText("Correct the form first")
		p.expectStatus(http.StatusUnprocessableEntity)
		p.reload()
		p.expectHeading("Accept finding")
		p.fill("Reason", reason)
		p.press("button", "Accept finding")
		p.expectHeading(driftHeading)
		p.expectText("No findings", reason)
		p.expectAbsent("link", "Accept")
		late.fill("Reason", "for another reason")
		late.press("button", "Accept finding")
		late.expectText("Not accepted: the finding changed")
		late.expectNoText("for another reason")
		p.reload()
		p.expectHeading(driftHeading)
		p.expectText("No findings", reason)
		p.expectRoles(login, "Support", "CallHistory", "Payer")
		p.expectWrites(0)
	})
}

// TestRevertDrift reverts a finding with the prefilled role form.
func TestRevertDrift(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		const login = "inigo_munoz"
		site := apptest.NewSite(t, apptest.Options{})
		p := newPageWithDrift(t, site, js, login, "Payer")
		p.setWidth(800)
		top := func(text string) int {
			return p.evalInt(`[...document.querySelectorAll("td a")]
				.find((link) => link.textContent.trim().startsWith("` + text + `")).getBoundingClientRect().top`)
		}
		if accept, revert := top("Accept"), top("Revert"); accept != revert {
			t.Errorf("the links of a finding are at %d and %d px, not beside each other", accept, revert)
		}
		p.press("link", "Revert")
		p.expectHeading("Roles of " + login)
		if p.find("checkbox", "Payer").is("checked") || !p.find("checkbox", "Support").is("checked") {
			t.Error("the form is not filled in to revert the change")
		}
		p.back()
		p.expectHeading(driftHeading)
		p.press("link", "Revert")
		p.expectHeading("Roles of " + login)
		p.reviewRoles(login)
		p.expectText(login + " loses Payer")
		p.press("button", "Apply changes")
		p.expectHeading(login)
		p.expectRoles(login, "Support", "CallHistory")
		p.expectWrites(1)
	})
}
