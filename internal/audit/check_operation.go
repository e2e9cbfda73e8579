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
	later := `SELECT bulk_later FROM operations WHERE id = $1`
	if err := r.db.SQL().QueryRowContext(ctx, later, op.ID).Scan(&row.bulkLater); err != nil {
		return fmt.Errorf("reading the row of an operation: %w", err)
	}
	if !op.ClosedAt.IsZero() {
		row.closedAt = op.ClosedAt.UnixMicro()
	}
	events, err := r.operationLinks(ctx, op)
	if err != nil {
		return err
	}
	replay := &replayed{row: row}
	for _, e := range events {
		from, err := placeBefore(ctx, r.db.SQL(), e.seq)
		if err != nil {
			return err
		}
		if _, err := r.walk(ctx, r.db.SQL(), from, e.seq, func(link) error { return nil }); err != nil {
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
	for _, wrong := range replay.mismatches() {
		if !strings.HasPrefix(wrong, "operation_") { // the other tables were not read
			return mismatchf("The row of operation %s does not agree with its events: %s.", op.ID, wrong)
		}
	}
	return nil
}

// operationLinks returns the events of an operation up to op.LastSeq.
func (r *Log) operationLinks(ctx context.Context, op Operation) ([]link, error) {
	rows, err := r.db.SQL().QueryContext(
		ctx,
		`SELECT `+linkColumns+` FROM events WHERE operation_id = $1 AND seq <= $2 ORDER BY seq`,
		op.ID,
		op.LastSeq,
	)
	if err != nil {
		return nil, fmt.Errorf("reading the events of operation %s: %w", op.ID, err)
	}
	defer rows.Close()
	var events []link
	for rows.Next() {
		e, err := scanLink(rows)
		if err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the events of operation %s: %w", op.ID, err)
	}
	return events, nil
}
