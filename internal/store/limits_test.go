package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// testLimit is longer than anything that works takes, and shorter than the time that a test may take.
const testLimit = 500 * time.Millisecond

// ends calls fn, and fails the test when it does not return.
func ends(t *testing.T, what string, fn func() error) (err error) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- fn() }()
	select {
	case err = <-done:
		return err
	case <-time.After(time.Minute):
		t.Fatalf("%s has not ended", what)
		return nil
	}
}

// A server that is frozen keeps no caller, although none has a deadline of its own.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	address := storetest.EmptyPostgres(t)
	proxy := storetest.NewProxy(t, address)
	db := storetest.Open(t, proxy.Address)
	db.SetSilenceLimit(testLimit)
	db.SetCommitTimeout(testLimit)
	ctx := context.WithoutCancel(t.Context())
	for name, use := range map[string]func() error{
		"a query": func() error {
			rows, err := db.SQL().QueryContext(ctx, `SELECT pg_backend_pid() FROM (SELECT 1) AS one`)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
			}
			return rows.Err()
		},
		"a statement": func() error { _, err := db.SQL().ExecContext(ctx, `DELETE FROM sessions`); return err },
		"a preparing": func() error {
			statement, err := db.SQL().PrepareContext(ctx, `SELECT 1`)
			if err != nil {
				return err
			}
			defer statement.Close()
			return nil
		},
		"a write":      func() error { return db.Write(ctx, func(*sql.Tx) error { return nil }) },
		"a job's lock": func() error { _, _, err := db.TryLock(ctx, "job"); return err },
		"a scan":       func() error { return db.Scan(ctx, func(context.Context, *sql.Conn) error { return nil }) },
	} {
		if err := ready(t, db); err != nil {
			t.Fatalf("before %s: %v", name, err)
		}
		proxy.Freeze()
		if err := ends(t, name, use); err == nil && name != "a scan" { // a scan without a query needs no reply
			t.Errorf("%s succeeded with a frozen server", name)
		}
		proxy.Thaw()
	}
	for name, within := range map[string]func(tx *sql.Tx) error{
		"a statement": func(tx *sql.Tx) error { _, err := tx.ExecContext(ctx, insertSession, "frozen"); return err },
		"a commit":    func(*sql.Tx) error { return nil },
		"a rollback":  func(*sql.Tx) error { return errors.New("rolled back") },
	} {
		err := ends(t, name, func() error {
			return db.Write(ctx, func(tx *sql.Tx) error {
				proxy.Freeze()
				return within(tx)
			})
		})
		if err == nil {
			t.Errorf("%s succeeded with a frozen server", name)
		}
		proxy.Thaw()
		if err := ready(t, db); err != nil {
			t.Errorf("after %s: %v", name, err)
		}
	}
	if count := countSessions(t, db); count != 0 {
		t.Errorf("%d rows", count)
	}
}

