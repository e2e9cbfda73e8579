package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Checkpoint is where the chain begins after what is older was taken out.
type Checkpoint struct {
	Seq   int64     `json:"seq"` // the last event that was taken out
	At    time.Time `json:"at"`  // when it was taken out
	KeyID string    `json:"key_id"`
	mac   []byte    // of the event at Seq
	seal  []byte
}

// readCheckpoint answers the newest checkpoint; found is false when nothing was ever taken out.
func readCheckpoint(ctx context.Context, q querier) (c Checkpoint, found bool, err error) {
	var at int64
	err = q.QueryRowContext(ctx, `SELECT seq, mac, at, key_id, seal FROM checkpoints ORDER BY seq DESC LIMIT 1`).
		Scan(&c.Seq, &c.mac, &at, &c.KeyID, &c.seal)
	if errors.Is(err, sql.ErrNoRows) {
		return Checkpoint{}, false, nil
	}
	if err != nil {
		return Checkpoint{}, false, fmt.Errorf("reading the newest checkpoint: %w", err)
	}
	c.At = time.UnixMicro(at).UTC()
	return c, true, nil
}

// Pruned is what Prune took out.
type Pruned struct {
	Checkpoint Checkpoint
	Events     int64
	Operations int64
}

// Prune takes out the events from before a time and seals a checkpoint in their place, all or nothing. It stops
// before the first event that is not older, and before the story of any operation that is not closed, or that goes on
// after that point: a story goes as a whole. Nothing at all to take out is no error; Events is 0 then. Else an event
// says what was done, and by whom: a checkpoint has no name on it, and no copy in the log. It fails with ErrOtherKey,
// and takes out nothing, when the record is not sealed with a key of ours: the checkpoint would prove nothing to
// anybody else.
func (r *Log) Prune(ctx context.Context, before time.Time, command string) (Pruned, error) {
	var (
		done    Pruned
		written []link
	)
	err := r.write(ctx, func(tx *sql.Tx) error {
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
			return fmt.Errorf("reading the last event to take out: %w", err)
		}
		if len(c.mac) == 0 {
			c.mac = zeroMAC() // from before the chain
		}
		c.seal = r.keys[0].checkpointMAC(c)
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
		if done.Events, err = deleteRows(ctx, tx, `DELETE FROM events WHERE seq <= $1`, seq); err != nil {
			return err
		}
		if done.Operations, err = deleteRows(ctx, tx, `DELETE FROM operations WHERE last_seq <= $1`, seq); err != nil {
			return err
		}
		e, err := r.addNotice(ctx, tx, LogPruned{
			Command:    command,
			Before:     before.UTC(),
			LastSeq:    seq,
			Events:     done.Events,
			Operations: done.Operations,
			Program:    r.options.Program,
		}, c.At)
		written = []link{e}
		return err
	})
	if err == nil {
		r.logEvents(ctx, written...)
	}
	return done, err
}

// ErrOtherKey says that the newest event is sealed with a key that is not among those given.
var ErrOtherKey = errors.New("the newest event is sealed with a key that VOXWARDEN_AUDIT_KEY does not list")

// checkNewestKey looks whether the newest event is sealed with a key of ours. One from before the chain has no seal.
func (r *Log) checkNewestKey(ctx context.Context, q querier) error {
	var id string
	if err := q.QueryRowContext(ctx, `SELECT key_id FROM events ORDER BY seq DESC LIMIT 1`).Scan(&id); err != nil {
		return fmt.Errorf("reading the newest event: %w", err)
	}
	if _, ours := r.keys.find(id); !ours && id != "" {
		return ErrOtherKey
	}
	return nil
}

// lastToPrune answers the last event that may be taken out, 0 for none. Clocks are set back at times, so that it is not
// the last one with an earlier time, but the one before the first with a later.
func lastToPrune(ctx context.Context, q querier, before time.Time) (int64, error) {
	var last int64
	err := q.QueryRowContext(
		ctx,
		`SELECT COALESCE((SELECT MIN(seq) FROM events WHERE at >= $1) - 1, (SELECT MAX(seq) FROM events), 0)`,
		before.UnixMicro(),
	).
		Scan(&last)
	if err != nil {
		return 0, fmt.Errorf("reading what is old: %w", err)
	}
	for {
		var cut sql.NullInt64
		err := q.QueryRowContext(
			ctx,
			`SELECT MIN(e.seq) FROM events e JOIN operations o ON o.id = e.operation_id WHERE e.seq <= $1
				AND (o.open = TRUE OR o.last_seq > $2)`,
			last,
			last,
		).
			Scan(&cut)
		if err != nil {
			return 0, fmt.Errorf("reading what is not closed: %w", err)
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
		return 0, fmt.Errorf("reading what is old: %w", err)
	}
	return newest, nil
}

func deleteRows(ctx context.Context, tx *sql.Tx, query string, seq int64) (int64, error) {
	result, err := tx.ExecContext(ctx, query, seq)
	if err != nil {
		return 0, fmt.Errorf("taking out what is old: %w", err)
	}
	return result.RowsAffected()
}
