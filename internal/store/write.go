package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// ErrReadOnly says that PostgreSQL only lets the database be read: it is a standby, or somebody has closed it to
// writers.
var ErrReadOnly = errors.New("the database can only be read at present")

// writeLock is the advisory lock that every writer of a PostgreSQL database takes: its number has no meaning but this.
const writeLock = 0x766f7877 // "voxw"

// Write runs fn in a transaction that may write, and commits it when fn returns nil. Of all processes that share the
// database one writes at a time, from the first statement of fn to the commit, so that what fn has read still holds
// when it writes. An error means that nothing was written, save one that wraps ErrUnknownCommit.
func (db *DB) Write(ctx context.Context, fn func(tx *sql.Tx) error) error {
	return db.transact(ctx, false, fn)
}

// transact is Write. A patient one waits for the writer and for its own statements as long as it takes.
func (db *DB) transact(ctx context.Context, noTimeout bool, fn func(tx *sql.Tx) error) (err error) {
	select {
	case db.writer <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("waiting for the writer: %w", ctx.Err())
	}
	defer func() { <-db.writer }()
	tx, err := db.begin(ctx, noTimeout)
	if err != nil {
		return err
	}
	// Also when fn panics: a transaction left open would keep the writer from everybody for good.
	defer func() { err = errors.Join(err, ignoreDone(tx.Rollback())) }()
	if err := fn(tx); err != nil {
		return err
	}
	return db.commit(ctx, tx)
}

// begin begins a transaction that has the writer. SQLite gives it with the transaction, see dsn. On PostgreSQL every
// statement must see what was committed before it, the former writer's work too, whatever the database's own default
// is: at a stricter level, the wait for the lock would already belong to an older view.
func (db *DB) begin(ctx context.Context, noTimeout bool) (*sql.Tx, error) {
	if !db.postgres {
		tx, err := db.sql.BeginTx(ctx, nil)
		if err != nil {
			return nil, fmt.Errorf("beginning a transaction: %w", err)
		}
		return tx, nil
	}
	tx, err := db.sql.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return nil, fmt.Errorf("beginning a transaction: %w", err)
	}
	if err := acquireWriter(ctx, tx, noTimeout); err != nil {
		return nil, errors.Join(err, ignoreDone(tx.Rollback()))
	}
	return tx, nil
}

func acquireWriter(ctx context.Context, tx *sql.Tx, noTimeout bool) error {
	if noTimeout {
		if _, err := tx.ExecContext(ctx, `SET LOCAL statement_timeout = 0`); err != nil {
			return fmt.Errorf("taking the writer: %w", err)
		}
	}
	var locked, readOnly string
	err := tx.QueryRowContext(
		ctx,
		`SELECT pg_advisory_xact_lock($1)::text, current_setting('transaction_read_only')`,
		writeLock,
	).
		Scan(&locked, &readOnly)
	switch {
	case err != nil:
		return fmt.Errorf("taking the writer: %w", err)
	case readOnly == "on":
		return ErrReadOnly
	}
	return nil
}

// ignoreDone drops the error of rolling back what was committed, or what the database has already rolled back itself.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}
