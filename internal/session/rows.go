package session

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"time"

	"github.com/gorilla/sessions"

	"github.com/voxwarden/voxwarden/internal/store"
)

// idBytes is the length of a session id: 256 bits.
const idBytes = 32

// clockSlack is how far seen_at may be in the future, because the clocks of replicas differ. A later time comes from
// a clock that was wrong; the session would live too long by that much.
const clockSlack = time.Minute

// row is a row of the table, with decrypted values.
type row struct {
	values        map[any]any
	flash         []byte // still encrypted
	created, seen int64  // unix milliseconds
	newestEvent   int64  // see Store.NewestEvent
}

// read reads the row of the session with a hash, also an expired one. It returns sql.ErrNoRows when there is none, and
// when no key decrypts it.
func (s *Store) read(ctx context.Context, hash string) (row, error) {
	var (
		found row
		data  []byte
	)
	err := s.row.QueryRow(ctx, hash).Scan(&data, &found.flash, &found.created, &found.seen, &found.newestEvent)
	if err != nil {
		return row{}, fmt.Errorf("reading a session: %w", err)
	}
	if !s.decrypt(hash, dataColumn, data, &found.values) {
		return row{}, sql.ErrNoRows
	}
	return found, nil
}

// cutoffs returns the limits of a valid session in Unix milliseconds: created_at and seen_at must be later than
// created and seen, and seen_at must not be later than latest.
func (s *Store) cutoffs(now time.Time) (created, seen, latest int64) {
	return now.Add(-s.max).UnixMilli(), now.Add(-s.idle).UnixMilli(), now.Add(clockSlack).UnixMilli()
}

// readValid is read for a session that has not expired. For another one it returns sql.ErrNoRows.
func (s *Store) readValid(ctx context.Context, hash string) (row, error) {
	found, err := s.read(ctx, hash)
	if err != nil {
		return row{}, err
	}
	created, seen, latest := s.cutoffs(s.now())
	if found.created <= created || found.seen <= seen || found.seen > latest {
		return row{}, sql.ErrNoRows
	}
	return found, nil
}

// load fills a session from its row and updates seen_at. It returns sql.ErrNoRows for an expired session.
func (s *Store) load(ctx context.Context, session *sessions.Session, id string) error {
	now, hash := s.now(), hashOf(id)
	found, err := s.readValid(ctx, hash)
	if err != nil {
		return err
	}
	session.ID, session.IsNew, session.Values = id, false, found.values
	session.Values[newestEventKey{}] = found.newestEvent
	if len(found.flash) > 0 {
		session.Values[flashKey{}] = found.flash
	}
	if now.Sub(time.UnixMilli(found.seen)) < s.lastUses.pause || !s.lastUses.claim(hash, now) {
		return nil
	}
	// An error is ignored: a full database can still be read. The session then expires earlier. The condition keeps
	// a later use that another replica has written.
	_, _ = s.write(
		ctx,
		`UPDATE sessions SET seen_at = $1 WHERE hash = $2 AND seen_at <= $3`,
		now.UnixMilli(),
		hash,
		now.Add(-s.lastUses.pause).UnixMilli(),
	)
	return nil
}

// update writes values into the row of a session, unless the row was deleted in the meantime or has newer groups: of
// two concurrent renewals, the slower one must not restore older groups.
func (s *Store) update(ctx context.Context, hash string, values map[any]any) error {
	data, err := s.encrypt(hash, dataColumn, values)
	if err != nil {
		return err
	}
	at := operatorIn(values).GroupsAt.UnixMilli()
	_, err = s.write(
		ctx,
		`UPDATE sessions SET data = $1, groups_at = $2 WHERE hash = $3 AND groups_at <= $4`,
		data,
		at,
		hash,
		at,
	)
	return err
}

// removeKnown deletes the row of a session, also of an expired one, and empties the session. It does not write for an
// unknown id, so that strangers with made-up cookies do not keep others from writing.
func (s *Store) removeKnown(r *http.Request, session *sessions.Session) error {
	id := previousID(r, session)
	known := session.ID != ""
	if !known {
		_, err := s.read(r.Context(), id)
		if known = err == nil; !known && !isNoRow(err) {
			return err
		}
	}
	if known {
		if _, err := s.write(r.Context(), `DELETE FROM sessions WHERE hash = $1`, hashOf(id)); err != nil {
			return err
		}
	}
	empty(session)
	return nil
}

// write runs a statement and returns the number of changed rows. It ignores the cancellation of ctx, because a
// disconnecting browser must not prevent signing out or the storing of tokens that the provider has already replaced.
func (s *Store) write(ctx context.Context, query string, args ...any) (int, error) {
	ctx, cancel := store.Detach(ctx)
	defer cancel()
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

// newID returns a new session id.
func newID() string { return base64.RawURLEncoding.EncodeToString(random(idBytes)) }

// empty detaches a session from its row and removes its values.
func empty(session *sessions.Session) {
	session.ID, session.IsNew, session.Values = "", true, map[any]any{}
}

// valuesOf returns the values for the data column: all except the flash message, which has a column of its own, and the
// newest event.
func valuesOf(session *sessions.Session) map[any]any {
	values := maps.Clone(session.Values)
	delete(values, flashKey{})
	delete(values, newestEventKey{})
	return values
}

// isNoRow reports whether an error means that there is no such session.
func isNoRow(err error) bool { return errors.Is(err, sql.ErrNoRows) }
