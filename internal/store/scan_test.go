package store_test

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// endlessQuery never finds its first row.
const endlessQuery = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n`

func runEndless(ctx context.Context, conn *sql.Conn) error {
	var count int
	return conn.QueryRowContext(ctx, endlessQuery).Scan(&count)
}

// While all connections for scans are in use, sessions are read and changes written.
func TestScansHoldNoOtherConnections(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		const scans = 20
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		running, ended := make(chan struct{}, scans), make(chan error, scans)
		for range scans {
			go func() {
				ended <- db.Scan(ctx, func(ctx context.Context, conn *sql.Conn) error {
					running <- struct{}{}
					return runEndless(ctx, conn)
				})
			}()
		}
		<-running
		<-running
		for range 50 { // more than there are connections
			write(t, db, time.Now().String())
		}
		if got := countSessions(t, db); got != 50 {
			t.Errorf("%d sessions, want 50", got)
		}
		if len(running) > 0 {
			t.Errorf("%d scans run at a time, want 2", 2+len(running))
		}
		cancel()
		for range scans {
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("a canceled scan: %v", err)
			}
		}
		// Their connections are free again.
		for range 3 {
			var one int
			if err := db.Scan(t.Context(), func(ctx context.Context, conn *sql.Conn) error {
				return conn.QueryRowContext(ctx, `SELECT 1`).Scan(&one)
			}); err != nil || one != 1 {
				t.Errorf("a scan afterwards: %d, %v", one, err)
			}
		}
	})
}

// A scan that takes too long is ended, in the database too, and says so.
func TestScanTimeout(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		db.SetScanTimeout(20 * time.Millisecond)
		if err := db.Scan(t.Context(), runEndless); !errors.Is(err, store.ErrScanTimeout) {
			t.Errorf("an endless scan: %v", err)
		}
		if !db.Postgres() {
			return // the query ran in this process and has returned
		}
		const active = `SELECT COUNT(*) FROM pg_stat_activity WHERE state = 'active' AND query = $1`
		for count := 1; count > 0; { // until the test times out
			if err := db.SQL().QueryRowContext(t.Context(), active, endlessQuery).Scan(&count); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// A shorter limit of PostgreSQL's own is a time limit too.
func TestScanStatementTimeout(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.EmptyPostgres(t)+"&statement_timeout=20")
	if err := db.Scan(t.Context(), runEndless); !errors.Is(err, store.ErrScanTimeout) {
		t.Errorf("an endless scan: %v", err)
	}
}

// A command line reads as long as it takes: its scans have no limit of their own.
func TestReadOnlyScan(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		write(t, storetest.Open(t, url), "a")
		db, err := store.OpenReadOnly(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var count int
		err = db.Scan(t.Context(), func(ctx context.Context, conn *sql.Conn) error {
			if deadline, limited := ctx.Deadline(); limited {
				t.Errorf("ends at %s", deadline)
			}
			return conn.QueryRowContext(ctx, `SELECT COUNT(*) FROM sessions`).Scan(&count)
		})
		if err != nil || count != 1 {
			t.Errorf("%d sessions, %v", count, err)
		}
	})
}

// A scan does not wait for others for long.
func TestScanWaitsForOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := storetest.Open(t, storetest.SQLite(t))
		release := make(chan struct{})
		var holding sync.WaitGroup
		for range 2 {
			holding.Go(func() {
				_ = db.Scan(t.Context(), func(context.Context, *sql.Conn) error { <-release; return nil })
			})
		}
		synctest.Wait()
		began := time.Now()
		nothing := func(context.Context, *sql.Conn) error { return nil }
		if err := db.Scan(t.Context(), nothing); !errors.Is(err, store.ErrScansBusy) || time.Since(began) != 10*time.Second {
			t.Errorf("a third scan: %v after %s", err, time.Since(began))
		}
		close(release)
		holding.Wait()
		if err := db.Scan(t.Context(), nothing); err != nil {
			t.Errorf("a scan afterwards: %v", err)
		}
	})
}
