package session

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/gorilla/sessions"
)

// maxSessionsPerOperator is how many sessions one person may have. A client without cookies behind a proxy that
// asserts people begins one with every request.
const maxSessionsPerOperator = 50

// create makes a row with a new id and values, in place of the row of the former id. Rows are made here alone, so that
// the table is bounded by what happens here: sessions past the absolute limit are swept, and of a person who has too
// many, those that were unused for longest end. Those that were used again since they began go last: behind a proxy,
// pictures on a page of another site can begin sessions, and so could drive out the one that somebody works with.
//
// A session that is over because nobody used it keeps its row until the absolute limit: signing in again finds the
// form token there, and a form that was open at lunch can still be sent.
func (s *Store) create(ctx context.Context, session *sessions.Session, previousID string, values map[any]any) error {
	id, now := newID(), s.now()
	hash, o := hashOf(id), operatorIn(values)
	data, err := s.seal(hash, dataColumn, values)
	if err != nil {
		return err
	}
	oldest, idle, _ := s.cutoffs(now)
	ctx = context.WithoutCancel(ctx)
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(
			ctx,
			`DELETE FROM sessions WHERE hash = $1 OR created_at <= $2`,
			hashOf(previousID),
			oldest,
		); err != nil {
			return fmt.Errorf("sweeping sessions: %w", err)
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
		return fmt.Errorf("beginning a session: %w", err)
	}
	options := s.options // as new: a sign-out in the same request has changed them
	session.ID, session.IsNew, session.Values, session.Options = id, false, values, &options
	return nil
}
