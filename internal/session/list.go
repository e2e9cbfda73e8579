package session

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
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
	SeenAt           time.Time         // UTC, up to a thirtieth of the idle limit before the last use
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

// End deletes the session with a hash if it belongs to the operator with the id subject; an empty subject means any
// operator. It reports whether a valid session was deleted.
func (s *Store) End(ctx context.Context, hash, subject string) (ended bool, err error) {
	n, err := s.end(ctx, `hash = $1 AND ($2 = '' OR subject = $2)`, hash, subject)
	return n > 0, err
}

// EndOtherSessions deletes the sessions of the operator with the id subject, except the one with the hash keep; an
// empty keep keeps none. It returns the number of valid sessions that it deleted.
func (s *Store) EndOtherSessions(ctx context.Context, subject, keep string) (int, error) {
	return s.end(ctx, `subject = $1 AND hash <> $2`, subject, keep)
}

// end deletes the rows that match a condition and returns how many of them were valid sessions, which the list shows.
func (s *Store) end(ctx context.Context, condition string, args ...any) (int, error) {
	ctx = context.WithoutCancel(ctx)
	created, seen, latest := s.cutoffs(s.now())
	var n int64
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		query := `DELETE FROM sessions WHERE ` + condition
		valid := store.Args(slices.Clone(args))
		result, err := tx.ExecContext(
			ctx,
			query+` AND created_at > `+valid.Add(created)+` AND seen_at > `+valid.Add(seen)+
				` AND seen_at <= `+valid.Add(latest),
			valid...,
		)
		if err != nil {
			return err
		}
		if n, err = result.RowsAffected(); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, query, args...)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("ending sessions: %w", err)
	}
	return int(n), nil
}
