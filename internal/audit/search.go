package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// OnlyOpen is the Result of a search for what is not settled, whatever its last word is.
const OnlyOpen Result = "open"

// Search is what the pages of the record, and its exports, are asked for. Whatever is empty lets everything through.
type Search struct {
	Account   int64
	OnlyActor string // "issuer|subject" of the one person whose operations may be seen; "" when everybody's may
	Actor     string // "issuer|subject", or a part of a person's name, e-mail or subject, whatever its case
	Action    Action
	Target    string // an id, a former id, or a whole login or key name, whatever its case
	Result    Result // or OnlyOpen
	From      time.Time
	To        time.Time // the first moment that is too late
	Text      string    // an operation's id, or a part of a reason, of a target's name, or of a person as for Actor
}

// Cursor is a place between two operations in the record's order, by moment and then by id. The zero value is none.
type Cursor struct {
	At time.Time // to the microsecond
	ID string
}

// CursorOf is the place at an operation.
func CursorOf(op Operation) Cursor { return Cursor{At: op.CreatedAt, ID: op.ID} }

// IsZero says whether this is no place at all.
func (c Cursor) IsZero() bool { return c.ID == "" }

// Page is what a search found around a place, newest first, and whether there is more on either side of it.
type Page struct {
	Operations   []Operation
	Newer, Older bool
}

// Before answers the newest operations older than a place, up to limit; those of no place are the newest of all. What
// is written meanwhile is newer, so that nobody who goes on from page to page misses anything or sees it twice.
func (r *Log) Before(ctx context.Context, s Search, at Cursor, limit int) (Page, error) {
	found, err := r.search(ctx, s, at, false, limit+1)
	if err != nil {
		return Page{}, err
	}
	p := Page{Operations: found, Newer: !at.IsZero()}
	if len(found) > limit {
		p.Operations, p.Older = found[:limit], true
	}
	return p, nil
}

// After answers the operations newer than a place that are nearest to it. When no more than limit are, they are
// filled up to the newest page there is, which is what somebody wants who has come to its end.
func (r *Log) After(ctx context.Context, s Search, at Cursor, limit int) (Page, error) {
	found, err := r.search(ctx, s, at, true, limit+1)
	if err != nil {
		return Page{}, err
	}
	if len(found) <= limit {
		return r.Before(ctx, s, Cursor{}, limit)
	}
	found = found[:limit]
	slices.Reverse(found)
	return Page{Operations: found, Newer: true, Older: true}, nil
}

// search answers operations on one side of a place, those nearest to it first.
func (r *Log) search(ctx context.Context, s Search, at Cursor, newer bool, limit int) ([]Operation, error) {
	actors, err := r.resolveActors(ctx, s)
	if err != nil || actors.noMatch {
		return nil, err
	}
	query, args := s.query(actors, at, newer, limit)
	return r.list(ctx, query, args...)
}

// actorFilter are the people whom a search names, by id.
type actorFilter struct {
	actorIDs     []string // whose operations are asked for; nil for everybody's
	noMatch      bool     // somebody is asked for whom the record does not know
	textActorIDs []string // whom the free text names
}

// resolveActors looks up the people whom a search names in part.
func (r *Log) resolveActors(ctx context.Context, s Search) (actorFilter, error) {
	var filter actorFilter
	if s.OnlyActor != "" {
		filter.actorIDs = []string{s.OnlyActor}
	}
	if s.Actor == "" && s.Text == "" {
		return filter, nil
	}
	actors, err := r.Actors(ctx, s.Account)
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

// matchActors are the ids of the people whom a text names: the one whose id it is, else all of whom it is a part.
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

// maxActors is how many people a record may have whom a search can name in part.
const maxActors = 5000

// actorsQuery begins at the first person and asks for the next one after each. That the account is an expression
// leaves the index by person alone, see Search.query.
const actorsQuery = `WITH RECURSIVE people (id) AS (
		SELECT MIN(actor_id) FROM operations WHERE account + 0 = $1
		UNION ALL
		SELECT (SELECT MIN(actor_id) FROM operations WHERE account + 0 = $1 AND actor_id > people.id) FROM people
			WHERE people.id IS NOT NULL
	)
	SELECT (SELECT actor FROM operations WHERE account + 0 = $1 AND actor_id = people.id
		ORDER BY created_at DESC, id DESC LIMIT 1)
	FROM people WHERE people.id IS NOT NULL ORDER BY people.id LIMIT $2`

// Actors answers everybody who ever began an operation on an account, as they were called the last time, by id. It
// jumps from one person to the next in the index instead of reading all that they did.
func (r *Log) Actors(ctx context.Context, account int64) ([]Actor, error) {
	rows, err := r.db.SQL().QueryContext(ctx, actorsQuery, account, maxActors)
	if err != nil {
		return nil, fmt.Errorf("reading who acted: %w", err)
	}
	defer rows.Close()
	var actors []Actor
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("reading who acted: %w", err)
		}
		actor, err := decodeActor(text)
		if err != nil {
			return nil, err
		}
		actors = append(actors, actor)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading who acted: %w", err)
	}
	return actors, nil
}
