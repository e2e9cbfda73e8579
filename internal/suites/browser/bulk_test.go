package browser

import (
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// changeTwoSubusers grants Payer to two subusers in a bulk change, and leaves the page at its results.
func (p *testPage) changeTwoSubusers(reason string) {
	p.t.Helper()
	p.expectHeading("Subusers")
	p.press("checkbox", "Select lukasz_wisniew")
	p.press("checkbox", "Select jurgen_grosse")
	p.press("button", "Change selected…")
	p.expectHeading("Change many subusers")
	p.press("checkbox", "Grant Payer")
	p.fill("Reason", reason)
	p.press("button", "Preview")
	p.expectHeading("Change the roles of 2 subusers")
	p.press("button", "Change 2 subusers")
	p.expectText("Finished: 2 of 2")
}

// TestUndoBulkChange undoes a bulk change as a whole with two clicks, and goes back to the same selection.
func TestUndoBulkChange(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Admin, "/subusers?role=Support")
		p.changeTwoSubusers("OPS-31 both join the billing team")
		p.expectWrites(2)
		p.find("link", "2 applied")
		file := p.download("link", "Export CSV")
		if strings.Count(file, "\n") != 3 || strings.Count(file, "Payer,,applied") != 2 {
			t.Errorf("the file is %s", file)
		}
		p.press("link", "2 applied")
		p.expectAttribute("link", "2 applied", "aria-current", "true")
		p.expectText("lukasz_wisniew", "jurgen_grosse")
		p.press("button", "Undo this bulk change…")
		p.expectText("Nothing was sent yet.", "Undoes a bulk change of these subusers. What was changed again later stays.")
		p.expectText("Revoke Payer")
		p.expectWrites(2)
		p.fill("Reason", "OPS-32 the wrong team")
		p.press("button", "Change 2 subusers")
		p.expectText("Finished: 2 of 2")
		p.expectWrites(4)
		p.expectReasons("OPS-32 the wrong team", 2)
		p.press("link", "Show the bulk change")
		p.press("link", "a bulk change")
		p.expectText("OPS-31 both join the billing team", "Undone: all changes.")
		p.find("link", "Show the undo")
		p.expectAbsent("button", "Undo this bulk change…")
		p.expectAbsent("link", "Undo the change of jurgen_grosse")
		p.find("link", "Undone: the operation that undid the change of jurgen_grosse")
		p.press("link", "Change the same subusers…")
		p.expectText("2 subusers are selected")
		p.back()
		p.press("link", "Back to the list of subusers")
		p.expectHeading("Subusers")
		if js {
			p.expectText("2 selected")
		}
	})
}

// TestUndoOneOfBulkChange undoes one of two changes from the page of the bulk change with three clicks.
func TestUndoOneOfBulkChange(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Admin, "/subusers?role=Support")
		p.changeTwoSubusers("OPS-31 both join the billing team")
		bulkChange := p.address()
		p.press("link", "Undo the change of jurgen_grosse")
		p.expectHeading("Roles of jurgen_grosse")
		p.press("button", "Review changes")
		p.expectText("Revoke Payer")
		p.press("button", "Apply changes")
		p.expectHeading("jurgen_grosse")
		p.expectWrites(3)
		p.open(bulkChange)
		p.expectText("Undone: 1 of 2 changes.")
		p.find("button", "Undo this bulk change…")
		p.find("link", "Undo the change of lukasz_wisniew")
		p.expectAbsent("link", "Undo the change of jurgen_grosse")
		p.press("link", "Undone: the operation that undid the change of jurgen_grosse")
		p.expectHeading("Change of roles: jurgen_grosse")
		p.expectText("Revoke Payer")
	})
}

// TestBulkChangeInAuditLog finds a bulk change as one entry in the latest changes and in the audit log, and its
// operations one by one.
func TestBulkChangeInAuditLog(t *testing.T) {
	t.Parallel()
	withAndWithoutJS(t, func(t *testing.T, js bool) {
		site := apptest.NewSite(t, apptest.Options{})
		p := newTestPage(t, site, js).signInAs(policy.Admin, "/subusers?role=Support")
		p.changeTwoSubusers("OPS-31 both join the billing team")
		p.press("link", "Show in the audit log")
		p.expectText("2 operations", "Bulk change")
		p.find("link", "lukasz_wisniew")
		file := p.download("link", "Export CSV")
		if strings.Count(file, "\n") != 3 {
			t.Errorf("the file is %s", file)
		}
		p.press("link", "Show the bulk change")
		p.expectHeading("Change the roles of 2 subusers")
		for _, path := range []string{"/", "/audit"} {
			p.open(path)
			p.expectText("Bulk change: Change of roles", "2 operations: 2 applied")
			p.expectAbsent("link", "lukasz_wisniew")
			p.press("DisclosureTriangle", "2 operations: 2 applied")
			p.find("link", "lukasz_wisniew")
		}
		p.fill("Target", "lukasz_wisniew")
		p.press("button", "Search")
		p.expectText("1 operation")
		p.find("link", "lukasz_wisniew")
		p.press("link", "Bulk change")
		p.expectHeading("Change the roles of 2 subusers")
	})
}
