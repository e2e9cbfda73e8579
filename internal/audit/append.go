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

// Append adds events to an operation after its newest event, op.LastSeq. It returns ErrConflict when another writer
// has added an event since. op gets the Result and Confirmed of the last event. An operation that is closed releases
// its locks. Append also writes op.Target, because a create learns the id of its target from the vendor's reply.
//
// When the same events already follow op.LastSeq, Append returns no error and does not add them again. A caller can
// therefore repeat it after store.ErrUnknownCommit.
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
		// The next writer sees whether the previous transaction was committed.
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
	for _, e := range written {
		if e.operationID == op.ID {
			op.LastSeq = e.seq
		}
	}
	r.logEvents(ctx, written...)
	if written[len(written)-1].operationID != op.ID { // facts
		r.outcomes.committed(ctx)
	}
	return op, nil
}

// appendEvents writes the events after op.LastSeq and the operation's current result, unless the events already
// exist.
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
		facts, err := r.outcomes.of(ctx, tx, op)
		if err != nil {
			return err
		}
		for i, event := range events {
			body := bodyOfEvent(event, op.Open)
			if target := bodyOfTarget(op.Target); i == len(events)-1 && current.Target != op.Target {
				body.Target = &target
			}
			added, err := r.addEvent(ctx, tx, op.ID, event, body)
			if err != nil {
				return err
			}
			written = append(written, added...)
			op.LastSeq = written[len(written)-1].seq
		}
		if current.Target != op.Target {
			if err := replaceTargets(ctx, tx, op); err != nil {
				return err
			}
		}
		if !op.Open {
			if _, err := tx.ExecContext(ctx, `DELETE FROM operation_locks WHERE operation_id = $1`, op.ID); err != nil {
				return fmt.Errorf("releasing locks: %w", err)
			}
		}
		if err := setCurrentResult(ctx, tx, op); err != nil || len(facts) == 0 {
			return err
		}
		added := &Tx{Tx: tx, log: r}
		err = added.AddFacts(ctx, op.Account, facts, events[len(events)-1].At)
		written = append(written, added.written...)
		return err
	})
	return written, err
}

// of returns the facts that an operation sets with its current result.
func (o outcomeFacts) of(ctx context.Context, q querier, op Operation) ([]FactRow, error) {
	if o.factsOf == nil {
		return nil, nil
	}
	return o.factsOf(ctx, q, op)
}

func (r *Log) addEvent(ctx context.Context, tx *sql.Tx, id string, e Event, body eventBody) ([]link, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encoding an event: %w", err)
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

// alreadyAppended returns the stored events after prevSeq when they are the given ones, and ErrConflict otherwise.
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

// matches reports whether a stored event is the given one. It ignores the target, which is stored only when it
// changed.
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
