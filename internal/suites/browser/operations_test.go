package browser

import (
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// TestEditAndDeleteSubuser edits a description and deletes the subuser, with its login typed to confirm.
func TestEditAndDeleteSubuser(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		const login = "lukasz_wisniew"
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Admin, subuserPath(t, site, login, ""))
		p.press("link", "Edit")
		p.expectHeading("Edit " + login)
		p.fill("Description", "Leaves in November")
		p.press("button", "Save")
		p.expectHeading(login)
		p.expectText("Leaves in November")
		p.press("link", "Delete")
		p.expectHeading("Delete " + login)
		p.press("button", "Delete subuser")
		p.expectHeading("Delete " + login)
		p.expectText("Type the login " + login + " to confirm.")
		p.fill("Type the login to confirm", " "+strings.ToUpper(login))
		p.press("button", "Delete subuser")
		p.expectHeading("Subusers")
		p.expectText("Subuser " + login + " was deleted.")
		p.expectWrites(2)
		if _, exists := site.Sim.State().Subuser(login); exists {
			t.Errorf("%s still exists", login)
		}
	})
}

// TestKeyOutlivesItsOwner deletes a subuser with a key, and finds from the overview which subuser the key belonged to.
func TestKeyOutlivesItsOwner(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		const login, key = "lenka_jelinkova", "Queue dashboard"
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Admin, "/keys")
		p.expectText(key, "before ") // the facts of the first listing are known
		p.open(subuserPath(t, site, login, "/delete"))
		p.expectHeading("Delete " + login)
		p.fill("Type the login to confirm", login)
		p.press("button", "Delete subuser")
		p.expectText(login + " was deleted")
		p.open("/")
		p.expectHeading("Overview")
		p.expectText("1 key outlived its owner.")
		p.press("link", "Show orphaned keys")
		p.expectHeading("Keys")
		p.expectText("Remove filter Owner deleted", "1–1 of 1 found", "last known: "+login+", until")
		p.press("link", "Created")
		p.expectAttribute("columnheader", "Created", "aria-sort", "ascending")
		p.expectText("Remove filter Owner deleted", "1–1 of 1 found")
		p.press("link", key)
		p.expectHeading(key)
		p.expectText("last known: "+login+", until", "This subuser was deleted.", "First seen by Voxwarden")
		p.back()
		p.press("link", "Clear filters")
		p.expectText("CI deploy")
		p.expectNoText("Remove filter")
	})
}

// TestReissueAccess re-issues access with a failure in the second call, and finishes it from the operation's page.
func TestReissueAccess(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		const login = "lukasz_wisniew"
		site := apptest.NewSite(t, apptest.Options{})
		before, _ := site.Sim.State().Subuser(login)
		p := newTestPage(t, site, js).signInAs(policy.Admin, subuserPath(t, site, login, ""))
		p.press("link", "Password")
		p.expectHeading("Password of " + login)
		p.press("link", "re-issue the access")
		p.expectHeading("Re-issue the access of " + login)
		p.fill("Type the login to confirm", login)
		site.Sim.AddFault(voxsim.Fault{Method: "AddSubUser", Kind: voxsim.Refuse, Code: 340})
		p.press("button", "Re-issue access")
		p.expectHeading(login + " cannot sign in now")
		p.expectText("was deleted and not created again")
		p.press("link", "See the operation")
		p.expectHeading("Re-issue of access: " + login)
		p.press("link", "Finish re-issue")
		p.expectHeading("Finish the re-issue of " + login)
		p.press("button", "Create subuser")
		p.expectHeading("Subuser " + login + " was created")
		p.expectText("The password is shown only now.")
		after, exists := site.Sim.State().Subuser(login)
		if !exists || after.ID == before.ID || len(after.RoleIDs) != len(before.RoleIDs) {
			t.Errorf("before %+v, after %+v", before, after)
		}
		p.expectWrites(2)
	})
}

