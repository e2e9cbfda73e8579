package store_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// terminate ends a connection, as an administrator or a server shutdown does.
const terminate = `SELECT pg_terminate_backend($1)`

func backend(t *testing.T, tx *sql.Tx) (pid int) {
	t.Helper()
	if err := tx.QueryRowContext(t.Context(), `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
		t.Fatal(err)
	}
	return pid
}

// Both engines bind $1 to the first argument, also repeated and out of order, leave quoted text alone, and take named
// types.
func TestArgumentsOnBothEngines(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		type word string
		insert, err := db.SQL().
			PrepareContext(
				t.Context(),
				`INSERT INTO bulk_items (bulk_id, n, state, operation_id, result, final, code, body, message, seq)
					VALUES ('$1', $1, $2, '', '', FALSE, 0, $3, '', 0)`,
			)
		if err == nil {
			defer insert.Close()
			_, err = insert.ExecContext(t.Context(), 1, word("waiting"), "{}")
		}
		if err == nil {
			t.Fatal("an item without a bulk change was inserted: foreign keys are off")
		}
		storetest.Exec(
			t,
			db,
			`INSERT INTO bulk_changes (id, account, actor_id, operator, kind, state, reason, stop_reason, body, `+
				`retry_of, created_at, started_at, ended_at, seq, lease_holder, lease_until, bytes)
			VALUES ('$1', 1, '', '', '', $1, '', '', '', '', 0, 0, 0, 0, '', $2, 0)`,
			word("draft"),
			int64(1)<<62,
		)
		if _, err := insert.ExecContext(t.Context(), 1, word("waiting"), []byte(`{"a":"b"}`)); err != nil {
			t.Fatal(err)
		}
		var (
			id    string
			state word
			final bool
			body  []byte
		)
		err = db.SQL().QueryRowContext(t.Context(), `UPDATE bulk_items SET final = $1 -- $3 is no argument here
			WHERE bulk_id = '$1' AND n = $2 RETURNING bulk_id, state, final, body`, true, 1).Scan(&id, &state, &final, &body)
		if err != nil || id != "$1" || state != "waiting" || !final || string(body) != `{"a":"b"}` {
			t.Errorf("%q, %q, %v, %q, %v", id, state, final, body, err)
		}
		var count int
		err = db.SQL().
			QueryRowContext(
				t.Context(),
				`SELECT COUNT(*) FROM bulk_items WHERE ($2 = '' OR bulk_id = $2) AND final = TRUE AND NOT final = $1`,
				false,
				"",
			).
			Scan(&count)
		if err != nil || count != 1 {
			t.Errorf("%d rows, %v", count, err)
		}
		if _, err := db.SQL().ExecContext(t.Context(), `DELETE FROM bulk_changes`); err != nil {
			t.Error(err)
		}
		if err := db.SQL().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM bulk_items`).Scan(&count); err != nil ||
			count != 0 {
			t.Errorf("%d items are left of a deleted bulk change, %v", count, err)
		}
	})
}

// Both engines compare text byte by byte, whatever the locale of the server.
func TestTextOrder(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		for _, hash := range []string{"b", "Ž", "a", "B", "ž", "-", "A"} {
			write(t, db, hash)
		}
		var order strings.Builder
		rows, err := db.SQL().QueryContext(t.Context(), `SELECT hash FROM sessions ORDER BY hash`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var hash string
			if err := rows.Scan(&hash); err != nil {
				t.Fatal(err)
			}
			order.WriteString(hash)
		}
		if order.String() != "-ABabŽž" {
			t.Errorf("%s, %v", order.String(), rows.Err())
		}
	})
}

func TestConnectionSettings(t *testing.T) {
	t.Parallel()
	url := storetest.EmptyPostgres(t)
	admin := storetest.Open(t, url)
	storetest.Exec(
		t,
		admin,
		`DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET synchronous_commit = off'; END $$`,
	)
	for options, want := range map[string]string{
		"": "voxwarden 5s 10s 20s on",
		"&application_name=other&lock_timeout=2s&statement_timeout=1s" +
			"&options=-c%20synchronous_commit%3Dremote_apply": "other 2s 1s 20s remote_apply",
	} {
		db := storetest.Open(t, url+options)
		var name, lock, statement, idle, commit string
		err := db.SQL().
			QueryRowContext(t.Context(), `SELECT current_setting('application_name'), current_setting('lock_timeout'),
			current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout'),
			current_setting('synchronous_commit')`).
			Scan(&name, &lock, &statement, &idle, &commit)
		if got := strings.Join([]string{name, lock, statement, idle, commit}, " "); err != nil || got != want {
			t.Errorf("with %q: %s, %v", options, got, err)
		}
	}
}

