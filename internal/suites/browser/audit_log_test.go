package browser

import (
	"strings"
	"testing"

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
