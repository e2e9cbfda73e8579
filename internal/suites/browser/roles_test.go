package browser

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// expectRoles fails the test unless a subuser has exactly these direct roles at the vendor.
func (p *testPage) expectRoles(login string, names ...string) {
	p.t.Helper()
	state := p.site.Sim.State()
	subuser, ok := state.Subuser(login)
	if !ok {
		p.t.Fatalf("there is no subuser %s", login)
	}
	var want []int64
	for _, name := range names {
		want = append(want, state.RoleID(name))
	}
	slices.Sort(want)
	if !slices.Equal(want, subuser.RoleIDs) {
		p.t.Errorf("%s has the roles %v, want %v", login, subuser.RoleIDs, want)
	}
}

// vendorWrites returns the number of changes that the console has made at the vendor.
func vendorWrites(site *apptest.Site) int {
	external := func(e voxsim.LedgerEntry) bool { return e.Actor == voxsim.ExternalActor }
	return len(slices.DeleteFunc(site.Sim.Ledger(), external))
}

// expectWrites fails the test unless the console has made n changes at the vendor.
func (p *testPage) expectWrites(n int) {
	p.t.Helper()
	if got := vendorWrites(p.site); got != n {
		p.t.Errorf("the console has made %d changes, want %d: %+v", got, n, p.site.Sim.Ledger())
	}
}

// subuserPath returns the path of a subuser's page, with a suffix.
func subuserPath(t *testing.T, site *apptest.Site, login, suffix string) string {
	t.Helper()
	subuser, ok := site.Sim.State().Subuser(login)
	if !ok {
		t.Fatalf("there is no subuser %s", login)
	}
	return fmt.Sprintf("/subusers/%d%s", subuser.ID, suffix)
}

// reviewRoles toggles roles in the open form and goes on to the review.
func (p *testPage) reviewRoles(login string, roles ...string) {
	p.t.Helper()
	for _, role := range roles {
		p.press("checkbox", role)
	}
	p.press("button", "Review changes")
	p.expectHeading("Review the change for " + login)
}

// TestChangeRoles toggles roles, reviews the difference, goes back to the form, adds a role, applies the change and
// checks the page with the result.
func TestChangeRoles(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		const login = "lukasz_wisniew"
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Editor, "/subusers?q=lukasz")
		p.press("link", login)
		p.expectHeading(login)
		p.press("link", "Change roles")
		p.expectHeading("Roles of " + login)

		p.press("button", "Review changes")
		p.expectText("There is nothing to change")
		p.expectFocusRole("alert")
		p.fill("Reason", "OPS-12 moves to queues")
		p.reviewRoles(login, "Support", "ACDManager")
		p.expectText("Revoke Support", "Grant ACDManager", login+" loses Support, gets ACDManager")
		p.expectWrites(0)

		p.press("button", "Back to the form")
		p.expectHeading("Roles of " + login)
		if p.find("checkbox", "Support").is("checked") || !p.find("checkbox", "ACDManager").is("checked") {
			t.Error("the ticks were lost on the way back to the form")
		}
		if got := p.find("textbox", "Reason").value(); got != "OPS-12 moves to queues" {
			t.Errorf("the reason on the way back is %q", got)
		}
		p.reviewRoles(login, "CallHistory")
		p.expectText("Grant CallHistory")
		p.press("button", "Apply changes")
		p.expectHeading(login)
		p.expectFocusRole("status")
		p.expectText("The roles of "+login+" were changed.", "Read back at", "OPS-12 moves to queues")
		p.expectRoles(login, "ACDManager", "CallHistory")
		p.expectWrites(2)

		p.reload()
		p.expectHeading(login)
		p.expectNoText("were changed.")
		p.expectWrites(2)
		p.press("link", "Change of roles")
		p.expectHeading("Change of roles: " + login)
		p.expectText("Roles after the operation", "Read back at", "Roles now", "The same.", "Undo would now make this change")

		operation := p.address()
		p.press("link", "Undo")
		p.expectHeading("Roles of " + login)
		p.expectText("The ticks reverse what that operation changed: ")
		p.reviewRoles(login)
		p.expectText("Grant Support", "Revoke ACDManager", "Revoke CallHistory")
		p.press("button", "Apply changes")
		p.expectHeading(login)
		p.expectRoles(login, "Support")
		p.open(operation)
		p.expectHeading("Change of roles: " + login)
		p.expectText("Undone by Edda Editor, ", "Later changed by Edda Editor, ")
		p.expectNoText("Nothing to undo")
		p.expectAbsent("link", "Undo")
	})
}

// expectForm fails the test unless the form has this reason and these roles are ticked.
func (p *testPage) expectForm(reason string, roles ...string) {
	p.t.Helper()
	if got := p.find("textbox", "Reason").value(); got != reason {
		p.t.Errorf("the form lost its reason: it is %q", got)
	}
	for _, role := range roles {
		if !p.find("checkbox", role).is("checked") {
			p.t.Errorf("the form lost its tick at %s", role)
		}
	}
}

// TestApplyOnce: neither a double click nor Back applies a change twice.
func TestApplyOnce(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		const login = "lukasz_wisniew"
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Editor, subuserPath(t, site, login, "/roles"))
		p.expectHeading("Roles of " + login)
		p.reviewRoles(login, "CallHistory")
		site.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.SlowDrip, Delay: 700 * time.Millisecond})
		p.pressTwice("button", "Apply changes")
		p.waitGone("button", "Apply changes")
		p.expectRoles(login, "Support", "CallHistory")
		p.expectWrites(1)

		p.back()
		if js {
			p.expectHeading("Roles of " + login) // the current page at this address
			if !p.find("checkbox", "CallHistory").is("checked") {
				t.Error("the form does not show the current roles")
			}
			return
		}
		p.waitUntil(func() (bool, string) {
			return p.visibleText() == "", "for the browser to ask whether to send the review again"
		})
		p.reload()
		p.expectText("The roles were changed while you had this form open")
		p.expectText("change nothing: the roles are already as you want them")
		p.expectWrites(1)
	})
}
