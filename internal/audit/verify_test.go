package audit_test

import (
	"database/sql"
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

func key(letter string) config.Secret { return config.NewSecret(strings.Repeat(letter, 32)) }

// filledLog returns an audit log with the key k: the genesis event (1), three operations with two events each (2 to 7),
// of which the third gets its target's id with the second event, and a sign-in (8).
func filledLog(t testing.TB, url string) (*store.DB, *audit.Log) {
	t.Helper()
	db := storetest.Open(t, url)
	r := openLog(t, db, audit.Options{
		Keys: []config.Secret{key("k")},
		Now:  func() time.Time { return noon.Add(time.Hour) },
	})
	for i, id := range []string{"a", "b", "c"} {
		op := operation(id)
		op.CreatedAt = noon.Add(time.Duration(i) * time.Minute)
		switch id {
		case "b":
			op.Affected = []access.Ref{{Kind: access.Key, ID: "k1"}, {Kind: access.Key, ID: "k2"}}
			op.Roles = []audit.RoleChange{
				{ID: 3, Name: "Support", Effect: audit.RoleGranted},
				{ID: 5, Name: "Owner", Effect: audit.RoleRevoked},
				{ID: 5, Name: "Owner", Effect: audit.RoleRevoked}, // the vendor may list a role twice
			}
		case "c":
			op.Target.ID = ""
		}
		op = begin(t, r, op)
		op.Target.ID = "12"
		finish(t, r, op)
	}
	if err := r.Note(t.Context(), audit.SignedIn{Actor: operation("a").Actor}); err != nil {
		t.Fatal(err)
	}
	return db, r
}

func begin(t testing.TB, r *audit.Log, op audit.Operation) audit.Operation {
	t.Helper()
	op, err := r.Begin(t.Context(), op, audit.Guard{})
	if err != nil {
		t.Fatal(err)
	}
	return op
}

func finish(t testing.TB, r *audit.Log, op audit.Operation) {
	t.Helper()
	closeWith(t, r, op, audit.Applied)
}

func closeWith(t testing.TB, r *audit.Log, op audit.Operation, result audit.Result) {
	t.Helper()
	if _, err := r.Append(t.Context(), op, false, audit.Event{
		Kind:      audit.OutcomeEvent,
		At:        op.CreatedAt.Add(time.Second),
		Result:    result,
		Confirmed: result == audit.Applied,
	}); err != nil {
		t.Fatal(err)
	}
}

func verify(t testing.TB, r *audit.Log, known *audit.Head) audit.Report {
	t.Helper()
	report, err := r.Verify(t.Context(), known)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// tamper drops the triggers and runs statements, as a database user with all rights can.
func tamper(t testing.TB, db *store.DB, statements ...string) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		for _, trigger := range []string{
			"events_no_update", "events_no_delete", "events_append_only", "checkpoints_no_update", "checkpoints_no_delete",
		} {
			drop := "DROP TRIGGER IF EXISTS " + trigger
			if db.Postgres() {
				table, _, _ := strings.Cut(trigger, "_")
				drop += " ON " + table
			}
			if _, err := tx.ExecContext(t.Context(), drop); err != nil {
				return err
			}
		}
		for _, statement := range statements {
			statement = withBytes(db, statement)
			if _, err := tx.ExecContext(t.Context(), statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// withBytes replaces NOTHING and ZEROS in a statement by the engine's literals for no bytes and 32 zero bytes.
func withBytes(db *store.DB, statement string) string {
	nothing, zeros := `x''`, `zeroblob(32)`
	if db.Postgres() {
		nothing, zeros = `''::bytea`, `decode(repeat('00', 32), 'hex')`
	}
	return strings.NewReplacer("NOTHING", nothing, "ZEROS", zeros).Replace(statement)
}

func TestVerifyIntactLog(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		_, r := filledLog(t, url)
		report := verify(t, r, nil)
		if !report.Intact() || report.Events != 8 || report.Operations != 3 || report.Head.Seq != 8 ||
			len(report.Warnings) != 0 {
			t.Errorf("got %+v", report)
		}
		if again := verify(t, r, &report.Head); !again.Intact() {
			t.Errorf("with its own head: %+v", again.Findings)
		}
	})
}

// TestVerifyFindsTampering covers the table of docs/threat-model.md: which changes are found without an expected
// head, and which only with one.
func TestVerifyFindsTampering(t *testing.T) {
	t.Parallel()
	swapped := []string{
		`UPDATE events SET seq = -1 WHERE seq = 3`,
		`UPDATE events SET seq = 3 WHERE seq = 6`,
		`UPDATE events SET seq = 6 WHERE seq = -1`,
	}
	neighbours := []string{
		`UPDATE events SET seq = -1 WHERE seq = 3`,
		`UPDATE events SET seq = 3 WHERE seq = 4`,
		`UPDATE events SET seq = 4 WHERE seq = -1`,
	}
	cases := []struct {
		name     string
		do       []string
		seq      int64
		want     audit.Problem
		withHead audit.Problem // when nothing is found without a head
	}{
		{"operation id", []string{`UPDATE events SET operation_id = 'b' WHERE seq = 3`}, 3, audit.Changed, ""},
		{"kind", []string{`UPDATE events SET kind = 'settled' WHERE seq = 3`}, 3, audit.Changed, ""},
		{"time", []string{`UPDATE events SET at = at + 1 WHERE seq = 3`}, 3, audit.Changed, ""},
		{"result", []string{`UPDATE events SET result = 'refused' WHERE seq = 3`}, 3, audit.Changed, ""},
		{"confirmed", []string{`UPDATE events SET confirmed = FALSE WHERE seq = 3`}, 3, audit.Changed, ""},
		{
			"body",
			[]string{`UPDATE events SET body = replace(body, 'ticket 5', 'ticket 6') WHERE seq = 4`},
			4,
			audit.Changed,
			"",
		},
		{"key id", []string{`UPDATE events SET key_id = 'ffffffff' WHERE seq = 4`}, 4, audit.UnknownKey, ""},
		{"mac", []string{`UPDATE events SET mac = ZEROS WHERE seq = 4`}, 4, audit.Changed, ""},
		{"number", []string{`UPDATE events SET seq = 70 WHERE seq = 8`}, 70, audit.Missing, ""},
		{"no MAC", []string{`UPDATE events SET mac = NOTHING, key_id = '' WHERE seq = 4`}, 4, audit.NotChained, ""},
		{
			"no MAC at the beginning",
			[]string{`UPDATE events SET mac = NOTHING, key_id = '' WHERE seq <= 3`},
			1,
			audit.NotChained,
			"",
		},
		{"an event deleted", []string{`DELETE FROM events WHERE seq = 4`}, 5, audit.Missing, ""},
		{"the first event deleted", []string{`DELETE FROM events WHERE seq = 2`}, 3, audit.Missing, ""},
		{"two events swapped", swapped, 3, audit.OutOfOrder, ""},
		{"neighbouring events swapped", neighbours, 3, audit.OutOfOrder, ""},
		{
			"an event inserted",
			[]string{
				`INSERT INTO events SELECT 9, '', kind, at, result, confirmed, body, key_id, mac FROM events WHERE seq = 8`,
			},
			9,
			audit.OutOfOrder,
			"",
		},
		{
			"an event inserted without a MAC",
			[]string{`INSERT INTO events VALUES (9, '', 'sign_in', 0, '', FALSE, '{}', '', NOTHING)`},
			9,
			audit.NotChained,
			"",
		},
		{
			"a forged checkpoint",
			[]string{
				`INSERT INTO checkpoints SELECT 3, mac, 0, key_id, ZEROS FROM events WHERE seq = 3`,
				`DELETE FROM events WHERE seq <= 3`,
			},
			3,
			audit.BadCheckpoint,
			"",
		},
		{"row: result", []string{`UPDATE operations SET result = 'refused' WHERE id = 'b'`}, 5, audit.OperationMismatch, ""},
		{
			"row: confirmed",
			[]string{`UPDATE operations SET confirmed = FALSE WHERE id = 'b'`},
			5,
			audit.OperationMismatch,
			"",
		},
		{
			"row: open",
			[]string{`UPDATE operations SET open = TRUE, closed_at = 0 WHERE id = 'b'`},
			5,
			audit.OperationMismatch,
			"",
		},
		{"row: closed", []string{`UPDATE operations SET closed_at = 1 WHERE id = 'b'`}, 5, audit.OperationMismatch, ""},
		{
			"row: person",
			[]string{`UPDATE operations SET actor_id = 'demo|editor' WHERE id = 'b'`},
			5,
			audit.OperationMismatch,
			"",
		},
		{
			"row: name",
			[]string{`UPDATE operations SET actor = replace(actor, 'Žofie', 'Eva') WHERE id = 'b'`},
			5,
			audit.OperationMismatch,
			"",
		},
		{"row: target", []string{`UPDATE operations SET target_id = '13' WHERE id = 'c'`}, 7, audit.OperationMismatch, ""},
		{
			"row: former target",
			[]string{`UPDATE operations SET former_id = '13' WHERE id = 'b'`},
			5,
			audit.OperationMismatch,
			"",
		},
		{"row: reason", []string{`UPDATE operations SET reason = '' WHERE id = 'b'`}, 5, audit.OperationMismatch, ""},
		{"row: intent", []string{`UPDATE operations SET intent = '{}' WHERE id = 'b'`}, 5, audit.OperationMismatch, ""},
		{"row: action", []string{`UPDATE operations SET action = 'key.edit' WHERE id = 'b'`}, 5, audit.OperationMismatch, ""},
		{"row: time", []string{`UPDATE operations SET created_at = 1 WHERE id = 'b'`}, 5, audit.OperationMismatch, ""},
		{"row: newest event", []string{`UPDATE operations SET last_seq = 3 WHERE id = 'b'`}, 5, audit.OperationMismatch, ""},
		{
			"a target that is missing",
			[]string{`DELETE FROM operation_targets WHERE operation_id = 'c'`},
			7,
			audit.OperationMismatch,
			"",
		},
		{
			"another target",
			[]string{`UPDATE operation_targets SET id = '13' WHERE operation_id = 'c'`},
			7,
			audit.OperationMismatch,
			"",
		},
		{
			"an affected principal that is missing",
			[]string{`DELETE FROM operation_targets WHERE id = 'k1'`},
			5,
			audit.OperationMismatch,
			"",
		},
		{
			"a target that no event names",
			[]string{`INSERT INTO operation_targets (operation_id, part, kind, id) VALUES ('a', 'affected', 'key', 'k1')`},
			3,
			audit.OperationMismatch,
			"",
		},
		{
			"a role that is missing",
			[]string{`DELETE FROM operation_roles WHERE effect = 'granted'`},
			5,
			audit.OperationMismatch,
			"",
		},
		{
			"another effect on a role",
			[]string{`UPDATE operation_roles SET effect = 'lost' WHERE role_id = 5`},
			5,
			audit.OperationMismatch,
			"",
		},
		{
			"another name of a role",
			[]string{`UPDATE operation_roles SET name = 'Support' WHERE role_id = 5`},
			5,
			audit.OperationMismatch,
			"",
		},
		{
			"a role that no event names",
			[]string{`INSERT INTO operation_roles (operation_id, role_id, effect, name) VALUES ('a', 5, 'granted', 'Owner')`},
			3,
			audit.OperationMismatch,
			"",
		},
		{"row: missing", []string{`DELETE FROM operations WHERE id = 'b'`}, 4, audit.OperationMismatch, ""},
		{
			"row: without events",
			[]string{
				`INSERT INTO operations SELECT 'z', account, action, target_kind, target_id, target_name, former_id, actor_id,
					actor, reason, request_id, tag, intent, created_at, result, confirmed, open, closed_at, last_seq,
					bulk_id, bulk_later FROM operations WHERE id = 'b'`,
			},
			0,
			audit.OperationMismatch,
			"",
		},
		{
			"the last events deleted, and their operation",
			[]string{`DELETE FROM events WHERE seq >= 6`, `DELETE FROM operations WHERE id = 'c'`},
			5,
			"",
			audit.Truncated,
		},
		{"the last event deleted", []string{`DELETE FROM events WHERE seq = 8`}, 7, "", audit.Truncated},
		{"all rows deleted", []string{`DELETE FROM events`, `DELETE FROM operations`}, 0, audit.NoGenesis, ""},
	}
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		for _, tc := range cases {
			t.Run(tc.name, func(t *testing.T) {
				t.Parallel()
				db, r := filledLog(t, fresh(t))
				known := verify(t, r, nil).Head
				tamper(t, db, tc.do...)
				report := verify(t, r, nil)
				want := tc.want
				if tc.withHead != "" {
					if !report.Intact() {
						t.Errorf("found without a head: %+v", report.Findings)
					}
					report, want = verify(t, r, &known), tc.withHead
				}
				if len(report.Findings) == 0 || report.Findings[0].Problem != want || report.Findings[0].Seq != tc.seq {
					t.Errorf("got %+v, want %s at %d first", report.Findings, want, tc.seq)
				}
			})
		}
	})
}

