package browser

import (
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// TestAuditLogSearch: who granted Owner to that key, when and why? An admin does it, and an auditor finds out from the
// record.
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
		p.focus("combobox", "Person")
		p.replaceText("nobody@example.com")
		p.press("button", "Search")
		p.expectText("Nothing in the record matches")
		p.press("link", "Clear")
		p.expectHeading("Audit log")
		p.waitGone("link", "Clear")
		p.fill("Target", key)
		p.selectOption("Result", "Applied")
		p.press("button", "Search")
		p.find("link", "Clear")
		p.expectInAuditLog(key, reason)
		if file := p.download("link", "Export CSV"); strings.Count(file, "\n") != 2 || !strings.Contains(file, reason) ||
			!strings.Contains(file, "Ada Admin") {
			t.Errorf("the file holds %s", file)
		}

		p.press("link", "Change of roles")
		p.expectHeading("Change of roles: " + key)
		p.expectText("Ada Admin", reason, "Grant Owner", "Revoke ACDStats", "Applied")
	})
}

// expectInAuditLog waits for the record to show what was asked for: one change of this target, by an admin.
func (p *testPage) expectInAuditLog(target, reason string) {
	p.t.Helper()
	table := p.inArea("table", "The record")
	table.find("link", "Change of roles")
	table.find("link", target)
	p.expectText("Ada Admin", reason)
	if got := p.find("textbox", "Target").value(); got != target {
		p.t.Errorf("the record is asked for the target %q", got)
	}
	if got := p.find("combobox", "Result").value(); got != "Applied" {
		p.t.Errorf("the record is asked for the result %q", got)
	}
}
