package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"
)

// idBytes is the length of a session id: 256 bits, which nobody guesses.
const idBytes = 32

// seenParts is into how many parts the idle limit is divided for noting use: not every click writes to the
// database, and a session ends at most one part too early.
const seenParts = 30

// load fills a session from its row, and notes that it was seen.
func (s *Store) load(ctx context.Context, session *sessions.Session, id string) error {
	now, hash := s.now(), hashOf(id)
	var (
		data          []byte
		created, seen int64
	)
	err := s.db.QueryRowContext(ctx, `SELECT data, created_at, seen_at FROM sessions WHERE hash = ? AND created_at > ? AND seen_at > ?`,
		hash, now.Add(-s.max).UnixMilli(), now.Add(-s.idle).UnixMilli()).Scan(&data, &created, &seen)
	if err != nil {
		return fmt.Errorf("reading a session: %w", err)
	}
	if err := securecookie.DecodeMulti(hash, string(data), &session.Values, s.codecs...); err != nil {
		session.Values = map[any]any{}
		return sql.ErrNoRows
	}
	session.ID, session.IsNew = id, false
	if now.Sub(time.UnixMilli(seen)) < s.idle/seenParts {
		return nil
	}
	// A database that is full can still be read, and so shall the console: without the note, the session ends sooner.
	_, _ = s.db.ExecContext(ctx, `UPDATE sessions SET seen_at = ? WHERE hash = ?`, now.UnixMilli(), hash)
	return nil
}

// insert makes a row with a new id and sweeps the rows of sessions that are over. Rows are made
// by sign-ins only, so sweeping here bounds the table.
func (s *Store) insert(ctx context.Context, session *sessions.Session) error {
	secret := make([]byte, idBytes)
	_, _ = rand.Read(secret) // never fails: it ends the process instead
	id := base64.RawURLEncoding.EncodeToString(secret)
	data, err := securecookie.EncodeMulti(hashOf(id), session.Values, s.codecs...)
	if err != nil {
		return fmt.Errorf("sealing a session: %w", err)
	}
	now := s.now()
	if _, err := s.db.ExecContext(ctx, `DELETE FROM sessions WHERE created_at <= ? OR seen_at <= ?`,
		now.Add(-s.max).UnixMilli(), now.Add(-s.idle).UnixMilli()); err != nil {
		return fmt.Errorf("sweeping sessions: %w", err)
	}
	if _, err := s.db.ExecContext(ctx, `INSERT INTO sessions (hash, data, subject, created_at, seen_at) VALUES (?, ?, ?, ?, ?)`,
		hashOf(id), []byte(data), subjectOf(session), now.UnixMilli(), now.UnixMilli()); err != nil {
		return fmt.Errorf("writing a session: %w", err)
	}
	session.ID = id
	return nil
}

// update writes a session's values. The number of rows is not looked at: a session that was ended meanwhile must
// not come back to life.
func (s *Store) update(ctx context.Context, session *sessions.Session) error {
	hash := hashOf(session.ID)
	data, err := securecookie.EncodeMulti(hash, session.Values, s.codecs...)
	if err != nil {
		return fmt.Errorf("sealing a session: %w", err)
	}
	if _, err := s.db.ExecContext(ctx, `UPDATE sessions SET data = ? WHERE hash = ?`, []byte(data), hash); err != nil {
		return fmt.Errorf("writing a session: %w", err)
	}
	return nil
}

// remove deletes a session's row, if it has one, and empties the session.
func (s *Store) remove(ctx context.Context, session *sessions.Session) error {
	if session.ID != "" {
		if _, err := s.db.ExecContext(ctx, `DELETE FROM sessions WHERE hash = ?`, hashOf(session.ID)); err != nil {
			return fmt.Errorf("ending a session: %w", err)
		}
	}
	session.ID, session.Values = "", map[any]any{}
	return nil
}

// hashOf is what the table knows a session by.
func hashOf(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}