func TestVerifyTruncatedLogWithHead(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db, r := filledLog(t, url)
		known := verify(t, r, nil).Head
		tamper(t, db, `DELETE FROM events WHERE seq = 8`)
		other := openLog(t, db, audit.Options{Keys: []config.Secret{key("k")}}) // a process that never saw event 8
		for range 3 {
			if err := other.Note(t.Context(), audit.SignedOut{}); err != nil {
				t.Fatal(err)
			}
		}
		if report := verify(t, r, nil); !report.Intact() {
			t.Errorf("found without a head: %+v", report.Findings)
		}
		if report := verify(t, r, &known); len(report.Findings) != 1 || report.Findings[0].Problem != audit.HeadMismatch ||
			report.Findings[0].Seq != 8 {
			t.Errorf("with a head: %+v", report.Findings)
		}
	})
}

func TestVerifyFindsForgedKey(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db, r := filledLog(t, url)
		forger := openLog(t, db, audit.Options{Keys: []config.Secret{key("f")}})
		if err := forger.Note(t.Context(), audit.SignedOut{}); err != nil {
			t.Fatal(err)
		}
		report := verify(t, r, nil)
		if len(report.Findings) != 1 || report.Findings[0].Problem != audit.UnknownKey || report.Findings[0].Seq != 9 {
			t.Errorf("an event with another key: %+v", report.Findings)
		}
		tamper(t, db, `UPDATE events SET key_id = (SELECT key_id FROM events WHERE seq = 1) WHERE seq = 9`)
		if report := verify(t, r, nil); len(report.Findings) != 1 || report.Findings[0].Problem != audit.Changed {
			t.Errorf("an event with another key and the id of a listed one: %+v", report.Findings)
		}
	})
}

