package browser

import (
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// clickCounter is an operator with a count of clicks. Typing is not counted.
type clickCounter struct {
	*testPage
	clicks int
}

// click presses an element and counts it.
func (c *clickCounter) click(role, name string) {
	c.t.Helper()
	c.press(role, name)
	c.clicks++
}

// expectClicks fails the test if the job took more clicks.
func (c *clickCounter) expectClicks(most int) {
	c.t.Helper()
	if c.clicks > most {
		c.t.Errorf("the job took %d clicks, want at most %d", c.clicks, most)
	}
}

// countClicks signs in and opens the page from which the clicks of a job are counted.
func countClicks(t *testing.T, js bool, role policy.DashboardRole, path string) *clickCounter {
	t.Helper()
	return countClicksAt(t, js, apptest.NewSite(t, apptest.Options{}), role, path)
}

func countClicksAt(
	t *testing.T,
	js bool,
	site *apptest.Site,
	role policy.DashboardRole,
	path string,
) *clickCounter {
	t.Helper()
	return &clickCounter{testPage: newTestPage(t, site, js).signInAs(role, path)}
}

// findRoles types into the search for a principal with roles to copy, and waits for the results.
func (p *testPage) findRoles(text string) {
	p.t.Helper()
	p.fill("Copy roles from", text)
	if !p.js {
		p.press("button", "Find")
	}
}

// findRoles also counts the click of the search.
func (c *clickCounter) findRoles(text string) {
	c.t.Helper()
	if c.testPage.findRoles(text); !c.js {
		c.clicks++
	}
}

// TestCopyRolesInFourClicks creates a subuser with the roles of another one. What was typed before stays, and the focus
// is at the copied roles.
func TestCopyRolesInFourClicks(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		c := countClicks(t, js, policy.Editor, "/subusers")
		c.click("link", "New subuser")
		c.expectHeading("New subuser")
		c.fill("Login", "jan_novotny")
		if js {
			c.fill("Password", "Typed-before-1")
		}
		c.fill("Description", "Jan Novotný, second line")
		c.findRoles("wisniewski")
		c.expectText("1 found")
		c.click("button", "Copy roles of lukasz_wisniew")
		c.expectText("The roles of lukasz_wisniew are ticked.")
		c.expectFocusRole("status")
		if !c.find("checkbox", "Support").is("checked") || c.find("checkbox", "Developer").is("checked") {
			t.Error("other roles are ticked")
		}
		for field, want := range map[string]string{"Login": "jan_novotny", "Description": "Jan Novotný, second line"} {
			if got := c.find("textbox", field).value(); got != want {
				t.Errorf("%s is %q after copying, want %q", field, got, want)
			}
		}
		if address := c.address(); strings.Contains(address, "Typed") || address != "/subusers/new" {
			t.Errorf("the address is %s", address)
		}
		c.click("button", "Create subuser")
		if js {
			c.expectHeading("jan_novotny") // no password to show: it was typed, and survived the copying
		} else {
			c.expectHeading("Subuser jan_novotny was created")
		}
		c.expectRoles("jan_novotny", "Support")
		c.expectClicks(4)
	})
}

// TestSwitchRoleSource copies from one subuser and then from another one with the keyboard. Roles ticked by hand stay.
func TestSwitchRoleSource(t *testing.T) {
	t.Parallel()
	p := newTestPage(t, apptest.NewSite(t, apptest.Options{}), true).signInAs(policy.Editor, "/subusers/new")
	p.press("checkbox", "UserRead")
	p.fill("Copy roles from", "petr_kucera")
	p.tabTo("button", "Copy roles of petr_kucera")
	p.typeKeys("\r")
	p.expectText("The roles of petr_kucera are ticked.")
	if !p.find("checkbox", "Developer").is("checked") || !p.find("checkbox", "UserRead").is("checked") {
		t.Error("Developer and UserRead are not both ticked")
	}
	p.fill("Copy roles from", "anna_novakova")
	p.press("button", "Copy roles of anna_novakova")
	p.expectText(
		"The roles of anna_novakova are ticked, except Owner.",
		"Not ticked: Owner.",
	)
	if p.find("checkbox", "Developer").is("checked") || !p.find("checkbox", "UserRead").is("checked") {
		t.Error("the roles of the first one are still ticked, or UserRead is not")
	}
}

