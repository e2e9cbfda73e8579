package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// ErrUnknownCommit says that the database was lost in the middle of a commit and did not come back in time to tell
// whether it had happened: what was written may be there or not.
var ErrUnknownCommit = errors.New("the database was lost while committing")

// How long, and how often, a database that was lost while committing is asked what became of it.
const (
	commitTimeout = 10 * time.Second
	commitPause   = 200 * time.Millisecond
)

// commit commits. SQLite's answer is final. PostgreSQL's may be lost on its way, after the commit has happened: the
// database itself is asked then, by the transaction's number, so that an intent that is in the record is not taken for
// one that is not.
func (db *DB) commit(ctx context.Context, tx *sql.Tx) error {
	if !db.postgres {
		return committed(tx.Commit())
	}
	var number string
	if err := tx.QueryRowContext(
		ctx,
		`SELECT COALESCE(pg_current_xact_id_if_assigned()::text, '')`,
	).Scan(&number); err != nil {
		return fmt.Errorf("before committing: %w", err)
	}
	err := tx.Commit()
	if _, answered := errors.AsType[*pgconn.PgError](err); err == nil || answered && !connectionEnded(err) ||
		number == "" ||
		errors.Is(err, sql.ErrTxDone) {
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

// connectionEnded says whether the server told why it ended the connection (class 57P), which is no word on the commit.
func connectionEnded(err error) bool {
	said, ok := errors.AsType[*pgconn.PgError](err)
	return ok && len(said.Code) == 5 && said.Code[:3] == "57P"
}

// resolveCommit asks the database what became of a transaction whose commit was not answered: nil when it was
// committed, else the error of the commit.
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
		// The server has not noticed yet that the connection is gone, or is not there itself.
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ErrUnknownCommit, commitErr)
		case <-time.After(commitPause):
		}
	}
}
