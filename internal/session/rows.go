package session

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/gorilla/sessions"
)

// idBytes is the length of a session id: 256 bits, which nobody guesses.
const idBytes = 32

// seenUpdatesPerIdle is into how many parts the idle limit is divided for noting use: not every click writes to the
// database, and a session ends at most one part too early.
const seenUpdatesPerIdle = 30

// clockSlack is how far in the future a session may have been seen: by as much the clocks of replicas may differ.
// What is later comes from a clock that was wrong and was put right, and would live for longer by as much as that was
// ahead.
const clockSlack = time.Minute

// A row is a session as the table has it, opened.
type row struct {
	values        map[any]any
	flash         []byte // still sealed
	created, seen int64  // unix milliseconds
}

// read reads a session's row, whether it is over or not. It answers sql.ErrNoRows when there is none, or none that
// a key opens.
func (s *Store) read(ctx context.Context, id string) (row, error) {
	var (
		found row
		data  []byte
	)
	hash := hashOf(id)
	err := s.db.SQL().QueryRowContext(ctx, `SELECT data, flash, created_at, seen_at FROM sessions WHERE hash = $1`, hash).
		Scan(&data, &found.flash, &found.created, &found.seen)
	if err != nil {
		return row{}, fmt.Errorf("reading a session: %w", err)
	}
	if !s.open(hash, dataColumn, data, &found.values) {
		return row{}, sql.ErrNoRows
	}
	return found, nil
}

// cutoffs answers the times, in unix milliseconds, after which a session must have begun and must have been seen, and
// the latest at which it can have been.
func (s *Store) cutoffs(now time.Time) (created, seen, latest int64) {
	return now.Add(-s.max).UnixMilli(), now.Add(-s.idle).UnixMilli(), now.Add(clockSlack).UnixMilli()
}

// load fills a session from its row, and notes that it was seen.
func (s *Store) load(ctx context.Context, session *sessions.Session, id string) error {
	now := s.now()
	found, err := s.read(ctx, id)
	if err != nil {
		return err
	}
	if created, seen, latest := s.cutoffs(now); found.created <= created || found.seen <= seen || found.seen > latest {
		return sql.ErrNoRows
	}
	session.ID, session.IsNew, session.Values = id, false, found.values
	if len(found.flash) > 0 {
		session.Values[flashKey{}] = found.flash
	}
	if now.Sub(time.UnixMilli(found.seen)) < s.idle/seenUpdatesPerIdle {
		return nil
	}
	// A database that is full can still be read, and so shall the console: without the note, the session ends sooner.
	_, _ = s.write(
		ctx,
		`UPDATE sessions SET seen_at = $1 WHERE hash = $2 AND seen_at < $3`,
		now.UnixMilli(),
		hashOf(id),
		now.UnixMilli(),
	)
	return nil
}

// update writes a session's values, unless the row has groups that were told later: of two requests at once, the
// slower one must not bring back older groups. A session that was ended meanwhile must not come back to life. In
// both cases the request goes on with what the table has.
func (s *Store) update(ctx context.Context, session *sessions.Session) error {
	hash := hashOf(session.ID)
	data, err := s.seal(hash, dataColumn, valuesOf(session))
	if err != nil {
		return err
	}
	at := operatorOf(session).GroupsAt.UnixMilli()
	n, err := s.write(
		ctx,
		`UPDATE sessions SET data = $1, groups_at = $2 WHERE hash = $3 AND groups_at <= $4`,
		data,
		at,
		hash,
		at,
	)
	if err != nil || n > 0 {
		return err
	}
	id := session.ID
	empty(session)
	if err := s.load(ctx, session, id); err != nil && !isNoRow(err) {
		return err
	}
	return nil
}

// remove deletes the row of an id, if it has one, and empties the session.
func (s *Store) remove(ctx context.Context, session *sessions.Session, id string) error {
	if _, err := s.write(ctx, `DELETE FROM sessions WHERE hash = $1`, hashOf(id)); err != nil {
		return err
	}
	empty(session)
	return nil
}

// write changes rows, and answers how many. A browser that goes away does not stop it: signing out must end the
// session, and tokens that a provider has already replaced must be kept.
func (s *Store) write(ctx context.Context, query string, args ...any) (int, error) {
	ctx = context.WithoutCancel(ctx)
	var n int64
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("writing sessions: %w", err)
	}
	return int(n), nil
}

// newID answers an id for a session.
func newID() string { return base64.RawURLEncoding.EncodeToString(random(idBytes)) }

// empty takes a session's row and values away from it.
func empty(session *sessions.Session) {
	session.ID, session.IsNew, session.Values = "", true, map[any]any{}
}

// valuesOf answers what the data column holds of a session: all but the message, which has a column of its own.
func valuesOf(session *sessions.Session) map[any]any {
	values := maps.Clone(session.Values)
	delete(values, flashKey{})
	return values
}

// isNoRow says whether an error means that there is no such session.
func isNoRow(err error) bool { return errors.Is(err, sql.ErrNoRows) }
