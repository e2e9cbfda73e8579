package browsertest

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// TestSomebodyLeaves: put the description right, then delete, with the login typed.
func TestSomebodyLeaves(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		const login = "lukasz_wisniew"
		site := apptest.NewSite(t, apptest.Options{})
		p := newPerson(t, site, js).signedIn(policy.Admin, pathOf(t, site, login, ""))
		p.press("link", "Edit")
		p.at("Edit " + login)
		p.fill("Description", "Leaves in November")
		p.press("button", "Save")
		p.at(login)
		p.sees("Leaves in November")
		p.press("link", "Delete")
		p.at("Delete " + login)
		p.press("button", "Delete subuser")
		p.at("Delete " + login)
		p.sees("Type the login " + login + " to confirm.")
		p.fill("Type the login to confirm", " "+strings.ToUpper(login))
		p.press("button", "Delete subuser")
		p.at("Subusers")
		p.sees("Subuser " + login + " was deleted.")
		p.wrote(2)
		if _, still := site.Sim.State().Subuser(login); still {
			t.Error("they are still there")
		}
	})
}

// TestSomebodyForgotThePassword: access is issued again, the second step fails, and it is finished from its operation.
func TestSomebodyForgotThePassword(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		const login = "lukasz_wisniew"
		site := apptest.NewSite(t, apptest.Options{})
		before, _ := site.Sim.State().Subuser(login)
		p := newPerson(t, site, js).signedIn(policy.Admin, pathOf(t, site, login, ""))
		p.press("link", "Password")
		p.at("Password of " + login)
		p.press("link", "re-issue the access")
		p.at("Re-issue the access of " + login)
		p.fill("Type the login to confirm", login)
		site.Sim.AddFault(voxsim.Fault{Method: "AddSubUser", Kind: voxsim.Refuse, Code: 340})
		p.press("button", "Re-issue access")
		p.at(login + " cannot sign in now")
		p.sees("was deleted and not created again")
		p.press("link", "See the operation")
		p.at("Re-issue of access: " + login)
		p.press("link", "Finish re-issue")
		p.at("Finish the re-issue of " + login)
		p.press("button", "Create subuser")
		p.at("Subuser " + login + " was created")
		p.sees("The password is shown only now.")
		after, there := site.Sim.State().Subuser(login)
		if !there || after.ID == before.ID || len(after.RoleIDs) != len(before.RoleIDs) {
			t.Errorf("before %+v, after %+v", before, after)
		}
		p.wrote(2)
	})
}

// TestAProgramNeedsAKey: the private key is on the page once; a reload does not make another key; then it is deleted.
func TestAProgramNeedsAKey(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newPerson(t, site, js).signedIn(policy.Admin, "/keys")
		p.press("link", "New key")
		p.at("New key")
		p.fill("Name", "nightly reports")
		p.press("checkbox", "CallHistory")
		p.press("button", "Create key")
		p.at("Key nightly reports was created")
		p.sees("The private key is shown only now.")
		if js {
			p.find("button", "Download credentials.json")
		}
		if got := p.secret("credentials.json", "Content of credentials.json"); !strings.Contains(got, "PRIVATE KEY") {
			t.Errorf("the text area holds %q", got)
		}
		p.reload()
		p.at("New key: nightly reports")
		p.seesNot("PRIVATE KEY")
		p.wrote(1)
		p.press("link", "nightly reports")
		p.at("nightly reports")
		p.press("link", "Delete")
		p.at("Delete nightly reports")
		p.fill("Type the name to confirm", "nightly reports")
		p.press("button", "Delete key")
		p.at("Keys")
		p.sees("The key nightly reports was deleted.")
		p.wrote(2)
	})
}

// TestManyAtOnce: tick some, see what changes for each, start, and watch it end.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newPerson(t, site, js).signedIn(policy.Admin, "/subusers?role=Support")
		p.at("Subusers")
		p.press("checkbox", "Select lukasz_wisniew")
		p.press("checkbox", "Select jurgen_grosse")
		p.press("button", "Change selected…")
		p.at("Change many subusers")
		p.sees("2 subusers are selected")
		p.press("checkbox", "Grant Payer")
		p.press("button", "Preview")
		p.at("Change the roles of 2 subusers")
		p.sees("Nothing was sent yet.")
		p.wrote(0)
		p.press("button", "Change 2 subusers")
		p.at("Change the roles of 2 subusers")
		p.sees("It is over: 2 of 2") // the page comes back by itself
		p.wrote(2)
	})
}

// TestLettingManyIn: rows are checked first; the good ones are created; the passwords are shown once.
func TestLettingManyIn(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newPerson(t, site, js).signedIn(policy.Editor, "/subusers")
		p.press("link", "Import")
		p.at("Import subusers")
		p.fill("Or paste the rows", "login;roles\nnew_person_1;Support\nx;Support\nnew_person_2;Owner")
		p.press("button", "Check")
		p.at("Create 3 subusers")
		p.sees("Nothing was sent yet.", "A login has 5 to 20 characters")
		p.wrote(0)
		p.press("button", "Create 1 subuser")
		p.at("Passwords of the new subusers")
		if got := p.secret("passwords.csv", "Content of passwords.csv"); !strings.Contains(got, "new_person_1,") ||
			strings.Contains(got, "new_person_2") {
			t.Errorf("the file holds %q", got)
		}
		p.reload()
		p.at("Create 3 subusers")
		p.wait(func() (bool, string) {
			if !js {
				p.reload()
			}
			return strings.Contains(p.words(), "It is over: 1 of 1"), p.words()
		})
		p.wrote(1)
	})
}

// TestTicks: Shift ticks everybody in between, and one box ticks the page.
func TestTicks(t *testing.T) {
	t.Parallel()
	site := apptest.NewSite(t, apptest.Options{})
	p := newPerson(t, site, true).signedIn(policy.Admin, "/subusers")
	p.at("Subusers")
	p.press("checkbox", "Select adam_navratil")
	p.sees("1 selected")
	const shiftOnFourth = `(() => {
		const boxes = document.querySelectorAll("[data-select]");
		boxes[3].dispatchEvent(new MouseEvent("click", { shiftKey: true, bubbles: true, cancelable: true }));
		return [...boxes].filter((box) => box.checked).length.toString();
	})()`
	if got, err := chromedp.Run(p.tab, chromedp.Evaluate[string](shiftOnFourth)); err != nil || got != "4" {
		t.Errorf("Shift ticked %s, %v", got, err)
	}
	p.sees("4 selected")
	p.press("checkbox", "Select all on this page")
	p.sees("40 selected")
	p.press("checkbox", "Select all on this page")
	p.seesNot("40 selected")
}
