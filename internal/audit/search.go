package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/store"
)

// OnlyOpen is the Result of a search for open operations.
const OnlyOpen Result = "open"

// Search holds the filters of the audit pages and exports. An operation matches all filters that are not empty.
type Search struct {
	Account   int64
	OnlyActor string // "issuer|subject" of the only actor that the reader may see; "" when the reader may see all
	Actor     string // "issuer|subject", or a part of an actor's name, e-mail or subject in any case
	Action    Action
	Target    string     // an id, a former id, or a complete login or key name in any case
	Result    Result     // or OnlyOpen
	Role      int64      // a role that the operation intends to change; 0 for any
	Effect    RoleEffect // what it intends to do to Role; "" for anything, and without a Role
	From      time.Time
	To        time.Time // exclusive
	Text      string    // an operation's id, or a part of a reason, of a target's name, or of an actor as for Actor
	BulkID    string    // the bulk change that the operation is a part of, "" for any and none

	// Entries makes a page show a bulk change once: of its operations that match, a page has the oldest one, and
	// Page.Bulk all of them. It is the oldest because its place does not change while the bulk change goes on, so that
	// going from page to page neither skips nor repeats an entry. It has no effect with a Target, which a bulk change has
	// once, and with a BulkID.
	Entries bool
}

// hasEntries reports whether pages of the search show a bulk change once.
func (s Search) hasEntries() bool { return s.Entries && s.Target == "" && s.BulkID == "" }

// Cursor is a position in the order of operations, by time and then by id. The zero Cursor is none.
type Cursor struct {
	At time.Time // with microseconds
	ID string
}

// CursorOf returns the position of an operation.
func CursorOf(op Operation) Cursor { return Cursor{At: op.CreatedAt, ID: op.ID} }

// IsZero reports whether the cursor is none.
func (c Cursor) IsZero() bool { return c.ID == "" }

// Page is one page of a search, newest first. Newer and Older report whether there are more operations on either
// side.
type Page struct {
	Operations   []Operation
	Newer, Older bool
	Bulk         map[string]BulkEntry // with Search.Entries: by the ids of the operations' bulk changes
}

// Before returns the newest operations that are older than a cursor, at most limit; without a cursor the newest of
// all. Operations that begin in the meantime are newer, so going from page to page neither skips nor repeats one.
func (r *Log) Before(ctx context.Context, s Search, at Cursor, limit int) (Page, error) {
	p, err := r.search(ctx, s, at, false, limit+1)
	if err != nil {
		return Page{}, err
	}
	p.Newer = !at.IsZero()
	if len(p.Operations) > limit {
		p.Operations, p.Older = p.Operations[:limit], true
	}
	return p, nil
}

// After returns the operations that follow a cursor towards newer ones, at most limit. When at most limit are newer,
// it returns the newest page instead.
func (r *Log) After(ctx context.Context, s Search, at Cursor, limit int) (Page, error) {
	p, err := r.search(ctx, s, at, true, limit+1)
	if err != nil {
		return Page{}, err
	}
	if len(p.Operations) <= limit {
		return r.Before(ctx, s, Cursor{}, limit)
	}
	p.Operations, p.Newer, p.Older = p.Operations[:limit], true, true
	slices.Reverse(p.Operations)
	return p, nil
}

// search returns the operations on one side of a cursor, the nearest first.
func (r *Log) search(
	ctx context.Context,
	s Search,
	at Cursor,
	newer bool,
	limit int,
) (p Page, err error) {
	err = r.scan(ctx, func(ctx context.Context, conn *sql.Conn) error {
		actors, err := r.resolveActors(ctx, conn, s)
		if err != nil || actors.noMatch {
			return err
		}
		query, args := s.query(actors, at, newer, limit)
		p.Operations, err = listOperations(ctx, conn, query, args...)
		if err != nil || !s.hasEntries() {
			return err
		}
		p.Bulk, err = readBulkEntries(ctx, conn, s, actors, p.Operations)
		return err
	})
	return p, err
}

