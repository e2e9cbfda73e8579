package audit

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/store"
)

// streamBatchSize is the number of operations that Stream holds at a time, with their events.
const streamBatchSize = 500

// Stream calls each for every operation of a search with its events, newest first. It holds one batch at a time and
// keeps no transaction and no connection in between. Operations that begin in the meantime are left out; an operation
// that is reconciled in the meantime may have its newer result. It calls pause between batches. The first error of each
// or pause ends it.
func (r *Log) Stream(ctx context.Context, s Search, each func(Operation, []Event) error, pause func() error) error {
	var actors actorFilter
	err := r.scan(ctx, func(ctx context.Context, conn *sql.Conn) (err error) {
		actors, err = r.resolveActors(ctx, conn, s)
		return err
	})
	if err != nil || actors.noMatch {
		return err
	}
	for at := (Cursor{}); ; {
		found, events, err := r.streamBatch(ctx, s, actors, at)
		if err != nil {
			return err
		}
		for _, op := range found {
			if err := each(op, events[op.ID]); err != nil {
				return err
			}
		}
		if err := pause(); err != nil {
			return err
		}
		if len(found) < streamBatchSize {
			return nil
		}
		at = CursorOf(found[len(found)-1])
	}
}

// streamBatch returns the operations after a cursor with their events.
func (r *Log) streamBatch(
	ctx context.Context,
	s Search,
	actors actorFilter,
	at Cursor,
) (found []Operation, events map[string][]Event, err error) {
	err = r.scan(ctx, func(ctx context.Context, conn *sql.Conn) error {
		query, args := s.query(actors, at, false, streamBatchSize)
		found, err = listOperations(ctx, conn, query, args...)
		if err != nil {
			return err
		}
		events, err = eventsByOperation(ctx, conn, found)
		return err
	})
	return found, events, err
}

// eventsByOperation returns the events of operations, oldest first.
func eventsByOperation(ctx context.Context, q querier, ops []Operation) (map[string][]Event, error) {
	byOperation := make(map[string][]Event, len(ops))
	if len(ops) == 0 {
		return byOperation, nil
	}
	ids := make([]string, 0, len(ops))
	for _, op := range ops {
		ids = append(ids, op.ID)
	}
	var args store.Args
	query := `SELECT ` + eventColumns + ` FROM events e WHERE operation_id IN ` + store.AddList(&args, ids) +
		` ORDER BY operation_id, seq`
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	events, err := scanEvents(rows)
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		byOperation[e.OperationID] = append(byOperation[e.OperationID], e)
	}
	for _, op := range ops {
		byOperation[op.ID] = op.EventsUpTo(byOperation[op.ID])
	}
	return byOperation, nil
}
