package session

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/gorilla/sessions"

	"github.com/voxwarden/voxwarden/internal/store"
)

// maxSessionsPerOperator limits the sessions of one operator. A client without cookies behind an authenticating proxy
// creates a session with every request.
const maxSessionsPerOperator = 50

// create inserts a row with a new id in place of the row of the previous id. It is the only function that inserts
// rows, and it bounds the table: it deletes sessions past the absolute limit, and the least recently used ones of an
// operator with too many. Sessions that were used after their creation are deleted last: behind an authenticating
// proxy, images on another site's page can create sessions, and could otherwise push out the one in use.
//
// A session past the idle limit keeps its row until the absolute limit. Its form token is still there when the
// operator signs in again, so a form that stayed open can be submitted.
func (s *Store) create(ctx context.Context, session *sessions.Session, previousID string, values map[any]any) error {
	id, now := newID(), s.now()
	hash, o := hashOf(id), operatorIn(values)
	data, err := s.encrypt(hash, dataColumn, values)
	if err != nil {
		return err
	}
	oldest, idle, _ := s.cutoffs(now)
	ctx, cancel := store.Detach(ctx)
	defer cancel()
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(
			ctx,
			`DELETE FROM sessions WHERE hash = $1 OR created_at <= $2`,
			hashOf(previousID),
			oldest,
		); err != nil {
			return fmt.Errorf("deleting expired sessions: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE subject = $1 AND hash NOT IN
			(SELECT hash FROM sessions WHERE subject = $1 ORDER BY seen_at > $2
				AND seen_at > created_at DESC, seen_at DESC, created_at DESC, hash LIMIT $3)`,
			o.ID(), idle, maxSessionsPerOperator-1); err != nil {
			return fmt.Errorf("ending the oldest sessions: %w", err)
		}
		_, err := tx.ExecContext(
			ctx,
			`INSERT INTO sessions (hash, data, subject, created_at, seen_at, groups_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			hash,
			data,
			o.ID(),
			now.UnixMilli(),
			now.UnixMilli(),
			o.GroupsAt.UnixMilli(),
		)
		return err
	})
	if err != nil {
		return fmt.Errorf("creating a session: %w", err)
	}
	options := s.options // a sign-out earlier in the same request has changed those of the session
	session.ID, session.IsNew, session.Values, session.Options = id, false, values, &options
	return nil
}