func TestChainKeyRotation(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db, _ := filledLog(t, url)
		both := openLog(t, db, audit.Options{Keys: []config.Secret{key("n"), key("k")}})
		if err := both.Note(t.Context(), audit.SignedOut{}); err != nil {
			t.Fatal(err)
		}
		if report := verify(t, both, nil); !report.Intact() || report.Events != 9 || len(report.Warnings) != 0 {
			t.Errorf("with both keys: %+v", report)
		}
		old := openLog(t, db, audit.Options{Keys: []config.Secret{key("k")}})
		if err := old.Note(t.Context(), audit.SignedOut{}); err != nil {
			t.Fatal(err)
		}
		if report := verify(t, both, nil); !report.Intact() || len(report.Warnings) != 1 ||
			!strings.HasPrefix(report.Warnings[0], "1 events, from event 10 on, are sealed with a key that was replaced") {
			t.Errorf("with an event of the old key at the end: %+v", report)
		}
		tamper(t, db, `DELETE FROM events WHERE seq = 10`)
		report := verify(t, openLog(t, db, audit.Options{Keys: []config.Secret{key("n")}}), nil)
		if len(report.Findings) != 8 || report.Findings[0].Problem != audit.UnknownKey || report.Findings[0].Seq != 1 {
			t.Errorf("without the old key: %+v", report.Findings)
		}
		report = verify(t, openLog(t, db, audit.Options{Keys: []config.Secret{key("k")}}), nil)
		if len(report.Findings) != 1 || report.Findings[0].Seq != 9 {
			t.Errorf("without the new key, which sealed event 9: %+v", report.Findings)
		}
	})
}

