package browser

import (
	"testing"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// TestGrantPrivilegedRole grants Owner: the form describes it, the review marks and explains it, and nothing is sent
// before a reason is given. Another role needs none.
func TestGrantPrivilegedRole(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		const login = "lukasz_wisniew"
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Admin, subuserPath(t, site, login, "/roles"))
		p.expectHeading("Roles of " + login)
		p.expectText("Granting a privileged role needs a reason.", "Can manage all subusers and keys")
		p.reviewRoles(login, "Owner")
		p.expectText("This grants a privileged role: Owner", "Owner: Can manage all subusers and keys", "privileged")
		p.press("button", "Apply changes")
		p.expectText("Enter a reason. It is required to grant a privileged role.")
		p.expectWrites(0)
		p.fill("Reason", "OPS-77 deputy")
		p.press("button", "Apply changes")
		p.expectHeading(login)
		p.expectRoles(login, "Support", "Owner")

		p.open(subuserPath(t, site, login, "/roles"))
		p.expectHeading("Roles of " + login)
		p.reviewRoles(login, "CallHistory")
		p.expectNoText("This grants a privileged role")
		p.press("button", "Apply changes")
		p.expectHeading(login)
		p.expectRoles(login, "Support", "Owner", "CallHistory")
	})
}

// TestCreateWithPrivilegedRole: a new subuser with Owner needs a reason, and the form keeps what was typed.
func TestCreateWithPrivilegedRole(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Admin, "/subusers/new")
		p.expectHeading("New subuser")
		p.fill("Login", "second_owner")
		p.fill("Description", "Deputy of Anna")
		p.press("checkbox", "Owner")
		p.press("button", "Create subuser")
		p.expectText("Enter a reason. It is required to grant a privileged role.")
		p.expectWrites(0)
		p.expectForm("", "Owner")
		for name, want := range map[string]string{"Login": "second_owner", "Description": "Deputy of Anna"} {
			if got := p.find("textbox", name).value(); got != want {
				t.Errorf("%s is %q", name, got)
			}
		}
		p.fill("Reason", "OPS-78")
		p.press("button", "Create subuser")
		p.expectHeading("Subuser second_owner was created")
		p.expectRoles("second_owner", "Owner")
	})
}

// TestFindRoles finds the role for two methods and creates a key with it. The role's page and its grants in the audit
// log are one click away.
func TestFindRoles(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Admin, "/keys/new")
		p.expectHeading("New key")
		p.press("link", "Find roles by method")
		p.expectHeading("Find roles")
		p.focus("searchbox", "Search methods")
		p.replaceText("call list")
		p.press("button", "Search")
		p.press("checkbox", "CreateCallList")
		p.press("checkbox", "GetCallListDetails")
		p.press("button", "Find roles")
		p.expectText("Also allows 12 other methods")
		p.press("link", "New key with CallListManager")
		p.expectHeading("New key")
		p.expectForm("", "CallListManager")
		p.fill("Name", "Dialler of the night")
		p.press("button", "Create key")
		p.expectHeading("Key Dialler of the night was created")
		p.expectWrites(1)

		p = newTestPage(t, site, js).signInAs(policy.Auditor, "/roles")
		p.expectHeading("Roles")
		p.press("link", "CallListManager")
		p.expectHeading("CallListManager")
		p.expectText("Can create, edit, stop, resume and delete call lists", "Dialler of the night", "CreateCallList")
		p.press("link", "Grants of this role")
		p.expectHeading("Audit log")
		p.expectText("Dialler of the night", "1 operation")
		p.press("link", "Clear filters")
	})
}