// scan is store.DB.Scan with the errors of this package.
func (r *Log) scan(ctx context.Context, fn func(ctx context.Context, conn *sql.Conn) error) error {
	err := r.db.Scan(ctx, fn)
	switch {
	case errors.Is(err, store.ErrScanTimeout):
		return fmt.Errorf("%w: %w", ErrSearchTimeout, err)
	case errors.Is(err, store.ErrScansBusy):
		return ErrSearchesBusy
	default:
		return err
	}
}

// actorFilter holds the ids of the actors that a search names, and how the engine compares text.
type actorFilter struct {
	actorIDs     []string // nil for all actors
	noMatch      bool     // no actor matches Search.Actor
	textActorIDs []string // the actors that match Search.Text
	foldsCase    bool     // the engine's LIKE takes A to Z for a to z, as that of SQLite does
}

// resolveActors finds the actors that a search names in part.
func (r *Log) resolveActors(ctx context.Context, q querier, s Search) (actorFilter, error) {
	filter := actorFilter{foldsCase: !r.db.Postgres()}
	if s.OnlyActor != "" {
		filter.actorIDs = []string{s.OnlyActor}
	}
	if s.Actor == "" && s.Text == "" {
		return filter, nil
	}
	actors, err := readActors(ctx, q, s.Account)
	if err != nil {
		return actorFilter{}, err
	}
	if s.Actor != "" {
		ids := matchActors(actors, s.Actor)
		if s.OnlyActor != "" {
			ids = slices.DeleteFunc(ids, func(id string) bool { return id != s.OnlyActor })
		}
		filter.actorIDs, filter.noMatch = ids, len(ids) == 0
	}
	if s.Text != "" {
		filter.textActorIDs = matchActors(actors, s.Text)
	}
	return filter, nil
}

// matchActors returns the ids of the actors that a text names: the one with that id, else all with the text in their
// name, e-mail or subject.
func matchActors(actors []Actor, text string) []string {
	var ids []string
	folded := strings.ToLower(text)
	for _, p := range actors {
		if p.ID() == text {
			return []string{text}
		}
		if strings.Contains(strings.ToLower(p.Name), folded) || strings.Contains(strings.ToLower(p.Email), folded) ||
			strings.Contains(strings.ToLower(p.Subject), folded) {
			ids = append(ids, p.ID())
		}
	}
	return ids
}

// maxActors is how many actors a search by a part of a name looks at.
const maxActors = 5000

// actorsQuery finds the first actor and then the next one after each. "account + 0" leaves only the index by actor,
// see Search.query.
const actorsQuery = `WITH RECURSIVE actors (id) AS (
		SELECT MIN(actor_id) FROM operations WHERE account + 0 = $1
		UNION ALL
		SELECT (SELECT MIN(actor_id) FROM operations WHERE account + 0 = $1 AND actor_id > actors.id) FROM actors
			WHERE actors.id IS NOT NULL
	)
	SELECT (SELECT actor FROM operations WHERE account + 0 = $1 AND actor_id = actors.id
		ORDER BY created_at DESC, id DESC LIMIT 1)
	FROM actors WHERE actors.id IS NOT NULL ORDER BY actors.id LIMIT $2`

// Actors returns the actors of all operations of an account with their latest names, ordered by id.
func (r *Log) Actors(ctx context.Context, account int64) (actors []Actor, err error) {
	err = r.scan(ctx, func(ctx context.Context, conn *sql.Conn) error {
		actors, err = readActors(ctx, conn, account)
		return err
	})
	return actors, err
}

// readActors is Actors. It jumps from one actor to the next in the index instead of reading all operations.
func readActors(ctx context.Context, q querier, account int64) ([]Actor, error) {
	rows, err := q.QueryContext(ctx, actorsQuery, account, maxActors)
	if err != nil {
		return nil, fmt.Errorf("reading actors: %w", err)
	}
	defer rows.Close()
	var actors []Actor
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("reading actors: %w", err)
		}
		actor, err := decodeActor(text)
		if err != nil {
			return nil, err
		}
		actors = append(actors, actor)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading actors: %w", err)
	}
	return actors, nil
}
