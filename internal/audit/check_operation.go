package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
)

// CheckOperation compares an operation that was read with its events up to op.LastSeq, and verifies their MACs. It
// returns a *Mismatch when the console must not act on the operation.
func (r *Log) CheckOperation(ctx context.Context, op Operation) error {
	actor, err := json.Marshal(op.Actor)
	if err != nil {
		return fmt.Errorf("encoding the actor: %w", err)
	}
	row := operationRow{op: op, actorID: op.Actor.ID(), actor: string(actor)}
	if !op.ClosedAt.IsZero() {
		row.closedAt = op.ClosedAt.UnixMicro()
	}
	replay := &replayed{row: row}
	if err := r.replayEvents(ctx, op, replay); err != nil {
		return err
	}
	for _, wrong := range replay.mismatches() {
		if !strings.HasPrefix(wrong, "operation_") { // the other tables were not read
			return mismatchf("The row of operation %s does not agree with its events: %s.", op.ID, wrong)
		}
	}
	return nil
}

// operationLinksQuery reads the events of an operation, each with the MAC of the event before it. That one may have
// been pruned, and its MAC be that of a checkpoint. It need not be verified: the MAC of the event covers it.
const operationLinksQuery = `SELECT ` + linkColumns + `, COALESCE(
		(SELECT mac FROM events AS before WHERE before.seq = events.seq - 1),
		(SELECT mac FROM checkpoints WHERE checkpoints.seq = events.seq - 1))
	FROM events WHERE operation_id = $1 AND seq <= $2 ORDER BY seq`

// replayEvents applies the events of an operation up to op.LastSeq, after verifying their MACs.
func (r *Log) replayEvents(ctx context.Context, op Operation, replay *replayed) error {
	rows, err := r.db.SQL().QueryContext(ctx, operationLinksQuery, op.ID, op.LastSeq)
	if err != nil {
		return fmt.Errorf("reading the events of operation %s: %w", op.ID, err)
	}
	defer rows.Close()
	for rows.Next() {
		var previous []byte
		e, err := scanLink(rows, &previous)
		if err != nil {
			return err
		}
		if err := r.checkSeal(previous, e); err != nil {
			return err
		}
		replay.add(replayedEvent{
			seq:       sql.NullInt64{Int64: e.seq, Valid: true},
			at:        sql.NullInt64{Int64: e.at, Valid: true},
			kind:      sql.NullString{String: e.kind, Valid: true},
			result:    sql.NullString{String: e.result, Valid: true},
			confirmed: sql.NullBool{Bool: e.confirmed, Valid: true},
			body:      sql.NullString{String: e.body, Valid: true},
		})
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading the events of operation %s: %w", op.ID, err)
	}
	return nil
}
