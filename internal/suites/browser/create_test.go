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

// createdEntries returns the ledger's entries for new subusers with a login.
func createdEntries(site *apptest.Site, login string) (entries []voxsim.LedgerEntry) {
	for _, entry := range site.Sim.Ledger() {
		if entry.Effect.Created && entry.Effect.Login == login {
			entries = append(entries, entry)
		}
	}
	return entries
}

// expectCreatedOnce fails the test unless the vendor created the subuser exactly once.
func (p *testPage) expectCreatedOnce(login string) {
	p.t.Helper()
	if n := len(createdEntries(p.site, login)); n != 1 {
		p.t.Errorf("%s was created %d times; page text: %.600s", login, n, p.visibleText())
	}
}

// TestCreateSubuser sends a form with a mistake, which keeps all fields, then without, and reads the password.
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
		p.findRoles("lukasz_wisniew") // has Support
		p.press("button", "Copy roles of lukasz_wisniew")
		p.waitUntil(func() (bool, string) {
			return p.find("checkbox", "Support").is("checked"), "for the copied roles"
		})
		p.press("button", "Create subuser")
		p.expectText("Correct the form first")
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
			t.Error("after the mistake, Support is not checked")
		}
		if !p.find("textbox", "Login").is("invalid") {
			t.Error("the field Login is not marked as invalid")
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

// TestLoginTaken: when the vendor refuses, the page shows the form again with the vendor's message.
func TestLoginTaken(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Editor, "/subusers/new")
		p.fill("Login", "trainee_01")
		p.fill("Description", "Another trainee")
		p.press("button", "Create subuser")
		p.expectText("Voximplant refused. Nothing was changed")
		p.expectFocusRole("alert")
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

// expectFocusRole waits until an element with this role has the focus.
func (p *testPage) expectFocusRole(role string) {
	p.t.Helper()
	p.waitUntil(func() (bool, string) {
		got := axString(p.focusedElement().Role)
		return got == role, "for the focus on " + role + "; it is on " + got
	})
}

// fullContent returns the HTML of the page and the values of its fields, visible or not.
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
		return err == nil && content != "", fmt.Sprintf("for the content of the page: %v", err)
	})
	return content
}

// expectNotInPage fails the test if the page contains a secret, visible or not.
func (p *testPage) expectNotInPage(secret string) {
	p.t.Helper()
	if strings.Contains(p.fullContent(), secret) {
		p.t.Errorf("%s still contains the secret", p.address())
	}
}
