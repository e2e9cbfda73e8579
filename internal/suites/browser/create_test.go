package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// createdEntries are the ledger's entries of new subusers with this login.
func createdEntries(site *apptest.Site, login string) (entries []voxsim.LedgerEntry) {
	for _, entry := range site.Sim.Ledger() {
		if entry.Effect.Created && entry.Effect.Login == login {
			entries = append(entries, entry)
		}
	}
	return entries
}

// expectCreatedOnce fails the walk unless the vendor made this subuser once.
func (p *testPage) expectCreatedOnce(login string) {
	p.t.Helper()
	if n := len(createdEntries(p.site, login)); n != 1 {
		p.t.Errorf("%s was created %d times; the page says: %.600s", login, n, p.visibleText())
	}
}

// TestCreateSubuser: a form, a mistake that loses nothing, a password.
func TestCreateSubuser(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Editor, "/")
		p.inArea("navigation", "Main").press("link", "Subusers")
		p.press("link", "New subuser")
		p.expectHeading("New subuser")

		p.fill("Login", "Jan")
		p.fill("Description", "Jan Novotný, second line")
		p.fill("Reason", "OPS-7 starts on Monday")
		p.fill("Copy roles from", "lukasz_wisniew") // who holds Support
		p.press("button", "Copy roles")
		p.waitUntil(func() (bool, string) { return p.find("checkbox", "Support").is("checked"), "for the colleague's roles" })
		p.press("button", "Create subuser")
		p.expectText("Please look at this first")
		p.expectStatus(http.StatusUnprocessableEntity)
		p.expectFocusRole("alert")
		for field, want := range map[string]string{
			"Login":       "Jan",
			"Description": "Jan Novotný, second line",
			"Reason":      "OPS-7 starts on Monday",
		} {
			if got := p.find("textbox", field).value(); got != want {
				t.Errorf("after the mistake, %s is %q, want %q", field, got, want)
			}
		}
		if !p.find("checkbox", "Support").is("checked") {
			t.Error("the tick was lost with the mistake")
		}
		if !p.find("textbox", "Login").is("invalid") {
			t.Error("the field does not say that it is wrong")
		}

		p.fill("Login", "jan_novotny")
		p.press("button", "Create subuser")
		p.expectHeading("Subuser jan_novotny was created")
		p.expectStatus(http.StatusOK)
		password := p.revealSecret("password", "Password")
		if len(password) < 12 || !strings.Contains(p.fullContent(), password) {
			t.Fatalf("the password shown is %q", password)
		}
		p.expectText("Support", "https://panel.example/login")
		p.expectCreatedOnce("jan_novotny")
	})
}

// TestLoginTaken: the vendor's refusal comes back with the form, in the vendor's words.
func TestLoginTaken(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Editor, "/subusers/new")
		p.fill("Login", "trainee_01")
		p.fill("Description", "Another trainee")
		p.press("button", "Create subuser")
		p.expectText("Voximplant refused. Nothing was changed")
		p.expectStatus(http.StatusUnprocessableEntity)
		if got := p.find("textbox", "Description").value(); got != "Another trainee" {
			t.Errorf("the description is %q", got)
		}
		p.fill("Login", "trainee_03")
		p.press("button", "Create subuser")
		p.expectHeading("Subuser trainee_03 was created")
		p.expectCreatedOnce("trainee_03")
	})
}

// expectFocusRole fails the walk unless the keyboard is on something of this role.
func (p *testPage) expectFocusRole(role string) {
	p.t.Helper()
	p.waitUntil(func() (bool, string) {
		got := axString(p.focusedElement().Role)
		return got == role, "for the focus on " + role + "; it is on " + got
	})
}

// fullContent is all that the page holds, as it came and as it was filled in, shown or not.
func (p *testPage) fullContent() (content string) {
	p.t.Helper()
	p.waitUntil(func() (bool, string) {
		page, err := p.evalObject("document.documentElement")
		if err == nil {
			content, err = p.callFunction(page, `function() {
				const typed = [...document.querySelectorAll("input, textarea")].map((field) => field.value);
				return this.outerHTML + typed.join(" ");
			}`)
		}
		return err == nil && content != "", fmt.Sprintf("to look into the page: %v", err)
	})
	return content
}

// expectNotInPage fails the walk if a secret is anywhere on the page.
func (p *testPage) expectNotInPage(secret string) {
	p.t.Helper()
	if strings.Contains(p.fullContent(), secret) {
		p.t.Errorf("%s still holds the password", p.address())
	}
}
