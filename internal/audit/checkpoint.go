package audit

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Checkpoint is the start of the chain after pruning.
type Checkpoint struct {
	Seq   int64     `json:"seq"` // the last event that was pruned
	At    time.Time `json:"at"`  // when it was pruned
	KeyID string    `json:"key_id"`
	mac   []byte    // of the event at Seq
	seal  []byte
}

const checkpointColumns = `seq, mac, at, key_id, seal`

func scanCheckpoint(row interface{ Scan(...any) error }) (c Checkpoint, err error) {
	var at int64
	err = row.Scan(&c.Seq, &c.mac, &at, &c.KeyID, &c.seal)
	c.At = time.UnixMicro(at).UTC()
	return c, err
}

// firstCheckpoint is what the first checkpoint of an audit log follows.
func firstCheckpoint() Checkpoint { return Checkpoint{At: time.UnixMicro(0)} }

// sealedBy reports whether the checkpoint follows previous.
func (c Checkpoint) sealedBy(key sealKey, previous Checkpoint) bool {
	return hmac.Equal(key.checkpointMAC(previous, c), c.seal)
}

// Pruned is the result of Prune.
type Pruned struct {
	Checkpoint  Checkpoint
	Events      int64
	Operations  int64
	BulkChanges int64
}

// Prune deletes the events before a time and writes a sealed checkpoint in their place, in one transaction. It deletes
// whole operations and bulk changes only, with their rows: it stops before the first event that is not older, and
// before the first event of any that is open, a draft or running, or has a later event. It then appends a prune event
// that names the command. When there is nothing to delete it changes nothing and returns no error; Events is 0 then. It
// returns ErrOtherKey when the newest event is sealed with a key that is not listed, because the checkpoint could not
// be verified with that key.
func (r *Log) Prune(ctx context.Context, before time.Time, command string) (Pruned, error) {
	var (
		done    Pruned
		written []link
	)
	err := r.db.WriteWithoutLimit(ctx, func(tx *sql.Tx) error {
		done, written = Pruned{}, nil
		seq, err := lastToPrune(ctx, tx, before)
		if err != nil || seq == 0 {
			return err
		}
		if err := r.checkNewestKey(ctx, tx); err != nil {
			return err
		}
		c := Checkpoint{Seq: seq, At: r.options.Now().UTC(), KeyID: r.keys[0].id}
		if err := tx.QueryRowContext(ctx, `SELECT mac FROM events WHERE seq = $1`, seq).Scan(&c.mac); err != nil {
			return fmt.Errorf("reading the last event to prune: %w", err)
		}
		previous, err := scanCheckpoint(
			tx.QueryRowContext(ctx, `SELECT `+checkpointColumns+` FROM checkpoints ORDER BY seq DESC LIMIT 1`),
		)
		if errors.Is(err, sql.ErrNoRows) {
			previous = firstCheckpoint()
		} else if err != nil {
			return fmt.Errorf("reading the newest checkpoint: %w", err)
		}
		c.seal = r.keys[0].checkpointMAC(previous, c)
		if _, err := tx.ExecContext(
			ctx,
			`INSERT INTO checkpoints (seq, mac, at, key_id, seal) VALUES ($1, $2, $3, $4, $5)`,
			c.Seq,
			c.mac,
			c.At.UnixMicro(),
			c.KeyID,
			c.seal,
		); err != nil {
			return fmt.Errorf("writing the checkpoint: %w", err)
		}
		done.Checkpoint = c
		if written, err = r.keepDriftStates(ctx, tx, seq); err != nil {
			return err
		}
		kept := &Tx{Tx: tx, log: r}
		if err := r.keepFacts(ctx, kept, seq); err != nil {
			return err
		}
		written = append(written, kept.written...)
		if _, err := deleteRows(ctx, tx, `DELETE FROM drift_decisions WHERE seq > 0 AND seq <= $1`, seq); err != nil {
			return err
		}
		if done.BulkChanges, err = deleteRows(ctx, tx, pruneBulkQuery, seq); err != nil {
			return err
		}
		if done.Events, err = deleteRows(ctx, tx, `DELETE FROM events WHERE seq <= $1`, seq); err != nil {
			return err
		}
		if done.Operations, err = deleteRows(ctx, tx, `DELETE FROM operations WHERE last_seq <= $1`, seq); err != nil {
			return err
		}
		pruned, err := r.addNotice(ctx, tx, LogPruned{
			Command:     command,
			Before:      before.UTC(),
			LastSeq:     seq,
			Events:      done.Events,
			Operations:  done.Operations,
			BulkChanges: done.BulkChanges,
			Program:     r.options.Program,
		}, c.At)
		written = append(written, pruned...)
		return err
	})
	if err == nil {
		r.logEvents(ctx, written...)
	}
	return done, err
}