func TestOpenRefusesOtherEncodings(t *testing.T) {
	t.Parallel()
	server := storetest.NewServer(t)
	server.Admin(t, `CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`)
	if _, err := store.Open(t.Context(), server.Address("latin")); err == nil ||
		!strings.Contains(err.Error(), "encoding LATIN1: create it") {
		t.Errorf("%v", err)
	}
}

func TestReadOnlyDatabase(t *testing.T) {
	t.Parallel()
	url := storetest.EmptyPostgres(t)
	_ = storetest.Open(t, url)
	options := "&options=-c%20default_transaction_read_only%3Don"
	if _, err := store.Open(t.Context(), url+options); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("Open: %v", err)
	}
	db := storetest.Open(t, url)
	storetest.Exec(
		t,
		db,
		`DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET default_transaction_read_only = on'; END $$`,
	)
	_ = db.Write(t.Context(), func(tx *sql.Tx) error { _, err := tx.Exec(terminate, backend(t, tx)); return err })
	if err := checkReady(t.Context(), db); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("readiness: %v", err)
	}
	if err := ready(t, db); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("writing: %v", err)
	}
	if countSessions(t, db) != 0 {
		t.Error("reading fails")
	}
}

func TestConnectionLostInATransaction(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.EmptyPostgres(t))
	for name, after := range map[string]string{"before the next statement": insertSession, "before the commit": ""} {
		err := db.Write(t.Context(), func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(t.Context(), insertSession, name); err != nil {
				return err
			}
			if _, err := db.SQL().ExecContext(t.Context(), terminate, backend(t, tx)); err != nil {
				t.Error(err)
			}
			if after != "" {
				_, err := tx.ExecContext(t.Context(), after, "later")
				return err
			}
			return nil
		})
		if err == nil || errors.Is(err, store.ErrUnknownCommit) {
			t.Errorf("lost %s: %v", name, err)
		}
		if count := countSessions(t, db); count != 0 {
			t.Errorf("lost %s: %d rows", name, count)
		}
	}
	write(t, db, "afterwards")
}

// The console works again without a restart of its own.
func TestServerRestart(t *testing.T) {
	t.Parallel()
	server := storetest.NewServer(t)
	db := storetest.Open(t, server.Database(t))
	write(t, db, "before")
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(t.Context(), insertSession, "in progress"); err != nil {
			return err
		}
		server.Stop(t)
		return nil
	})
	if err == nil {
		t.Error("the open transaction was committed")
	}
	for range 3 {
		if ready(t, db) == nil {
			t.Error("ready while the server is stopped")
		}
	}
	server.Start(t)
	for range 3 {
		if err := ready(t, db); err != nil {
			t.Errorf("not ready after the restart: %v", err)
		}
	}
	write(t, db, "after")
	if count := countSessions(t, db); count != 2 {
		t.Errorf("%d rows", count)
	}
}

// PgBouncer passes only some parameters on when a connection starts, so the limits are set on the connection.
func TestPgBouncer(t *testing.T) {
	t.Parallel()
	server := storetest.NewServer(t)
	for mode, options := range map[string][]string{
		"session":     {"statement_timeout=7s", "lock_timeout=3s"},
		"transaction": nil,
		"statement":   nil,
	} {
		address := server.Bouncer(t, mode, options...)
		db, err := store.OpenOrCreate(t.Context(), address)
		if mode != "session" {
			if err == nil {
				_ = db.Close()
			}
			if !errors.Is(err, store.ErrTransactionPooling) {
				t.Errorf("%s: got %v, want ErrTransactionPooling", mode, err)
			}
			if _, err := store.OpenReadOnly(t.Context(), address); !errors.Is(err, store.ErrTransactionPooling) {
				t.Errorf("%s, read-only: got %v, want ErrTransactionPooling", mode, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", mode, err)
		}
		t.Cleanup(func() { _ = db.Close() })
		for name, want := range map[string]string{
			"statement_timeout":                   "7s",
			"lock_timeout":                        "3s",
			"idle_in_transaction_session_timeout": "20s",
			"application_name":                    "voxwarden",
			"synchronous_commit":                  "on",
			"jit":                                 "off",
		} {
			var got string
			if err := db.SQL().QueryRowContext(t.Context(), `SELECT current_setting($1)`, name).Scan(&got); err != nil ||
				got != want {
				t.Errorf("%s is %q, %v, want %q", name, got, err, want)
			}
		}
		write(t, db, "through PgBouncer")
		if count := countSessions(t, db); count != 1 {
			t.Errorf("%d rows, want 1", count)
		}
		release, ok, err := db.TryLock(t.Context(), "job")
		if err != nil || !ok {
			t.Errorf("lock: %t, %v", ok, err)
		} else {
			release()
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		readOnly, err := store.OpenReadOnly(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = readOnly.Close() })
		if _, err := readOnly.SQL().ExecContext(t.Context(), `DELETE FROM sessions`); err == nil {
			t.Error("a read-only database was changed")
		}
	}
}
