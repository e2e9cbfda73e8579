package audit_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// sealedTables are the tables that the chain proves, each with a row that tests change.
func sealedTables() map[string]string {
	return map[string]string{
		"events":            `seq = 11`,
		"checkpoints":       `seq = 5`,
		"operations":        `id = 'd'`,
		"operation_targets": `operation_id = 'd' AND part = 'affected'`,
		"operation_roles":   `operation_id = 'd' AND role_id = 5`,
		"operation_locks":   `operation_id = 'd' AND name = 'owners'`,
		"facts":             `id = 'k1' AND fact = 'owner'`,
	}
}

// prunedLog returns an audit log with rows in all sealed tables: two checkpoints, at the events 5 and 7, which pruned
// the operations a, b and c of filledLog, the operation d, which is open and has every field, and facts of two events.
func prunedLog(t testing.TB, url string) (*store.DB, *audit.Log) {
	t.Helper()
	db, r := filledLog(t, url)
	prune(t, r, noon.Add(2*time.Minute))
	prune(t, r, noon.Add(30*time.Minute))
	op := operation("d")
	op.CreatedAt = noon.Add(2 * time.Hour)
	op.Target.FormerID = "11"
	op.Affected = []access.Ref{{Kind: access.Key, ID: "k1"}}
	op.Roles = []audit.RoleChange{{ID: 5, Name: "Owner", Effect: audit.RoleGranted}}
	op, err := r.Begin(t.Context(), op, audit.Guard{Locks: []string{"subuser/12", "owners"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Append(t.Context(), op, true, audit.Event{
		Kind:   audit.OutcomeEvent,
		At:     op.CreatedAt.Add(time.Second),
		Result: audit.Unknown,
	}); err != nil {
		t.Fatal(err)
	}
	addFacts(t, r, fact("12", audit.FirstSeenFact, 1), ownerFact("k1", "anna", 1))
	addFacts(t, r, fact("12", audit.GoneFact, 2))
	if report := verify(t, r, nil); !report.Intact() {
		t.Fatalf("before a change: %+v", report)
	}
	return db, r
}

// column is a column of a table. kind is "text", "bytes", "bool" or "number".
type column struct{ table, name, kind string }

// columnsOf returns the columns of the sealed tables as the database has them.
func columnsOf(t testing.TB, db *store.DB) []column {
	t.Helper()
	var columns []column
	for table := range sealedTables() {
		for name, kind := range storetest.Columns(t, db, table) {
			columns = append(columns, column{table: table, name: name, kind: kind})
		}
	}
	return columns
}

// changes returns expressions for another value of a column.
func (c column) changes() []string {
	switch c.kind {
	case "text":
		return []string{c.name + ` || 'x'`, `''`}
	case "bytes":
		return []string{`ZEROS`, `NOTHING`}
	case "bool":
		return []string{`NOT ` + c.name}
	default:
		return []string{c.name + ` + 1000`, c.name + ` - 1000`, `0`}
	}
}

// named reports whether a finding names the place of a change: the table, or the column of an operation.
func (c column) named(f audit.Finding) bool {
	switch {
	case c.table == "events":
		return strings.HasPrefix(f.Text, "Event ") && (f.Seq == 11 || c.name == "seq") ||
			strings.Contains(f.Text, "events are missing")
	case c.table == "checkpoints":
		return strings.Contains(f.Text, "checkpoint")
	case c.table == "facts":
		return f.Problem == audit.FactsMismatch
	case c.name == "id" && c.table == "operations" || c.name == "operation_id":
		return f.Problem == audit.OperationMismatch && f.Operation != ""
	case c.table == "operations":
		return f.Operation == "d" &&
			(strings.Contains(f.Text, "operations."+c.name+" differs") || strings.Contains(f.Text, "cannot be read"))
	default:
		return f.Operation == "d" && strings.Contains(f.Text, c.table+" differs")
	}
}

// Every column of every sealed table is proved: a column that the schema gets later fails this test until verifying
// covers it.
func TestVerifyNamesEveryChangedColumn(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		db, r := prunedLog(t, fresh(t))
		dropForeignKeys(t, db)
		for _, c := range columnsOf(t, db) {
			where := sealedTables()[c.table]
			for _, change := range c.changes() {
				set := c.name + ` = ` + change
				var differs bool
				query := withBytes(db, `SELECT `+c.name+` <> `+change+` FROM `+c.table+` WHERE `+where)
				if err := db.SQL().QueryRowContext(t.Context(), query).Scan(&differs); err != nil {
					t.Fatalf("%s: %v", query, err)
				}
				if !differs {
					continue
				}
				restore := copyTable(t, db, c.table)
				tamper(t, db, `UPDATE `+c.table+` SET `+set+` WHERE `+where)
				report := verify(t, r, nil)
				found := false
				for _, f := range report.Findings {
					found = found || c.named(f)
				}
				if !found {
					t.Errorf("UPDATE %s SET %s: got %+v", c.table, set, report.Findings)
				}
				restore()
			}
		}
		for table, where := range sealedTables() {
			restore := copyTable(t, db, table)
			tamper(t, db, `DELETE FROM `+table+` WHERE `+where)
			if report := verify(t, r, nil); report.Intact() {
				t.Errorf("DELETE FROM %s: found nothing", table)
			}
			restore()
			tamper(t, db, `DELETE FROM `+table)
			if report := verify(t, r, nil); report.Intact() {
				t.Errorf("DELETE FROM %s, all rows: found nothing", table)
			}
			restore()
		}
		if report := verify(t, r, nil); !report.Intact() {
			t.Errorf("after all was restored: %+v", report.Findings)
		}
	})
}

// dropForeignKeys makes the database accept rows without the rows that they refer to.
func dropForeignKeys(t testing.TB, db *store.DB) {
	t.Helper()
	if db.Postgres() {
		for _, table := range []string{"operation_targets", "operation_roles", "operation_locks"} {
			tamper(t, db, fmt.Sprintf(`ALTER TABLE %s DROP CONSTRAINT %s_operation_id_fkey`, table, table))
		}
		return
	}
	var version int
	if err := db.SQL().QueryRowContext(t.Context(), `PRAGMA schema_version`).Scan(&version); err != nil {
		t.Fatal(err)
	}
	tamper(t, db,
		`PRAGMA writable_schema = ON`,
		`UPDATE sqlite_schema SET sql = REPLACE(REPLACE(sql, 'REFERENCES operations (id) ON DELETE CASCADE', ''),
			'REFERENCES operations (id)', '') WHERE type = 'table'`,
		fmt.Sprintf(`PRAGMA schema_version = %d`, version+1),
		`PRAGMA writable_schema = RESET`,
	)
}

// copyTable returns a function that restores the rows of a table.
func copyTable(t testing.TB, db *store.DB, table string) (restore func()) {
	t.Helper()
	tamper(t, db, `DROP TABLE IF EXISTS copy_of_it`, `CREATE TABLE copy_of_it AS SELECT * FROM `+table)
	return func() {
		t.Helper()
		tamper(t, db, `DELETE FROM `+table, `INSERT INTO `+table+` SELECT * FROM copy_of_it`)
	}
}

// A column of SQLite can hold a value of another type, which cannot be read. That is a finding, and verifying goes on.
func TestVerifyReportsUnreadableRows(t *testing.T) {
	t.Parallel()
	for statement, want := range map[string]string{
		`UPDATE events SET at = 'noon' WHERE seq = 9`:                      "Event 9 was changed: it cannot be read.",
		`UPDATE events SET confirmed = 2 WHERE seq = 9`:                    "Event 9 was changed: it cannot be read.",
		`UPDATE operations SET created_at = 'noon' WHERE id = 'd'`:         "operation d does not agree with its events: it",
		`UPDATE operations SET open = 2 WHERE id = 'd'`:                    "operation d does not agree with its events: it",
		`UPDATE checkpoints SET at = 'noon' WHERE seq = 7`:                 "The checkpoint after event 5 cannot be read.",
		`UPDATE operation_locks SET account = 'x' WHERE name = 'owners'`:   "operation_locks differs",
		`UPDATE operation_roles SET role_id = 'x' WHERE operation_id='d'`:  "operation_roles differs",
		`UPDATE operation_targets SET kind = x'ff' WHERE operation_id='d'`: "operation_targets differs",
		`UPDATE facts SET at = 'noon' WHERE id = 'k1'`:                     "The facts of account 7 do not agree",
		`UPDATE facts SET account = 'x' WHERE id = 'k1'`:                   "A fact cannot be read.",
	} {
		t.Run(statement, func(t *testing.T) {
			t.Parallel()
			db, r := prunedLog(t, storetest.SQLite(t))
			tamper(t, db, statement)
			if report := verify(t, r, nil); !strings.Contains(fmt.Sprint(report.Findings), want) {
				t.Errorf("got %+v, want %q", report.Findings, want)
			}
		})
	}
}

// TestVerifyChainBeginning changes where the chain begins and how it goes on, as an attacker with all rights on the
// database but without the key could.
func TestVerifyChainBeginning(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		log  func(testing.TB, string) (*store.DB, *audit.Log)
		do   []string
		seq  int64
		want audit.Problem
	}{
		{
			"all seals stripped",
			filledLog,
			[]string{`UPDATE events SET mac = NOTHING, key_id = ''`},
			1,
			audit.NotChained,
		},
		{"the genesis event deleted", filledLog, []string{`DELETE FROM events WHERE seq = 1`}, 2, audit.NoGenesis},
		{
			"the genesis event deleted, the rest moved",
			filledLog,
			append([]string{`DELETE FROM events WHERE seq = 1`}, moved(2, 8, -1)...),
			1,
			audit.NoGenesis,
		},
		{
			"a genesis event of another kind",
			filledLog,
			[]string{`UPDATE events SET kind = 'start' WHERE seq = 1`},
			1,
			audit.NoGenesis,
		},
		{
			"a second genesis event",
			filledLog,
			[]string{
				`INSERT INTO events SELECT 9, '', kind, at, result, confirmed, body, key_id, mac FROM events WHERE seq = 1`,
			},
			9,
			audit.ExtraGenesis,
		},
		{
			"another event becomes one",
			filledLog,
			[]string{`UPDATE events SET kind = 'genesis' WHERE seq = 8`},
			8,
			audit.ExtraGenesis,
		},
		{"no events", filledLog, []string{`DELETE FROM events`}, 0, audit.NoGenesis},
		{"no rows at all", filledLog, []string{`DELETE FROM events`, `DELETE FROM operations`}, 0, audit.NoGenesis},
		{"a pruned range without a checkpoint", prunedLog, []string{`DELETE FROM checkpoints`}, 8, audit.NoGenesis},
		{
			"the newest checkpoint deleted",
			prunedLog,
			[]string{`DELETE FROM checkpoints WHERE seq = 7`},
			8,
			audit.Missing,
		},
		{
			"the older checkpoint deleted",
			prunedLog,
			[]string{`DELETE FROM checkpoints WHERE seq = 5`},
			7,
			audit.BadCheckpoint,
		},
		{
			"a later checkpoint copied",
			prunedLog,
			[]string{
				`INSERT INTO checkpoints SELECT 9, (SELECT mac FROM events WHERE seq = 9), at, key_id, seal FROM checkpoints
					WHERE seq = 7`,
				`DELETE FROM events WHERE seq <= 9`,
			},
			9,
			audit.BadCheckpoint,
		},
		{
			"a checkpoint with an unknown key",
			prunedLog,
			[]string{`UPDATE checkpoints SET key_id = 'ffffffff' WHERE seq = 7`},
			7,
			audit.UnknownKey,
		},
		{
			"all events after a checkpoint deleted",
			prunedLog,
			[]string{`DELETE FROM events`, `DELETE FROM operations`},
			7,
			audit.Truncated,
		},
		{
			"two bodies swapped",
			filledLog,
			[]string{
				`UPDATE events SET body = (SELECT e.body FROM events e WHERE e.seq = 6) || ' ' WHERE seq = 2`,
				`UPDATE events SET body = (SELECT e.body FROM events e WHERE e.seq = 4) WHERE seq = 6`,
			},
			2,
			audit.Changed,
		},
		{
			"a lock forged for a closed operation",
			filledLog,
			[]string{`INSERT INTO operation_locks (account, name, operation_id) VALUES (7, 'owners', 'b')`},
			5,
			audit.OperationMismatch,
		},
		{
			"a lock forged for an open operation",
			prunedLog,
			[]string{`INSERT INTO operation_locks (account, name, operation_id) VALUES (7, 'other', 'd')`},
			12,
			audit.OperationMismatch,
		},
		{
			"a lock without an operation",
			filledLog,
			[]string{`INSERT INTO operation_locks (account, name, operation_id) VALUES (7, 'owners', 'z')`},
			0,
			audit.OperationMismatch,
		},
	}
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		for _, tc := range cases {
			t.Run(tc.name, func(t *testing.T) {
				t.Parallel()
				db, r := tc.log(t, fresh(t))
				dropForeignKeys(t, db)
				tamper(t, db, tc.do...)
				report := verify(t, r, nil)
				if len(report.Findings) == 0 || report.Findings[0].Problem != tc.want || report.Findings[0].Seq != tc.seq {
					t.Errorf("got %+v, want %s at %d first", report.Findings, tc.want, tc.seq)
				}
			})
		}
	})
}

