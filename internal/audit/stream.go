package audit

import (
	"context"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/store"
)

// streamBatch is how many operations, with their events, are held at a time while a search is streamed.
const streamBatch = 500

// Stream hands everything that a search finds to each, newest first, every operation with its story. It holds a few
// hundred at a time and keeps no transaction open, however many there are and however slowly they are taken. What is
// written meanwhile is newer than where it began, and is left out; an operation that is settled meanwhile may come
// with its newer word. Between batches it calls pause, which may say that nobody takes them any more. The first error
// ends it.
func (r *Log) Stream(ctx context.Context, s Search, each func(Operation, []Event) error, pause func() error) error {
	actors, err := r.resolveActors(ctx, s)
	if err != nil || actors.noMatch {
		return err
	}
	for at := (Cursor{}); ; {
		query, args := s.query(actors, at, false, streamBatch)
		found, err := r.list(ctx, query, args...)
		if err != nil {
			return err
		}
		events, err := r.eventsByOperation(ctx, found)
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
		if len(found) < streamBatch {
			return nil
		}
		at = CursorOf(found[len(found)-1])
	}
}

// eventsByOperation are the events of several operations, in order.
func (r *Log) eventsByOperation(ctx context.Context, ops []Operation) (map[string][]Event, error) {
	byOperation := make(map[string][]Event, len(ops))
	if len(ops) == 0 {
		return byOperation, nil
	}
	ids := make([]string, 0, len(ops))
	for _, op := range ops {
		ids = append(ids, op.ID)
	}
	var args store.Args
	query := `SELECT ` + eventColumns + ` FROM events WHERE operation_id IN ` + store.AddList(&args, ids) +
		` ORDER BY operation_id, seq`
	rows, err := r.db.SQL().QueryContext(ctx, query, args...)
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