func TestTriggersRefuseChanges(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db, _ := filledLog(t, url)
		own := []string{
			`INSERT OR REPLACE INTO events SELECT 2, '', kind, at, result, confirmed, body, key_id, mac FROM events
				WHERE seq = 7`,
		}
		if db.Postgres() {
			own = []string{`TRUNCATE events`, `TRUNCATE checkpoints`}
		}
		for _, statement := range append(own,
			`UPDATE events SET result = 'refused' WHERE seq = 2`, `DELETE FROM events WHERE seq = 2`, `DELETE FROM events`,
			`INSERT INTO events SELECT 2, '', kind, at, result, confirmed, body, key_id, mac FROM events WHERE seq = 7`,
			`INSERT INTO events SELECT 2, '', kind, at, result, confirmed, body, key_id, mac FROM events WHERE seq = 7
				ON CONFLICT (seq) DO UPDATE SET result = 'refused'`,
		) {
			expectRefused(t, db, statement)
		}
	})
}

// expectRefused checks that a trigger refuses a statement. A syntax error is not enough.
func expectRefused(t *testing.T, db *store.DB, statement string) {
	t.Helper()
	_, err := db.SQL().ExecContext(t.Context(), statement)
	if err == nil || !strings.Contains(err.Error(), "only added") && !strings.Contains(err.Error(), "never") {
		t.Errorf("%s: %v", statement, err)
	}
}

// TestVerifyWarnsOfClockSetBack writes an event that is earlier than the one before it. Up to a minute is no sign of
// another clock, because writers wait for each other.
func TestVerifyWarnsOfClockSetBack(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		for earlier, warned := range map[time.Duration]bool{time.Minute: false, 61 * time.Second: true, time.Hour: true} {
			now := noon
			r := openLog(t, storetest.Open(t, fresh(t)), audit.Options{
				Keys: []config.Secret{key("k")},
				Now:  func() time.Time { return now },
			})
			for range 2 {
				if err := r.Note(t.Context(), audit.SignedOut{}); err != nil {
					t.Fatal(err)
				}
				now = noon.Add(-earlier)
			}
			report := verify(t, r, nil)
			got := len(report.Warnings) == 1 &&
				strings.HasPrefix(report.Warnings[0], "1 events are more than a minute earlier than the previous event")
			if !report.Intact() || got != warned || len(report.Warnings) > 1 {
				t.Errorf("%v earlier: %+v", earlier, report)
			}
		}
	})
}
