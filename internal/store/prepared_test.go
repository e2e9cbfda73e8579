package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

const countHash = `SELECT COUNT(*) FROM sessions WHERE hash = $1`

// found reports whether a prepared query of countHash finds a session.
func found(ctx context.Context, t *testing.T, query *store.Prepared, hash string) bool {
	t.Helper()
	var count int
	if err := query.QueryRow(ctx, hash).Scan(&count); err != nil {
		t.Error(err)
	}
	return count == 1
}

// TestPrepared runs a prepared query on several connections at the same time, before and after writes of this process
// and of another one.
func TestPrepared(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		db, other := storetest.Open(t, url), storetest.Open(t, url)
		query := db.Prepare(countHash)
		for _, writer := range []*store.DB{db, other} {
			hash := writer.ProcessID()
			if found(t.Context(), t, query, hash) {
				t.Error("a row was found before it was written")
			}
			write(t, writer, hash)
			var group sync.WaitGroup
			for range 20 {
				group.Go(func() {
					if !found(t.Context(), t, query, hash) {
						t.Error("a row was not found after it was written")
					}
				})
			}
			group.Wait()
			storetest.Exec(t, writer, `DELETE FROM sessions WHERE hash = $1`, hash)
			if found(t.Context(), t, query, hash) {
				t.Error("a row was found after it was deleted")
			}
		}
		if err := db.Prepare(`SELECT hash FROM sessions WHERE hash = $1`).QueryRow(t.Context(), "none").
			Scan(new(string)); !errors.Is(err, sql.ErrNoRows) {
			t.Errorf("without a row: %v", err)
		}
		if err := db.Prepare(`SELECT none FROM sessions`).QueryRow(t.Context()).Scan(new(string)); err == nil {
			t.Error("a query with an unknown column returned no error")
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := query.QueryRow(ended, "none").Scan(new(int)); !errors.Is(err, context.Canceled) {
			t.Errorf("with a context that has ended: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if err := query.QueryRow(t.Context(), "none").Scan(new(int)); err == nil {
			t.Error("a closed database returned a row")
		}
	})
}

// TestPreparedHoldsNothing copies the write-ahead log of SQLite into the database after prepared queries, and opens the
// database again: a statement that still read, or a connection that it kept, would prevent both.
func TestPreparedHoldsNothing(t *testing.T) {
	t.Parallel()
	url := storetest.SQLite(t)
	db := storetest.Open(t, url)
	query := db.Prepare(countHash)
	if found(t.Context(), t, query, "first") {
		t.Error("a row was found in an empty table")
	}
	write(t, db, "first")
	var busy, frames, copied int
	if err := db.SQL().QueryRowContext(t.Context(), `PRAGMA wal_checkpoint(TRUNCATE)`).
		Scan(&busy, &frames, &copied); err != nil || busy != 0 {
		t.Errorf("the log cannot be copied: busy %d, %v", busy, err)
	}
	if err := os.Remove(strings.TrimPrefix(url, "sqlite:") + "-wal"); err != nil {
		t.Fatal(err)
	}
	write(t, db, "second") // opens the database again
	if !found(t.Context(), t, query, "first") || !found(t.Context(), t, query, "second") {
		t.Error("rows are missing after the database was opened again")
	}
}
