package store_test

import (
	"database/sql"
	"errors"
	"testing"

	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// A process that runs while a newer version upgrades the tables must not write into them.
func TestNothingIsWrittenAfterTheSchemaChanged(t *testing.T) {
	t.Parallel()
	for name, upgrade := range map[string]string{
		"another checksum": `UPDATE schema_checksum SET sha256 = 'newer'`,
		"one more":         `INSERT INTO schema_checksum VALUES ('newer')`,
		"no checksum":      `DELETE FROM schema_checksum`,
		"no table":         `ALTER TABLE schema_checksum RENAME TO schema_versions`,
	} {
		t.Run(name, func(t *testing.T) {
			storetest.EachEmpty(t, func(t *testing.T, url string) {
				db, newer := storetest.Open(t, url), storetest.Open(t, url)
				write(t, db, "before")
				storetest.Exec(t, newer, upgrade)
				for range 2 {
					if err := ready(t, db); !errors.Is(err, store.ErrSchemaChanged) {
						t.Errorf("Write: %v", err)
					}
					if err := checkReady(t.Context(), db); !errors.Is(err, store.ErrSchemaChanged) {
						t.Errorf("readiness: %v", err)
					}
				}
				if count := countSessions(t, db); count != 1 {
					t.Errorf("%d sessions", count)
				}
			})
		})
	}
}

// A writer that waits while the tables are upgraded sees the upgrade.
func TestWriterWaitsForUpgrade(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		db, newer := storetest.Open(t, url), storetest.Open(t, url)
		written := make(chan error, 1)
		err := newer.Write(t.Context(), func(tx *sql.Tx) error {
			go func() { written <- ready(t, db) }()
			waitForWaitingWriter(t, newer)
			_, err := tx.ExecContext(t.Context(), `UPDATE schema_checksum SET sha256 = 'newer'`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := <-written; !errors.Is(err, store.ErrSchemaChanged) {
			t.Errorf("Write: %v", err)
		}
	})
}

// waitForWaitingWriter returns when a writer waits for the write lock. On SQLite that cannot be seen.
func waitForWaitingWriter(t *testing.T, db *store.DB) {
	t.Helper()
	for waiting := !db.Postgres(); !waiting; {
		if err := db.SQL().QueryRowContext(
			t.Context(),
			`SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
				AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`,
		).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
}
