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

// Write runs fn in a transaction and commits it when fn returns nil. Of all processes that share the database one
// writes at a time, from the first statement of fn to the commit, so what fn has read still holds when it writes.
// After an error nothing was written, unless the error wraps ErrUnknownCommit. It returns ErrSchemaChanged once another
// version of the program has upgraded the tables.
func (db *DB) Write(ctx context.Context, fn func(tx *sql.Tx) error) error {
	return db.transact(ctx, false, func(tx *sql.Tx) error {
		// A statement of its own: that which waits for the write lock does not see what was committed meanwhile.
		if err := db.checkUnchanged(ctx, tx); err != nil {
			return err
		}
		return fn(tx)
	})
}

// transact is Write. With noTimeout it waits for the write lock and for its statements without a limit.
func (db *DB) transact(ctx context.Context, noTimeout bool, fn func(tx *sql.Tx) error) (err error) {
	select {
	case db.writer <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("waiting for the write lock: %w", ctx.Err())
	}
	defer func() { <-db.writer }()
	if err := db.file.check(); err != nil {
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

// begin begins a transaction that holds the write lock. On SQLite the lock comes with the transaction, see dsn. On
// PostgreSQL the isolation level is READ COMMITTED, whatever the database's default is: at a stricter level the
// transaction would take its snapshot before it has waited for the lock, and miss what the previous writer committed.
func (db *DB) begin(ctx context.Context, noTimeout bool) (*sql.Tx, error) {
	if !db.postgres {
		return db.beginSQLite(ctx)
	}
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
	for deadline := time.Now().Add(busyTimeout); ; {
		tx, err := db.sql.BeginTx(ctx, nil)
		if err == nil {
			return tx, nil
		}
		if !isBusy(err) || time.Now().After(deadline) {
			return nil, fmt.Errorf("beginning a transaction: %w", err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("beginning a transaction: %w", ctx.Err())
		case <-time.After(busyPause):
		}
	}
}

const (
	busyTimeout = 10 * time.Second     // how long a connection waits for the lock of another one
	busyPause   = 5 * time.Millisecond // between two attempts to begin a transaction
)

// busyPragma makes a connection to SQLite wait for locks.
func busyPragma() string { return fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()) }

// isBusy reports whether SQLite refused a statement because another connection has a lock.
func isBusy(err error) bool {
	busy, is := errors.AsType[*sqlite.Error](err)
	return is && busy.Code()&0xff == sqlite3.SQLITE_BUSY
}

func acquireWriteLock(ctx context.Context, tx *sql.Tx, noTimeout bool) error {
	if noTimeout {
		if _, err := tx.ExecContext(ctx, `SET LOCAL statement_timeout = 0`); err != nil {
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