// moved returns statements that add to the numbers of the events from first to last, one after the other.
func moved(first, last, by int) []string {
	var statements []string
	for seq := first; seq <= last; seq++ {
		statements = append(statements, fmt.Sprintf(`UPDATE events SET seq = %d WHERE seq = %d`, seq+by, seq))
	}
	return statements
}

// The key of an older checkpoint may be gone: the newest one proves it.
func TestVerifyOldCheckpointKeyIsNotNeeded(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db, _ := filledLog(t, url)
		now := func() time.Time { return noon.Add(time.Hour) }
		both := openLog(t, db, audit.Options{Keys: []config.Secret{key("k"), key("n")}, Now: now})
		prune(t, both, noon.Add(2*time.Minute))
		both = openLog(t, db, audit.Options{Keys: []config.Secret{key("n"), key("k")}, Now: now})
		if err := both.Note(t.Context(), audit.SignedOut{}); err != nil {
			t.Fatal(err)
		}
		prune(t, both, noon.Add(24*time.Hour))
		r := openLog(t, db, audit.Options{Keys: []config.Secret{key("n")}, Now: now})
		if report := verify(t, r, nil); !report.Intact() || report.Checkpoint.Seq != 10 {
			t.Fatalf("with the new key alone: %+v", report)
		}
		for _, set := range []string{`at = at + 1`, `mac = ZEROS`, `seal = ZEROS`, `key_id = 'ffffffff'`, `seq = 4`} {
			restore := copyTable(t, db, "checkpoints")
			tamper(t, db, `UPDATE checkpoints SET `+set+` WHERE seq = 5`)
			report := verify(t, r, nil)
			if len(report.Findings) != 1 || report.Findings[0].Problem != audit.BadCheckpoint || report.Findings[0].Seq != 10 {
				t.Errorf("%s: got %+v", set, report.Findings)
			}
			restore()
		}
	})
}

