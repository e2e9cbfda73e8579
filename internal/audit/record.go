// Package audit is the record: which operator did what, why, what was there before, and what became of it.
//
// An operation begins with an intent that is committed before anything is sent to the vendor. What follows
// are further events; none is ever changed. The row of the operation repeats the last word, for lists.
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

// ErrNotFound is the answer for an operation id that the record does not have.
var ErrNotFound = errors.New("no such operation")

// ErrOvertaken says that another writer has added to the operation's story in the meantime.
var ErrOvertaken = errors.New("another writer has added to this operation")

// Exists says that the operation id is in the record already.
type Exists struct{ Operation Operation }

// Error implements error.
func (*Exists) Error() string { return "the operation exists" }

// Held says that another open operation holds a lock that this one needs.
type Held struct{ First Operation }

// Error implements error.
func (*Held) Error() string { return "another operation is not settled" }

// Record reads and writes operations and their events. It is safe for concurrent use.
type Record struct{ db *store.DB }

// New makes the record over a database.
func New(db *store.DB) *Record { return &Record{db: db} }

// Ready says whether the record can be written, by taking the writer and giving it back.
func (r *Record) Ready(ctx context.Context) error {
	return r.db.Write(ctx, func(tx *sql.Tx) error {
		var count int
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM operations LIMIT 1)`).Scan(&count)
	})
}

// Guard is what must hold for an operation to begin.
type Guard struct {
	Locks []string // names that no other open operation may hold; this one holds them until it is closed
	Seen  *int64   // the target's LastSeq before it was read from the vendor; nil when nothing was read
}

// Begin commits an operation's intent and takes its locks, all or nothing. It fails with Exists when the id
// is taken, with Held when a lock is, and with ErrOvertaken when another operation has touched the target
// since the caller read it.
func (r *Record) Begin(ctx context.Context, op Operation, guard Guard) (Operation, error) {
	op.Open, op.Result, op.Confirmed, op.ClosedAt = true, "", false, time.Time{}
	err := r.db.Write(ctx, func(tx *sql.Tx) error {
		if first, err := readOperation(ctx, tx, op.ID); err == nil {
			return &Exists{Operation: first}
		} else if !errors.Is(err, ErrNotFound) {
			return err
		}
		if guard.Seen != nil {
			if now, err := lastSeq(ctx, tx, op.Account, op.Target); err != nil {
				return err
			} else if now != *guard.Seen {
				return ErrOvertaken
			}
		}
		if err := insertOperation(ctx, tx, op); err != nil {
			return err
		}
		if err := takeLocks(ctx, tx, op, guard.Locks); err != nil {
			return err
		}
		seq, err := insertEvent(ctx, tx, Event{OperationID: op.ID, Kind: IntentEvent, At: op.CreatedAt})
		if err != nil {
			return err
		}
		op.LastSeq = seq
		return setLastWord(ctx, tx, op)
	})
	return op, err
}

// Append adds events to an operation's story, after the event that the caller has seen last (op.LastSeq);
// it fails with ErrOvertaken when that is no longer the last one. op's Result, Confirmed and Open follow from
// the last event: only Unknown, and a result that waits for its confirmation, stay open. A closed operation's
// locks are given back. op.Target is written too, since a create learns its id only from the answer.
func (r *Record) Append(ctx context.Context, op Operation, open bool, events ...Event) (Operation, error) {
	if len(events) == 0 {
		return op, errors.New("no event to append")
	}
	last := events[len(events)-1]
	seen := op.LastSeq
	op.Result, op.Confirmed, op.Open = last.Result, last.Confirmed, open
	op.ClosedAt = time.Time{}
	if !open {
		op.ClosedAt = last.At
	}
	err := r.db.Write(ctx, func(tx *sql.Tx) error {
		var now int64
		if err := tx.QueryRowContext(ctx, `SELECT last_seq FROM operations WHERE id = ?`, op.ID).Scan(&now); err != nil {
			return fmt.Errorf("reading operation %s: %w", op.ID, err)
		}
		if now != seen {
			return ErrOvertaken
		}
		for _, event := range events {
			event.OperationID = op.ID
			seq, err := insertEvent(ctx, tx, event)
			if err != nil {
				return err
			}
			op.LastSeq = seq
		}
		if !open {
			if _, err := tx.ExecContext(ctx, `DELETE FROM operation_locks WHERE operation_id = ?`, op.ID); err != nil {
				return fmt.Errorf("giving back locks: %w", err)
			}
		}
		return setLastWord(ctx, tx, op)
	})
	return op, err
}

// LastSeq answers the newest event of any operation on a target, 0 when there is none. Whoever reads the
// target from the vendor asks this first, and hands it to Begin.
func (r *Record) LastSeq(ctx context.Context, account int64, target Target) (int64, error) {
	return lastSeq(ctx, r.db.SQL(), account, target)
}

func lastSeq(ctx context.Context, q querier, account int64, target Target) (int64, error) {
	var seq int64
	err := q.QueryRowContext(ctx, `SELECT COALESCE(MAX(last_seq), 0) FROM operations WHERE account = ? AND target_kind = ?
		AND (target_id = ? OR former_id = ? AND former_id <> '')`,
		account, target.Kind, target.ID, target.ID).Scan(&seq)
	if err != nil {
		return 0, fmt.Errorf("reading the target's newest event: %w", err)
	}
	return seq, nil
}

func takeLocks(ctx context.Context, tx *sql.Tx, op Operation, names []string) error {
	for _, name := range names {
		if err := takeLock(ctx, tx, op, name); err != nil {
			return err
		}
	}
	return nil
}

// takeLock inserts a lock, or says who has it.
func takeLock(ctx context.Context, tx *sql.Tx, op Operation, name string) error {
	var holder string
	err := tx.QueryRowContext(ctx, `SELECT operation_id FROM operation_locks WHERE account = ? AND name = ?`, op.Account, name).Scan(&holder)
	switch {
	case err == nil:
		first, err := readOperation(ctx, tx, holder)
		if err != nil {
			return err
		}
		return &Held{First: first}
	case !errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("reading locks: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO operation_locks (account, name, operation_id) VALUES (?, ?, ?)`, op.Account, name, op.ID); err != nil {
		return fmt.Errorf("taking lock %s: %w", name, err)
	}
	return nil
}