// TestCopyRolesToSubuser gives a subuser the roles of another one beside its own. The reason that was typed stays.
func TestCopyRolesToSubuser(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		c := countClicks(t, js, policy.Editor, "/subusers?q=petr_kucera")
		c.click("link", "petr_kucera")
		c.click("link", "Change roles")
		c.fill("Reason", "OPS-77 stands in for lukasz")
		c.findRoles("wisniewski")
		c.click("button", "Copy roles of lukasz_wisniew")
		c.expectText("The roles of lukasz_wisniew are ticked.")
		c.expectFocusRole("status")
		if got := c.find("textbox", "Reason").value(); got != "OPS-77 stands in for lukasz" {
			t.Errorf("the reason is %q after copying", got)
		}
		c.click("button", "Review changes")
		c.expectText("gets Support and keeps Developer")
		c.click("button", "Apply changes")
		c.expectText("The roles of petr_kucera were changed.")
		c.expectRoles("petr_kucera", "Developer", "Support")
		c.expectClicks(6)
	})
}

// TestCopyRolesAmongThousands shows the closest ten of many matches.
func TestCopyRolesAmongThousands(t *testing.T) {
	t.Parallel()
	company, err := voxsim.CompanyNamed("large", 3000)
	if err != nil {
		t.Fatal(err)
	}
	site := apptest.NewSite(t, apptest.Options{Company: company})
	login := company.Subusers[2345].Login
	p := newTestPage(t, site, true).signInAs(policy.Editor, "/subusers/new")
	p.fill("Copy roles from", "a")
	p.expectText("The first 10 of ", "Type more to find fewer.")
	p.fill("Copy roles from", login)
	p.press("button", "Copy roles of "+login)
	p.expectText(" " + login + " ")
	p.expectFocusRole("status")
}

// TestCreateKeyInFourClicks creates a key with the roles of another one and saves its credentials.
func TestCreateKeyInFourClicks(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		c := countClicks(t, js, policy.Admin, "/keys")
		c.click("link", "New key")
		c.fill("Name", "nightly reports")
		c.findRoles("wareh")
		c.click("button", "Copy roles of Data warehouse")
		c.expectText("The roles of Data warehouse are ticked")
		c.expectFocusRole("status")
		c.click("button", "Create key")
		c.expectHeading("Key nightly reports was created")
		if js {
			file := c.savedFile(func() { c.click("button", "Download credentials.json") })
			if !strings.Contains(file, "private_key") {
				t.Error("the file has no private key")
			}
		}
		c.expectClicks(4)
	})
}

// TestUndoInFourClicks undoes an operation, from the overview.
func TestUndoInFourClicks(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		const key = "Data warehouse"
		c := countClicks(t, js, policy.Admin, "/keys")
		c.grantOwner(key, "OPS-50 exports everything")
		c.open("/")
		c.click("link", "Change of roles")
		c.expectHeading("Change of roles: " + key)
		c.click("link", "Undo")
		c.expectHeading("Roles of " + key)
		c.click("button", "Review changes")
		c.expectText("loses Owner")
		c.click("button", "Apply changes")
		c.expectText("The roles of " + key + " were changed.")
		c.expectClicks(4)
	})
}

// TestReissueInThreeClicks gives a subuser a new password, from the list.
func TestReissueInThreeClicks(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		const login = "lukasz_wisniew"
		c := countClicks(t, js, policy.Admin, "/subusers")
		c.click("link", login)
		c.expectHeading(login)
		c.click("link", "Re-issue access")
		c.expectHeading("Re-issue the access of " + login)
		c.fill("Type the login to confirm", login)
		c.click("button", "Re-issue access")
		c.expectHeading("The access of " + login + " was re-issued")
		c.expectClicks(3)
	})
}

// TestDeleteWithKeyInFiveClicks deletes the key of a subuser and then the subuser with its roles, from the list. The
// deletion of the key leads back.
func TestDeleteWithKeyInFiveClicks(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		const login, key = "petr_kucera", "CI deploy"
		c := countClicks(t, js, policy.Admin, "/subusers")
		c.click("link", login)
		c.expectHeading(login)
		c.click("link", "Delete")
		c.expectHeading("Delete " + login)
		c.click("link", "Delete key "+key)
		c.expectHeading("Delete " + key)
		c.fill("Type the name to confirm", key)
		c.click("button", "Delete key")
		c.expectHeading("Delete " + login)
		c.expectText("Key "+key+" was deleted.", "No key is known to belong to this subuser.")
		c.fill("Type the login to confirm", login)
		c.click("button", "Delete subuser")
		c.expectText("Subuser " + login + " was deleted.")
		c.expectClicks(5)
	})
}
