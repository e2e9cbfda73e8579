package browser

import (
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// TestAuditLogSearch grants Owner to a key as an admin. An auditor then finds the operator, time and reason in the
// audit log.
func TestAuditLogSearch(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		const key, reason = "Data warehouse", "OPS-50 exports everything"
		site := apptest.NewSite(t, apptest.Options{})
		admin := newTestPage(t, site, js).signInAs(policy.Admin, "/keys")
		admin.press("link", key)
		admin.expectHeading(key)
		admin.press("link", "Change roles")
		admin.expectHeading("Roles of " + key)
		admin.fill("Reason", reason)
		admin.reviewRoles(key, "Owner", "ACDStats")
		admin.press("button", "Apply changes")
		admin.expectHeading(key)
		admin.expectWrites(2)

		p := newTestPage(t, site, js).signInAs(policy.Auditor, "/")
		p.inArea("navigation", "Main").press("link", "Audit log")
		p.expectHeading("Audit log")
		p.focus("combobox", "Actor")
		p.replaceText("unknown@example.com")
		p.press("button", "Search")
		p.expectText("No operations match")
		p.press("link", "Clear filters")
		p.expectHeading("Audit log")
		p.waitGone("link", "Clear filters")
		p.fill("Target", key)
		p.selectOption("Result", "Applied")
		p.press("button", "Search")
		p.find("link", "Clear filters")
		p.expectInAuditLog(key, reason)
		file := p.download("link", "Export CSV")
		if strings.Count(file, "\n") != 2 || !strings.Contains(file, reason) || !strings.Contains(file, "Ada Admin") {
			t.Errorf("the file is %s", file)
		}

		p.press("link", "Change of roles")
		p.expectHeading("Change of roles: " + key)
		p.expectText("Ada Admin", reason, "Grant Owner", "Revoke ACDStats", "Applied")
	})
}

// TestAuditLogChips removes filters one by one, and finds the exact time of an operation beside its age.
func TestAuditLogChips(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		const key = "Data warehouse"
		site := apptest.NewSite(t, apptest.Options{})
		admin := newTestPage(t, site, js).signInAs(policy.Admin, "/keys")
		admin.press("link", key)
		admin.expectHeading(key)
		admin.press("link", "Change roles")
		admin.expectHeading("Roles of " + key)
		admin.fill("Reason", "OPS-51")
		admin.reviewRoles(key, "Owner", "ACDStats")
		admin.press("button", "Apply changes")
		admin.expectHeading(key)

		p := newTestPage(t, site, js).signInAs(policy.Auditor, "/audit")
		p.expectHeading("Audit log")
		p.fill("Target", "Data")
		p.selectOption("Role", "Owner")
		p.selectOption("Change of the role", "Granted")
		p.press("button", "Search")
		p.find("link", "Remove filter Role: Owner")
		p.find("link", "Remove filter Change of the role: Granted")
		p.press("link", "Remove filter Target: Data")
		p.waitGone("link", "Remove filter Target: Data")
		p.find("link", "Remove filter Role: Owner")
		table := p.inArea("table", "Operations")
		table.find("link", key)
		day := time.Now()
		if !js {
			day = day.UTC()
		}
		p.expectText(day.Format("Monday 2 January 2006"))
		exact, err := time.Parse("2006-01-02 15:04:05 UTC", p.evalText(`document.querySelector("td time").title`))
		if err != nil {
			t.Fatal(err)
		}
		text := p.evalText(`document.querySelector("td.when").innerText`)
		hasAge := strings.Contains(text, "ago") || strings.Contains(text, "just now")
		if !strings.HasPrefix(text, exact.Format("15:04")) || hasAge != js {
			t.Errorf("the time is %q, want %s", text, exact)
		}
		p.press("link", "Clear filters")
		p.waitGone("link", "Clear filters")
	})
}

// expectInAuditLog waits until the audit log shows the one change of target by the admin, with the filters still set.
func (p *testPage) expectInAuditLog(target, reason string) {
	p.t.Helper()
	table := p.inArea("table", "Operations")
	table.find("link", "Change of roles")
	table.find("link", target)
	p.expectText("Ada Admin", reason)
	if got := p.find("textbox", "Target").value(); got != target {
		p.t.Errorf("the filter Target is %q", got)
	}
	if got := p.find("combobox", "Result").value(); got != "Applied" {
		p.t.Errorf("the filter Result is %q", got)
	}
}
