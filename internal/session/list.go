package session

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/store"
)

// Session is an entry of the list of sessions.
type Session struct {
	Hash             string            // as in the audit log
	Operator         operator.Operator // only issuer and subject when no key decrypts the row
	Address, Browser string            // of the sign-in request; not verified
	CreatedAt        time.Time         // UTC
	SeenAt           time.Time         // UTC, up to a minute before the last use
}

// Sessions returns the valid sessions of the operator with the id subject, or of all operators when subject is empty,
// the most recently used first.
func (s *Store) Sessions(ctx context.Context, subject string) (all []Session, err error) {
	created, seen, latest := s.cutoffs(s.now())
	rows, err := s.db.SQL().QueryContext(ctx, `SELECT hash, data, subject, created_at, seen_at FROM sessions
		WHERE created_at > $1 AND seen_at > $2 AND seen_at <= $3 AND ($4 = '' OR subject = $4)
			ORDER BY seen_at DESC, created_at DESC, hash`,
		created, seen, latest, subject)
	if err != nil {
		return nil, fmt.Errorf("listing sessions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var (
			entry  Session
			owner  string
			data   []byte
			values map[any]any
		)
		if err := rows.Scan(&entry.Hash, &data, &owner, &created, &seen); err != nil {
			return nil, fmt.Errorf("listing sessions: %w", err)
		}
		entry.CreatedAt, entry.SeenAt = time.UnixMilli(created).UTC(), time.UnixMilli(seen).UTC()
		if s.decrypt(entry.Hash, dataColumn, data, &values) {
			entry.Operator = operatorIn(values)
			entry.Address = textIn(values, addressKey)
			entry.Browser = textIn(values, browserKey)
		}
		if !entry.Operator.Authenticated() {
			entry.Operator = operator.Operator{}
			entry.Operator.Issuer, entry.Operator.Subject, _ = strings.Cut(owner, "|")
		}
		all = append(all, entry)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("listing sessions: %w", err)
	}
	return all, nil
}

// Ended is what ending sessions did.
type Ended struct {
	Operator string // "issuer|subject", "" when nothing was deleted
	Sessions int    // how many valid sessions were deleted
	Rows     int    // how many were deleted, with those that had expired
}

// Record calls end in a write transaction, and writes what it ended in the same transaction: what must know of ended
// sessions later does not miss any. A nil Record only calls end.
type Record func(ctx context.Context, end func(tx *sql.Tx) (Ended, error)) error

// End deletes the session with a hash if it belongs to the operator with the id subject; an empty subject means any
// operator. It reports whether a valid session was deleted.
func (s *Store) End(ctx context.Context, hash, subject string, record Record) (ended bool, err error) {
	n, err := s.end(ctx, record, `hash = $1 AND ($2 = '' OR subject = $2)`, hash, subject)
	return n > 0, err
}

// EndOtherSessions deletes the sessions of the operator with the id subject, except the one with the hash keep; an
// empty keep keeps none. It returns the number of valid sessions that it deleted.
func (s *Store) EndOtherSessions(ctx context.Context, subject, keep string, record Record) (int, error) {
	return s.end(ctx, record, `subject = $1 AND hash <> $2`, subject, keep)
}

// end deletes the rows that match a condition and returns how many of them were valid sessions, which the list shows.
func (s *Store) end(ctx context.Context, record Record, condition string, args ...any) (int, error) {
	ctx, cancel := store.Detach(ctx)
	defer cancel()
	var done Ended
	end := func(tx *sql.Tx) (_ Ended, err error) {
		done, err = s.deleteRows(ctx, tx, condition, args...)
		return done, err
	}
	if record == nil {
		record = func(ctx context.Context, end func(tx *sql.Tx) (Ended, error)) error {
			return s.db.Write(ctx, func(tx *sql.Tx) error {
				_, err := end(tx)
				return err
			})
		}
	}
	if err := record(ctx, end); err != nil {
		return 0, fmt.Errorf("ending sessions: %w", err)
	}
	return done.Sessions, nil
}

func (s *Store) deleteRows(ctx context.Context, tx *sql.Tx, condition string, args ...any) (done Ended, err error) {
	rows, err := tx.QueryContext(
		ctx,
		`DELETE FROM sessions WHERE `+condition+` RETURNING subject, created_at, seen_at`,
		args...,
	)
	if err != nil {
		return Ended{}, fmt.Errorf("deleting sessions: %w", err)
	}
	defer rows.Close()
	oldest, idle, latest := s.cutoffs(s.now())
	for rows.Next() {
		var created, seen int64
		if err := rows.Scan(&done.Operator, &created, &seen); err != nil {
			return Ended{}, fmt.Errorf("deleting sessions: %w", err)
		}
		done.Rows++
		if created > oldest && seen > idle && seen <= latest {
			done.Sessions++
		}
	}
	if err := rows.Err(); err != nil {
		return Ended{}, fmt.Errorf("deleting sessions: %w", err)
	}
	return done, nil
}
