package browsertest

import (
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// TestWhoDidThat: who granted Owner to that key, when and why? An admin does it, and an auditor finds out from the
// record.
func TestWhoDidThat(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, js bool) {
		const key, reason = "Data warehouse", "OPS-50 exports everything"
		site := apptest.NewSite(t, apptest.Options{})
		admin := newPerson(t, site, js).signedIn(policy.Admin, "/keys")
		admin.press("link", key)
		admin.at(key)
		admin.press("link", "Change roles")
		admin.at("Roles of " + key)
		admin.fill("Reason", reason)
		admin.review(key, "Owner", "ACDStats")
		admin.press("button", "Apply changes")
		admin.at(key)
		admin.wrote(2)

		p := newPerson(t, site, js).signedIn(policy.Auditor, "/")
		p.in("navigation", "Main").press("link", "Record")
		p.at("Record")
		p.focus("combobox", "Person")
		p.typeOver("nobody@example.com")
		p.press("button", "Search")
		p.sees("Nothing in the record matches")
		p.press("link", "Clear")
		p.at("Record")
		p.gone("link", "Clear")
		p.fill("Target", key)
		p.choose("Result", "Applied")
		p.press("button", "Search")
		p.find("link", "Clear")
		p.foundInRecord(key, reason)
		if file := p.download("link", "Export CSV"); strings.Count(file, "\n") != 2 || !strings.Contains(file, reason) ||
			!strings.Contains(file, "Ada Admin") {
			t.Errorf("the file holds %s", file)
		}

		p.press("link", "Change of roles")
		p.at("Change of roles: " + key)
		p.sees("Ada Admin", reason, "Grant Owner", "Revoke ACDStats", "Applied")
	})
}

// foundInRecord waits for the record to show what was asked for: one change of this target, by an admin.
func (p *person) foundInRecord(target, reason string) {
	p.t.Helper()
	table := p.in("table", "The record")
	table.find("link", "Change of roles")
	table.find("link", target)
	p.sees("Ada Admin", reason)
	if got := p.find("textbox", "Target").value(); got != target {
		p.t.Errorf("the record is asked for the target %q", got)
	}
	if got := p.find("combobox", "Result").value(); got != "Applied" {
		p.t.Errorf("the record is asked for the result %q", got)
	}
}