// ErrOtherKey is returned by Prune and CheckKey when the newest event is sealed with a key that is not listed.
var ErrOtherKey = errors.New("the newest event is sealed with a key that VOXWARDEN_AUDIT_KEY does not list")

// CheckKey returns ErrOtherKey unless the newest event is sealed with a listed key.
func (r *Log) CheckKey(ctx context.Context) error { return r.checkNewestKey(ctx, r.db.SQL()) }

// checkNewestKey returns ErrOtherKey unless the newest event is sealed with a listed key.
func (r *Log) checkNewestKey(ctx context.Context, q querier) error {
	var id string
	if err := q.QueryRowContext(ctx, `SELECT key_id FROM events ORDER BY seq DESC LIMIT 1`).Scan(&id); err != nil {
		return fmt.Errorf("reading the newest event: %w", err)
	}
	if _, listed := r.keys.find(id); !listed {
		return ErrOtherKey
	}
	return nil
}

const (
	// cutQuery selects the first event up to $1 that must stay, because what it is about is open or has a later event.
	cutQuery = `SELECT MIN(e.seq) FROM events e WHERE e.seq <= $1 AND (
		EXISTS (SELECT 1 FROM operations o WHERE o.id = e.operation_id AND (o.open = TRUE OR o.last_seq > $1))
		OR e.kind = 'bulk_change' AND EXISTS (SELECT 1 FROM bulk_changes b WHERE b.id = substr(e.operation_id, 6) AND (
			b.state IN ('draft', 'running')
			OR EXISTS (SELECT 1 FROM events later WHERE later.operation_id = e.operation_id AND later.seq > $1))))`
	// pruneBulkQuery deletes the bulk changes of the events up to $1. Those without any event stay for verify to find.
	pruneBulkQuery = `DELETE FROM bulk_changes
		WHERE EXISTS (SELECT 1 FROM events WHERE operation_id = 'bulk/' || bulk_changes.id AND seq <= $1)`
)

// lastToPrune returns the last event that may be pruned, 0 for none. Because clocks are set back, it is the event
// before the first one with a later time, not the last one with an earlier time.
func lastToPrune(ctx context.Context, q querier, before time.Time) (int64, error) {
	var last int64
	err := q.QueryRowContext(
		ctx,
		`SELECT COALESCE((SELECT MIN(seq) FROM events WHERE at >= $1) - 1, (SELECT MAX(seq) FROM events), 0)`,
		before.UnixMicro(),
	).Scan(&last)
	if err != nil {
		return 0, fmt.Errorf("reading old events: %w", err)
	}
	for {
		var cut sql.NullInt64
		err := q.QueryRowContext(ctx, cutQuery, last).Scan(&cut)
		if err != nil {
			return 0, fmt.Errorf("reading open operations: %w", err)
		}
		if !cut.Valid {
			break
		}
		last = cut.Int64 - 1
	}
	var newest int64
	if err := q.QueryRowContext(
		ctx,
		`SELECT COALESCE(MAX(seq), 0) FROM events WHERE seq <= $1`,
		last,
	).Scan(&newest); err != nil {
		return 0, fmt.Errorf("reading old events: %w", err)
	}
	if newest == 1 {
		return 0, nil // the genesis event alone
	}
	return newest, nil
}

func deleteRows(ctx context.Context, tx *sql.Tx, query string, seq int64) (int64, error) {
	result, err := tx.ExecContext(ctx, query, seq)
	if err != nil {
		return 0, fmt.Errorf("deleting old rows: %w", err)
	}
	return result.RowsAffected()
}