// genesisOf returns the number of genesis events and the id of the audit log.
func genesisOf(t testing.TB, db *store.DB, r *audit.Log) (count int, id string) {
	t.Helper()
	err := db.SQL().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM events WHERE kind = 'genesis'`).Scan(&count)
	if err != nil {
		t.Fatal(err)
	}
	return count, verify(t, r, nil).Log
}

// Two replicas that write to a new audit log at once write one genesis event.
func TestGenesisIsWrittenOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		options := audit.Options{Keys: []config.Secret{key("k")}, Program: "v1"}
		if report := verify(t, openLog(t, db, options), nil); len(report.Findings) != 1 ||
			report.Findings[0].Problem != audit.NoGenesis {
			t.Errorf("before the first start: %+v", report)
		}
		errs := make(chan error)
		for range 6 {
			replica := openLog(t, db, options)
			go func() { errs <- replica.Note(t.Context(), audit.Started{}) }()
		}
		for range 6 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		r := openLog(t, db, options)
		report := verify(t, r, nil)
		if !report.Intact() || report.Events != 7 {
			t.Errorf("got %+v", report)
		}
		if count, id := genesisOf(t, db, r); count != 1 || len(id) != 26 {
			t.Errorf("%d genesis events, the log %q", count, id)
		}
	})
}

// An audit log that lost its events gets no new genesis event, which would make it look intact.
func TestEmptiedLogIsNotBegunAgain(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		db, r := filledLog(t, fresh(t))
		tamper(t, db, `DELETE FROM events`, `DELETE FROM operations`)
		for range 2 {
			if err := r.Note(t.Context(), audit.SignedOut{}); !errors.Is(err, audit.ErrEmptied) {
				t.Errorf("the process that wrote before: %v", err)
			}
		}
		if _, err := r.Begin(t.Context(), operation("e"), audit.Guard{}); !errors.Is(err, audit.ErrEmptied) {
			t.Errorf("an operation: %v", err)
		}
		if err := checkReady(t, r); !errors.Is(err, audit.ErrEmptied) {
			t.Errorf("readiness: %v", err)
		}
		for name, statements := range map[string][]string{
			"operations": {},
			"a bulk change": {
				`DELETE FROM operations`,
				`INSERT INTO bulk_changes (id, account, actor_id, operator, kind, state, reason, stop_reason, body, retry_of,
					created_at, started_at, ended_at, seq, lease_holder, lease_until, bytes)
					VALUES ('a', 7, 'i|s', '{}', 'roles', 'done', '', '', '{}', '', 0, 0, 0, 5, '', 0, 0)`,
			},
			"a drift check": {
				`DELETE FROM operations`,
				`INSERT INTO drift_checks (account, kind, as_of, version, processed_seq, comparisons, seq)
					VALUES (7, 'key', 0, 1, 5, 1, 5)`,
			},
		} {
			db, _ := filledLog(t, fresh(t))
			tamper(t, db, append([]string{`DELETE FROM events`}, statements...)...)
			restarted := openLog(t, db, audit.Options{Keys: []config.Secret{key("k")}})
			if err := restarted.Note(t.Context(), audit.Started{}); !errors.Is(err, audit.ErrEmptied) {
				t.Errorf("after a restart, with %s: %v", name, err)
			}
			if report := verify(t, restarted, nil); report.Intact() || report.Findings[0].Problem != audit.NoGenesis {
				t.Errorf("with %s: %+v", name, report)
			}
		}
	})
}