// TestCreateAndDeleteKey creates a key, the private key of which is shown once, reloads, which creates no second key,
// and deletes it.
func TestCreateAndDeleteKey(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Admin, "/keys")
		p.press("link", "New key")
		p.expectHeading("New key")
		p.fill("Name", "nightly reports")
		p.press("checkbox", "CallHistory")
		p.press("button", "Create key")
		p.expectHeading("Key nightly reports was created")
		p.expectText("The private key is shown only now.")
		if js {
			p.find("button", "Download credentials.json")
		}
		if got := p.revealSecret("credentials.json", "Content of credentials.json"); !strings.Contains(got, "PRIVATE KEY") {
			t.Errorf("the text area has %q", got)
		}
		p.reload()
		p.expectHeading("New key: nightly reports")
		p.expectNoText("PRIVATE KEY")
		p.expectWrites(1)
		p.press("link", "nightly reports")
		p.expectHeading("nightly reports")
		p.press("link", "Delete")
		p.expectHeading("Delete nightly reports")
		p.fill("Type the name to confirm", "nightly reports")
		p.press("button", "Delete key")
		p.expectHeading("Keys")
		p.expectText("Key nightly reports was deleted.")
		p.expectWrites(2)
	})
}

// TestImportSubusers checks lines, creates the valid ones, and shows their passwords once.
func TestImportSubusers(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Editor, "/subusers")
		p.press("link", "Import")
		p.expectHeading("Import subusers")
		p.fill("Or paste the lines", "login;access\nnew_person_1;Support")
		p.press("button", "Check file")
		p.expectText("No column is called roles.", "Check how the file is read.", "new_person_1")
		p.find("combobox", "Column 2: access")
		p.press("button", "Check file")
		p.expectText("No column of the file is used for roles", "Unused columns: access.", "new_person_1 (line 2)")
		p.find("checkbox", "Create 1 subuser without any role")
		p.press("button", "Create 1 subuser")
		p.expectText("Tick the box to create the subusers without roles")
		p.expectWrites(0)
		p.open("/subusers/import")
		p.fill("Or paste the lines", "Kennung;roles\nnew_person_3;Support")
		p.press("button", "Check file")
		p.expectText("No column is called login.")
		p.selectOption("Column 1: Kennung", "Login")
		p.press("button", "Check file")
		p.expectHeading("Create 1 subuser")
		p.expectWrites(0)
		p.open("/subusers/import")
		p.fill("Or paste the lines", "sep=;\nLogin name;Role\nnew_person_1;Support\nx;Support\nnew_person_2;Owner\n"+
			"new_person_4;")
		const reason = "OPS-32 the new team"
		p.fill("Reason", reason)
		p.press("button", "Check file")
		p.expectHeading("Create 4 subusers")
		p.expectForm(reason)
		p.expectText("1 subuser will be created without any role", "Without roles: new_person_4 (line 6).")
		p.expectText("Nothing was sent yet.", "Use 5 to 20 characters. This login has 1.")
		p.expectWrites(0)
		p.press("button", "Create 2 subusers")
		p.expectText("Tick the box to create the subusers without roles")
		p.expectWrites(0)
		p.press("checkbox", "Create 1 subuser without any role")
		p.press("button", "Create 2 subusers")
		p.expectHeading("Passwords of the new subusers")
		passwords := p.revealSecret("passwords.csv", "Content of passwords.csv")
		if !strings.Contains(passwords, "new_person_1,") || strings.Contains(passwords, "new_person_2") {
			t.Errorf("the file is %q", passwords)
		}
		semicolons := p.find("textbox", "Content of passwords.csv with semicolons").value()
		if want := strings.ReplaceAll(passwords, ",", ";"); semicolons != want {
			t.Errorf("the file with semicolons is %q, want %q", semicolons, want)
		}
		if js {
			if file := p.download("button", "CSV with semicolons"); file != semicolons {
				t.Errorf("the saved file is %q, want %q", file, semicolons)
			}
		}
		p.reload()
		p.expectHeading("Create 4 subusers")
		p.waitUntil(func() (bool, string) {
			if !js {
				p.reload()
			}
			return strings.Contains(p.visibleText(), "Finished: 2 of 2"), p.visibleText()
		})
		p.expectWrites(2)
		p.expectReasons(reason, 2)
	})
}

// expectReasons waits until the newest bulk change of the audit log has n operations, all with this reason.
func (p *testPage) expectReasons(reason string, n int) {
	p.t.Helper()
	p.open("/audit")
	p.expectHeading("Audit log")
	bulkPath := p.evalText(`document.querySelector('main a[href^="/bulk/"]').getAttribute("href")`)
	p.open("/audit?bulk=" + strings.TrimPrefix(bulkPath, "/bulk/"))
	p.expectHeading("Audit log")
	p.waitUntil(func() (bool, string) {
		text := p.visibleText()
		return strings.Count(text, reason) == n, "for the reason: " + text
	})
}
