package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/store"
)

// Append adds events to an operation's story, after the event that the caller has seen last (op.LastSeq); it fails
// with ErrOvertaken when that is no longer the last one. op's Result, Confirmed and Open follow from the last event:
// only Unknown, and a result that waits for its confirmation, stay open. A closed operation's locks are given back.
// op.Target is written too, since a create learns its id only from the answer.
//
// Events that are there already, right after the one that was seen last, are not added again, and that is no error:
// so a caller whose commit was not answered (store.ErrUnknownCommit) may ask again, and learns that its own events
// are there rather than that it was overtaken by them.
func (r *Log) Append(ctx context.Context, op Operation, open bool, events ...Event) (Operation, error) {
	if len(events) == 0 {
		return op, errors.New("no event to append")
	}
	last := events[len(events)-1]
	op.Result, op.Confirmed, op.Open = last.Result, last.Confirmed, open
	op.ClosedAt = time.Time{}
	if !open {
		op.ClosedAt = last.At
	}
	written, err := r.appendEvents(ctx, op, events)
	if errors.Is(err, store.ErrUnknownCommit) {
		// Whoever has the writer sees what became of the one who had it before.
		var retryErr error
		if written, retryErr = r.appendEvents(ctx, op, events); retryErr == nil || errors.Is(retryErr, ErrConflict) {
			err = retryErr
		} else {
			err = errors.Join(err, retryErr)
		}
	}
	if err != nil {
		return op, err
	}
	op.LastSeq = written[len(written)-1].seq
	r.logEvents(ctx, written...)
	return op, nil
}

// appendEvents writes the events after op.LastSeq, and the last word that op has, unless they are there.
func (r *Log) appendEvents(ctx context.Context, op Operation, events []Event) (written []link, err error) {
	prevSeq := op.LastSeq
	err = r.write(ctx, func(tx *sql.Tx) error {
		written = nil
		current, err := readOperation(ctx, tx, op.ID)
		if err != nil {
			return fmt.Errorf("reading operation %s: %w", op.ID, err)
		}
		if current.LastSeq != prevSeq {
			written, err = alreadyAppended(ctx, tx, op, prevSeq, events)
			return err
		}
		for i, event := range events {
			body := bodyOfEvent(event, op.Open)
			if target := bodyOfTarget(op.Target); i == len(events)-1 && current.Target != op.Target {
				body.Target = &target
			}
			e, err := r.addEvent(ctx, tx, op.ID, event, body)
			if err != nil {
				return err
			}
			written, op.LastSeq = append(written, e), e.seq
		}
		if current.Target != op.Target {
			if err := replaceTargets(ctx, tx, op); err != nil {
				return err
			}
		}
		if !op.Open {
			if _, err := tx.ExecContext(ctx, `DELETE FROM operation_locks WHERE operation_id = $1`, op.ID); err != nil {
				return fmt.Errorf("giving back locks: %w", err)
			}
		}
		return setCurrentResult(ctx, tx, op)
	})
	return written, err
}

func (r *Log) addEvent(ctx context.Context, tx *sql.Tx, id string, e Event, body eventBody) (link, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return link{}, fmt.Errorf("encoding an event: %w", err)
	}
	return r.add(
		ctx,
		tx,
		link{
			operationID: id,
			kind:        string(e.Kind),
			at:          e.At.UnixMicro(),
			result:      string(e.Result),
			confirmed:   e.Confirmed,
			body:        string(text),
		},
	)
}

// checkOperation answers the events as they are stored right after the one that was seen last, or ErrOvertaken when
// others are.
func alreadyAppended(ctx context.Context, tx *sql.Tx, op Operation, prevSeq int64, events []Event) ([]link, error) {
	rows, err := tx.QueryContext(
		ctx,
		`SELECT `+linkColumns+` FROM events WHERE operation_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
		op.ID,
		prevSeq,
		len(events),
	)
	if err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	defer rows.Close()
	var stored []link
	for rows.Next() {
		e, err := scanLink(rows)
		if err != nil {
			return nil, err
		}
		if same, err := e.matches(events[len(stored)], op.Open); err != nil {
			return nil, err
		} else if !same {
			return nil, ErrConflict
		}
		stored = append(stored, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	if len(stored) < len(events) {
		return nil, ErrConflict
	}
	return stored, nil
}

// matches says whether a stored event is this one, whatever it says of the target: that is there when it was another
// before.
func (e link) matches(event Event, open bool) (bool, error) {
	if e.kind != string(event.Kind) || e.at != event.At.UnixMicro() || e.result != string(event.Result) ||
		e.confirmed != event.Confirmed {
		return false, nil
	}
	var body eventBody
	if err := json.Unmarshal([]byte(e.body), &body); err != nil {
		return false, fmt.Errorf("decoding event %d: %w", e.seq, err)
	}
	body.Target = nil
	stored, err := json.Marshal(body)
	if err != nil {
		return false, fmt.Errorf("encoding an event: %w", err)
	}
	given, err := json.Marshal(bodyOfEvent(event, open))
	if err != nil {
		return false, fmt.Errorf("encoding an event: %w", err)
	}
	return string(stored) == string(given), nil
}
