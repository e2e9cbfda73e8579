package store_test

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

func TestWriteRollsBack(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		boom := errors.New("boom")
		err := db.Write(t.Context(), func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(t.Context(), insertSession, "x"); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatalf("got %v, want the error of fn", err)
		}
		if count := countSessions(t, db); count != 0 {
			t.Fatalf("after the rollback: %d rows", count)
		}
	})
}

// A failed statement ends the transaction, also when fn ignores its error.
func TestIgnoredStatementError(t *testing.T) {
	t.Parallel()
	url := storetest.EmptyPostgres(t)
	db := storetest.Open(t, url)
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		_, _ = tx.ExecContext(t.Context(), insertSession, "x")
		_, _ = tx.ExecContext(t.Context(), `SELECT nonsense`)
		return nil
	})
	if err == nil || countSessions(t, db) != 0 {
		t.Errorf("%v, and %d rows", err, countSessions(t, db))
	}
}

// Otherwise no operation could begin after a panic.
func TestPanicReleasesWriteLock(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		db, other := storetest.Open(t, url), storetest.Open(t, url)
		func() {
			defer func() {
				if recover() == nil {
					t.Error("Write recovered the panic")
				}
			}()
			_ = db.Write(t.Context(), func(tx *sql.Tx) error {
				_, _ = tx.ExecContext(t.Context(), insertSession, "half")
				panic("boom")
			})
		}()
		for name, db := range map[string]*store.DB{"the process": db, "another process": other} {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			if err := db.Write(ctx, func(tx *sql.Tx) error {
				var count int
				if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM sessions`).Scan(&count); err != nil || count != 0 {
					t.Errorf("the transaction was not rolled back: %d rows, %v", count, err)
				}
				return nil
			}); err != nil {
				t.Fatalf("after a panic %s cannot write: %v", name, err)
			}
		}
	})
}

func TestWaitForWriteLockIsCanceled(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.SQLite(t))
	err := db.Write(t.Context(), func(*sql.Tx) error {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := db.Write(ctx, func(*sql.Tx) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("a second writer: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Two processes with 50 writers each read the newest number and insert the next one. On PostgreSQL the database's
// default isolation level would give each writer a snapshot from before it waited for the lock.
func TestWritesAreSerialized(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		first := storetest.Open(t, url)
		if first.Postgres() {
			storetest.Exec(
				t,
				first,
				`DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET default_transaction_isolation = `+
					`''serializable'''; END $$`,
			)
			_ = first.Close()
			first = storetest.Open(t, url)
		}
		storetest.Exec(t, first, `CREATE TABLE chain (seq INTEGER NOT NULL PRIMARY KEY, writer INTEGER NOT NULL)`)
		both := []*store.DB{first, storetest.Open(t, url)}
		const writers = 100
		var group sync.WaitGroup
		for writer := range writers {
			group.Go(func() {
				err := both[writer%2].Write(t.Context(), func(tx *sql.Tx) error {
					var last int
					if err := tx.QueryRowContext(t.Context(), `SELECT COALESCE(MAX(seq), 0) FROM chain`).Scan(&last); err != nil {
						return err
					}
					_, err := tx.ExecContext(t.Context(), `INSERT INTO chain (seq, writer) VALUES ($1, $2)`, last+1, writer)
					return err
				})
				if err != nil {
					t.Errorf("writer %d: %v", writer, err)
				}
			})
		}
		group.Wait()
		var last, count, different int
		err := first.SQL().
			QueryRowContext(t.Context(), `SELECT MAX(seq), COUNT(*), COUNT(DISTINCT writer) FROM chain`).
			Scan(&last, &count, &different)
		if err != nil {
			t.Fatal(err)
		}
		if last != writers || count != writers || different != writers {
			t.Errorf("the last number is %d of %d, by %d writers", last, count, different)
		}
	})
}
