package main

import (
	"strings"
	"testing"

	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// TestAuditReset resets rows that were written into the database.
func TestAuditReset(t *testing.T) {
	t.Parallel()
	for command, test := range map[string]struct{ statement, finding, kind, text string }{
		"reset-drift": {
			`INSERT INTO drift_expected (account, kind, id, body) VALUES (42, 'subuser', '7', '{}')`,
			"no event set it",
			"drift_state",
			"Deleted 1 expected states",
		},
		"reset-facts": {
			`INSERT INTO facts (account, kind, id, fact, at, value, seq) VALUES (42, 'subuser', '7', 'created', 1, '', 2)`,
			"some name event 2, which did not set them",
			"facts",
			"Deleted 1 facts",
		},
	} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			storetest.EachEmpty(t, func(t *testing.T, database string) {
				fillAuditLog(t, database, false)
				db := openDatabase(t, database)
				storetest.Exec(t, db, test.statement)
				closeDatabase(t, db)
				out, _, err := runServer(t, auditEnvironment(database), "audit", "verify")
				if err == nil || !strings.Contains(out, test.finding) {
					t.Errorf("verifying before: %q, %v", out, err)
				}
				out, log, err := runServer(t, auditEnvironment(database), "audit", command)
				if err != nil || !strings.HasPrefix(out, test.text) {
					t.Errorf("resetting: %q, %v", out, err)
				}
				if !strings.Contains(log, `"kind":"`+test.kind+`"`) || !strings.Contains(log, `"by":"server audit `+command+`"`) {
					t.Errorf("copy of the event in the log: %q", log)
				}
				if out, _, err := runServer(t, auditEnvironment(database), "audit", "verify"); err != nil {
					t.Errorf("verifying afterwards: %q, %v", out, err)
				}
			})
		})
	}
}
