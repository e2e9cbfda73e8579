package main

import (
	"strings"
	"testing"

	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// TestAuditResetDrift resets an expected state that was written into the database.
func TestAuditResetDrift(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, database string) {
		fillAuditLog(t, database, false)
		db := openDatabase(t, database)
		storetest.Exec(t, db, `INSERT INTO drift_expected (account, kind, id, body) VALUES (42, 'subuser', '7', '{}')`)
		closeDatabase(t, db)
		out, _, err := runServer(t, auditEnvironment(database), "audit", "verify")
		if err == nil || !strings.Contains(out, "no event set it") {
			t.Errorf("verifying before: %q, %v", out, err)
		}
		out, log, err := runServer(t, auditEnvironment(database), "audit", "reset-drift")
		if err != nil || !strings.HasPrefix(out, "Deleted 1 expected states") {
			t.Errorf("resetting: %q, %v", out, err)
		}
		if !strings.Contains(log, `"kind":"drift_state"`) || !strings.Contains(log, `"by":"server audit reset-drift"`) {
			t.Errorf("copy of the event in the log: %q", log)
		}
		if out, _, err := runServer(t, auditEnvironment(database), "audit", "verify"); err != nil {
			t.Errorf("verifying afterwards: %q, %v", out, err)
		}
	})
}