func insertOperation(ctx context.Context, tx *sql.Tx, op Operation) error {
	actor, err := json.Marshal(op.Actor)
	if err != nil {
		return fmt.Errorf("encoding the actor: %w", err)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO operations (id, account, action, target_kind, target_id, target_name, actor_id, actor,
		reason, request_id, mark, intent, created_at, result, confirmed, open, closed_at, last_seq, former_id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0, 1, 0, 0, ?)`,
		op.ID, op.Account, op.Action, op.Target.Kind, op.Target.ID, op.Target.Name, op.Actor.ID(), string(actor),
		op.Reason, op.RequestID, op.Mark, string(op.Intent), op.CreatedAt.UnixMicro(), op.Target.FormerID)
	if err != nil {
		return fmt.Errorf("writing the intent: %w", err)
	}
	return nil
}

func setLastWord(ctx context.Context, tx *sql.Tx, op Operation) error {
	var closed int64
	if !op.ClosedAt.IsZero() {
		closed = op.ClosedAt.UnixMicro()
	}
	_, err := tx.ExecContext(ctx, `UPDATE operations SET target_id = ?, target_name = ?, former_id = ?, result = ?, confirmed = ?, open = ?, closed_at = ?, last_seq = ? WHERE id = ?`,
		op.Target.ID, op.Target.Name, op.Target.FormerID, op.Result, op.Confirmed, op.Open, closed, op.LastSeq, op.ID)
	if err != nil {
		return fmt.Errorf("writing the last word: %w", err)
	}
	return nil
}

// eventBody is what an event's JSON column holds.
type eventBody struct {
	By    string          `json:"by,omitempty"`
	Note  string          `json:"note,omitempty"`
	Calls []Call          `json:"calls,omitempty"`
	Facts json.RawMessage `json:"facts,omitempty"`
}

func insertEvent(ctx context.Context, tx *sql.Tx, e Event) (int64, error) {
	body, err := json.Marshal(eventBody{By: e.By, Note: e.Note, Calls: e.Calls, Facts: e.Facts})
	if err != nil {
		return 0, fmt.Errorf("encoding an event: %w", err)
	}
	result, err := tx.ExecContext(ctx, `INSERT INTO events (operation_id, kind, at, result, confirmed, body) VALUES (?, ?, ?, ?, ?, ?)`,
		e.OperationID, e.Kind, e.At.UnixMicro(), e.Result, e.Confirmed, string(body))
	if err != nil {
		return 0, fmt.Errorf("writing an event: %w", err)
	}
	seq, err := result.LastInsertId()
	if err != nil {
		return 0, fmt.Errorf("writing an event: %w", err)
	}
	return seq, nil
}