// useAll uses n connections at once.
func useAll(t *testing.T, db *store.DB, n int) {
	t.Helper()
	var conns []*sql.Conn
	for range n {
		conn, err := db.SQL().Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	for _, conn := range conns {
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Connections that were cut while they were idle fail no caller.
func TestLostConnections(t *testing.T) {
	t.Parallel()
	address := storetest.EmptyPostgres(t)
	direct := storetest.Open(t, address)
	proxy := storetest.NewProxy(t, address)
	db := storetest.Open(t, proxy.Address)
	const connections = 12
	for name, lose := range map[string]func(){
		"cut": proxy.Cut,
		"ended by the server": func() {
			storetest.Exec(t, direct, `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
				WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		},
	} {
		for range 2 { // the driver asks the server before the second use, and trusts the connection for a second
			useAll(t, db, connections)
		}
		lose()
		var callers sync.WaitGroup
		failures := make(chan error, 2*connections)
		for i := range connections {
			callers.Go(func() {
				var one int
				failures <- db.SQL().QueryRowContext(t.Context(), `SELECT 1`).Scan(&one)
			})
			callers.Go(func() {
				failures <- db.Write(t.Context(), func(tx *sql.Tx) error {
					_, err := tx.ExecContext(t.Context(), insertSession, fmt.Sprint(name, i))
					return err
				})
			})
		}
		callers.Wait()
		close(failures)
		for err := range failures {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if count := countSessions(t, db); count != 2*connections {
		t.Errorf("%d rows", count)
	}
}

// A statement during which the connection is lost is repeated once when that is safe, and never otherwise.
func TestConnectionLostInAStatement(t *testing.T) {
	t.Parallel()
	address := storetest.EmptyPostgres(t)
	direct := storetest.Open(t, address)
	proxy := storetest.NewProxy(t, address)
	db := storetest.Open(t, proxy.Address)
	ctx := t.Context()
	loseOnce := func(words string, verdict storetest.Verdict) {
		var lost atomic.Bool
		proxy.Inspect(func(data []byte) storetest.Verdict {
			if bytes.Contains(data, []byte(words)) && lost.CompareAndSwap(false, true) {
				return verdict
			}
			return storetest.Forward
		})
	}
	for _, verdict := range []storetest.Verdict{storetest.Drop, storetest.DropReply} {
		loseOnce("FROM sessions", verdict)
		countSessions(t, db)
		loseOnce("begin", verdict)
		if err := db.Write(ctx, func(*sql.Tx) error { return nil }); err != nil {
			t.Errorf("lost at BEGIN: %v", err)
		}
		loseOnce("pg_advisory_xact_lock", verdict)
		if err := db.Write(ctx, func(*sql.Tx) error { return nil }); err != nil {
			t.Errorf("lost while waiting for the write lock: %v", err)
		}
	}
	var inserts atomic.Int32
	loseInsert := func(data []byte) storetest.Verdict {
		if bytes.Contains(data, []byte("INSERT INTO sessions")) {
			inserts.Add(1)
			return storetest.DropReply
		}
		return storetest.Forward
	}
	proxy.Inspect(loseInsert)
	err := db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, insertSession, "lost")
		return err
	})
	if err == nil || inserts.Load() != 1 {
		t.Errorf("lost in a transaction that writes: %v, sent %d times", err, inserts.Load())
	}
	_, err = db.SQL().ExecContext(ctx, insertSession, "alone")
	if err == nil || inserts.Load() != 2 {
		t.Errorf("lost in a statement that writes: %v, sent %d times", err, inserts.Load()-1)
	}
	proxy.Inspect(nil)
	if err := ready(t, db); err != nil {
		t.Error(err)
	}
	if count := countSessions(t, direct); count > 1 {
		t.Errorf("%d rows", count)
	}
}

// A lock of another program on a table fails a statement, and the connection survives.
func TestLockedTable(t *testing.T) {
	t.Parallel()
	address := storetest.EmptyPostgres(t)
	other := storetest.Open(t, address)
	db := storetest.Open(t, address+"&lock_timeout=200ms")
	tx, err := other.SQL().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(t.Context(), `LOCK TABLE sessions`); err != nil {
		t.Fatal(err)
	}
	err = ends(t, "a query", func() error {
		var count int
		return db.SQL().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM sessions`).Scan(&count)
	})
	if !store.Unavailable(err) {
		t.Errorf("a query: %v", err)
	}
	err = ends(t, "a write", func() error {
		return db.Write(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.ExecContext(t.Context(), insertSession, "locked")
			return err
		})
	})
	if !store.Unavailable(err) {
		t.Errorf("a write: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	write(t, db, "afterwards")
}

// Writers wait for others of this process and of other ones only for a limited time.
func TestWritersWaitLimitedTime(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		_ = storetest.Open(t, url)
		if url[:8] == "postgres" {
			url += "&lock_timeout=200ms"
		}
		db, other := storetest.Open(t, url), storetest.Open(t, url)
		db.SetLockTimeout(200 * time.Millisecond)
		ctx := context.WithoutCancel(t.Context())
		for name, holder := range map[string]*store.DB{"this process": db, "another process": other} {
			holds, release, released := make(chan struct{}), make(chan struct{}), make(chan error, 1)
			go func() {
				released <- holder.Write(ctx, func(*sql.Tx) error {
					close(holds)
					<-release
					return nil
				})
			}()
			<-holds
			err := ends(t, "a write", func() error { return db.Write(ctx, func(*sql.Tx) error { return nil }) })
			if !store.Unavailable(err) {
				t.Errorf("while %s writes: %v", name, err)
			}
			close(release)
			if err := <-released; err != nil {
				t.Error(err)
			}
			if err := ready(t, db); err != nil {
				t.Errorf("after %s has written: %v", name, err)
			}
		}
	})
}
