package bulk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/bulk"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// TestRoleBecomesPrivilegedDuringBulkChange makes the role that an editor grants to 60 subusers privileged in the
// middle. The roles are read about once a minute, and nothing is granted after that.
func TestRoleBecomesPrivilegedDuringBulkChange(t *testing.T) {
	const denied = "This concerns a privileged role: only an admin can do it."
	for name, change := range map[string]voxsim.RoleChange{
		"it contains Owner":                   {RoleID: 1, Parents: []int64{7}},
		"it gets the name Admin":              {RoleID: 7, Name: "ad min"},
		"it is listed a second time as Owner": {RoleID: 7, OtherName: "Owner"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, apptest.Options{Company: agents(60)}, func(t *testing.T, d fixture) {
				defer d.startWorkers()()
				d.slowItems()
				started := d.startFor(editor())
				d.waitUntil(started.ID, func(c bulk.Change) bool { return c.Counts.Applied == 5 })
				if err := d.Sim.ChangeRole(change); err != nil {
					t.Fatal(err)
				}
				changedAt := time.Now()
				ended := d.waitUntilEnded(started.ID)
				if ended.Counts.NotSent == 0 || ended.Counts.Applied+ended.Counts.NotSent != 60 {
					t.Fatal(summary(ended))
				}
				for _, item := range d.items(started.ID, bulk.OnlyNotSent) {
					if item.Message != denied {
						t.Errorf("%s: %q", item.Name, item.Message)
					}
				}
				for _, entry := range d.Sim.Ledger() {
					if entry.Time.After(changedAt.Add(65 * time.Second)) {
						t.Errorf("%s of subuser %d %v after the change", entry.Method, entry.SubuserID, entry.Time.Sub(changedAt))
					}
				}
				readings := 0
				for _, call := range d.Sim.Calls() {
					if call.Method == "GetRoles" && call.Time.After(changedAt) {
						readings++
					}
				}
				if minutes := int(ended.EndedAt.Sub(changedAt)/time.Minute) + 1; readings > minutes+6 {
					t.Errorf("the roles were read %d times in %d minutes", readings, minutes)
				}
			})
		})
	}
}

// TestUnreadableCatalogueStopsEditorsBulkChange refuses GetRoles while an editor's bulk change is processed: as long as
// it is not known which roles are privileged, nothing is sent.
func TestUnreadableCatalogueStopsEditorsBulkChange(t *testing.T) {
	inWorld(t, apptest.Options{Company: agents(60)}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		d.slowItems()
		started := d.startFor(editor())
		d.waitUntil(started.ID, func(c bulk.Change) bool { return c.Counts.Applied == 5 })
		d.Sim.AddFault(voxsim.Fault{Method: "GetRoles", Kind: voxsim.Refuse, Code: 104, Count: -1})
		refusedAt := time.Now()
		ended := d.waitUntilEnded(started.ID)
		if ended.State != bulk.Stopped || ended.Counts.NotSent != 3 {
			t.Fatalf("%s: %q", summary(ended), ended.StopReason)
		}
		for _, item := range d.items(started.ID, bulk.OnlyNotSent) {
			const want = "It could not be checked which roles are privileged."
			if item.State == bulk.Finished && !strings.HasPrefix(item.Message, want) {
				t.Errorf("%s: %q", item.Name, item.Message)
			}
		}
		for _, entry := range d.Sim.Ledger() {
			if entry.Time.After(refusedAt.Add(65 * time.Second)) {
				t.Errorf("%s of subuser %d %v later", entry.Method, entry.SubuserID, entry.Time.Sub(refusedAt))
			}
		}
	})
}
