package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// ErrUnknownCommit is returned when the connection to the database was lost during a commit and the database did not
// come back in time: the transaction may have been committed or not.
var ErrUnknownCommit = errors.New("the connection to the database was lost while committing")

// The status of a commit without a reply is queried every commitPause, for commitTimeout in all.
const (
	commitTimeout = 10 * time.Second
	commitPause   = 200 * time.Millisecond
)

// commit commits a transaction. PostgreSQL's reply may be lost after the commit has happened. The database is then
// asked for the status of the transaction by its number, so that a committed intent is not taken for one that failed.
func (db *DB) commit(ctx context.Context, tx *sql.Tx) error {
	if !db.postgres {
		return committed(tx.Commit())
	}
	var number string
	if err := tx.QueryRowContext(
		ctx,
		`SELECT COALESCE(pg_current_xact_id_if_assigned()::text, '')`,
	).Scan(&number); err != nil {
		return fmt.Errorf("reading the transaction number: %w", err)
	}
	err := tx.Commit()
	_, replied := errors.AsType[*pgconn.PgError](err)
	if err == nil || replied && !connectionEnded(err) || number == "" || errors.Is(err, sql.ErrTxDone) {
		return committed(err)
	}
	return db.resolveCommit(context.WithoutCancel(ctx), number, err)
}

func committed(err error) error {
	if err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// connectionEnded reports whether the server ended the connection (class 57P), which says nothing about the commit.
func connectionEnded(err error) bool {
	reply, ok := errors.AsType[*pgconn.PgError](err)
	return ok && len(reply.Code) == 5 && reply.Code[:3] == "57P"
}

// resolveCommit asks the database for the status of a transaction after a commit without a reply. It returns nil when
// the transaction was committed, commitErr when it was aborted, and ErrUnknownCommit when the status stays unknown.
func (db *DB) resolveCommit(ctx context.Context, number string, commitErr error) error {
	ctx, cancel := context.WithTimeout(ctx, db.commitTimeout)
	defer cancel()
	for {
		var status sql.NullString
		err := db.sql.QueryRowContext(ctx, `SELECT pg_xact_status($1::xid8)`, number).Scan(&status)
		switch {
		case err == nil && status.String == "committed":
			return nil
		case err == nil && status.String == "aborted":
			return fmt.Errorf("committing: %w", commitErr)
		}
		// The server has not yet noticed that the connection is gone, or is not reachable itself.
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ErrUnknownCommit, commitErr)
		case <-time.After(commitPause):
		}
	}
}
