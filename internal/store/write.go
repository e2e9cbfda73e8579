package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrReadOnly is returned when PostgreSQL does not allow writes: it is a standby, or default_transaction_read_only is
// on.
var ErrReadOnly = errors.New("the database is read-only at the moment")

// writeLock is the number of the advisory lock that every writer of a PostgreSQL database acquires.
const writeLock = 0x766f7877 // "voxw"

// lockTimeout is how long a statement waits for the locks of other writers: on PostgreSQL for each lock, on SQLite for
// the one lock of the file.
const lockTimeout = 5 * time.Second

// ErrBusy is returned by Write when the other writers of this process do not end in time. Nothing was written.
var ErrBusy = errors.New("the database is busy: earlier writes have not ended")

// Write runs fn in a transaction and commits it when fn returns nil. Of all processes that share the database one
// writes at a time, from the first statement of fn to the commit, so what fn has read still holds when it writes.
// After an error nothing was written, unless the error wraps ErrUnknownCommit. It returns ErrSchemaChanged once another
// version of the program has upgraded the tables.
//
// Until fn is called, Write waits at most lockTimeout twice: for the writers of this process, and for those of others.
func (db *DB) Write(ctx context.Context, fn func(tx *sql.Tx) error) error {
	return db.transact(ctx, false, db.ifUnchanged(ctx, fn))
}

// WriteWithoutLimit is Write without limits for locks and statements. It is for commands that are run by hand and may
// take long.
func (db *DB) WriteWithoutLimit(ctx context.Context, fn func(tx *sql.Tx) error) error {
	return db.transact(ctx, true, db.ifUnchanged(ctx, fn))
}

// ifUnchanged returns a function that calls fn unless the schema has changed.
func (db *DB) ifUnchanged(ctx context.Context, fn func(tx *sql.Tx) error) func(tx *sql.Tx) error {
	return func(tx *sql.Tx) error {
		// A statement of its own: that which waits for the write lock does not see what was committed meanwhile.
		if err := db.checkUnchanged(ctx, tx); err != nil {
			return err
		}
		return fn(tx)
	}
}

// transact runs fn in a transaction that holds the write lock. With noTimeout it waits for the lock and for its
// statements without a limit.
func (db *DB) transact(ctx context.Context, noTimeout bool, fn func(tx *sql.Tx) error) (err error) {
	defer func() { // after the rollback
		if KindOf(db.count(err)) == DiskFullError {
			db.full.Store(true)
		}
	}()
	if noTimeout {
		defer db.limit.suspend()()
	}
	if err := db.waitForWriters(ctx, noTimeout); err != nil {
		return err
	}
	defer func() { <-db.writer }()
	if err := db.checkFiles(ctx); err != nil {
		return err
	}
	tx, err := db.begin(ctx, noTimeout)
	if err != nil {
		return err
	}
	// A transaction that is left open after a panic in fn would block all writers.
	defer func() { err = errors.Join(err, ignoreDone(tx.Rollback())) }()
	if err := fn(tx); err != nil {
		return err
	}
	return db.commit(ctx, tx)
}

// waitForWriters waits until no other transaction of this process writes.
func (db *DB) waitForWriters(ctx context.Context, noTimeout bool) error {
	var timeout <-chan time.Time // never, when it is nil
	if !noTimeout {
		timer := time.NewTimer(db.lockTimeout)
		defer timer.Stop()
		timeout = timer.C
	}
	select {
	case db.writer <- struct{}{}:
		return nil
	case <-timeout:
		return ErrBusy
	case <-ctx.Done():
		return fmt.Errorf("waiting for the write lock: %w", ctx.Err())
	}
}

// begin begins a transaction that holds the write lock. On SQLite the lock comes with the transaction, see dsn. A
// connection to PostgreSQL that is lost before the lock is held has written nothing, so another one is tried once.
func (db *DB) begin(ctx context.Context, noTimeout bool) (*sql.Tx, error) {
	if !db.postgres {
		return db.beginSQLite(ctx)
	}
	tx, err := db.beginPostgres(ctx, noTimeout)
	if connectionLost(err) && ctx.Err() == nil {
		return db.beginPostgres(ctx, noTimeout)
	}
	return tx, err
}

// beginPostgres begins a transaction at the isolation level READ COMMITTED, whatever the database's default is: at a
// stricter level the transaction would take its snapshot before it has waited for the lock, and miss what the previous
// writer committed.
func (db *DB) beginPostgres(ctx context.Context, noTimeout bool) (*sql.Tx, error) {
	tx, err := db.sql.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return nil, fmt.Errorf("beginning a transaction: %w", err)
	}
	if err := acquireWriteLock(ctx, tx, noTimeout); err != nil {
		return nil, errors.Join(err, ignoreDone(tx.Rollback()))
	}
	return tx, nil
}

// beginSQLite begins a transaction on SQLite. It tries again when the database is busy while a connection is opened:
// SQLite does not wait then, when another process creates or deletes the write-ahead log.
func (db *DB) beginSQLite(ctx context.Context) (*sql.Tx, error) {
	for started := time.Now(); ; {
		tx, err := db.sql.BeginTx(ctx, nil)
		if err == nil {
			return tx, nil
		}
		// Another attempt would wait for the whole time once more.
		if !isBusy(err) || time.Since(started) > lockTimeout/2 {
			return nil, fmt.Errorf("beginning a transaction: %w", err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("beginning a transaction: %w", ctx.Err())
		case <-time.After(busyPause):
		}
	}
}

// busyPause is the time between two attempts to begin a transaction.
const busyPause = 5 * time.Millisecond

// busyPragma makes a connection to SQLite wait for locks.
func busyPragma() string { return fmt.Sprintf("busy_timeout(%d)", lockTimeout.Milliseconds()) }

// isBusy reports whether SQLite refused a statement because another connection has a lock.
func isBusy(err error) bool {
	busy, is := errors.AsType[*sqlite.Error](err)
	return is && busy.Code()&0xff == sqlite3.SQLITE_BUSY
}

func acquireWriteLock(ctx context.Context, tx *sql.Tx, noTimeout bool) error {
	if noTimeout {
		// Both in one round trip, which does not wait for locks itself.
		const noLimits = `SELECT set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true)`
		if _, err := tx.ExecContext(ctx, noLimits); err != nil {
			return fmt.Errorf("acquiring the write lock: %w", err)
		}
	}
	var locked, readOnly string
	err := tx.QueryRowContext(
		ctx,
		`SELECT pg_advisory_xact_lock($1)::text, current_setting('transaction_read_only')`,
		writeLock,
	).Scan(&locked, &readOnly)
	switch {
	case err != nil:
		return fmt.Errorf("acquiring the write lock: %w", err)
	case readOnly == "on":
		return ErrReadOnly
	}
	return nil
}

// ignoreDone returns nil for the error of rolling back a transaction that was committed or rolled back before.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}
