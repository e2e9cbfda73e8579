package audit

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// verifyBatch is how many operations are compared with their events at a time.
const verifyBatch = 500

const (
	// verifyQuery reads the operations after an id, each with its events.
	verifyQuery = `SELECT b.id, b.account, b.action, b.target_kind, b.target_id, b.target_name, b.actor_id, b.actor,
			b.reason, b.request_id, b.tag, b.intent, b.created_at, b.result, b.confirmed, b.open, b.closed_at, b.last_seq,
			b.former_id, b.bulk_id, b.bulk_later, e.seq, e.kind, e.at, e.result, e.confirmed, e.body
		FROM (SELECT * FROM operations WHERE id > $1 ORDER BY id LIMIT $2) AS b
		LEFT JOIN events e ON e.operation_id = b.id ORDER BY b.id, e.seq`

	targetsQuery = `SELECT operation_id, part, kind, id FROM operation_targets`
	rolesQuery   = `SELECT operation_id, role_id, name, effect FROM operation_roles`
	locksQuery   = `SELECT operation_id, account, name FROM operation_locks`
	idRange      = ` WHERE operation_id > $1 AND operation_id <= $2 ORDER BY operation_id`
	idsAfter     = ` WHERE operation_id > $1 ORDER BY operation_id`
)

// checkOperations compares the rows of operations, operation_targets, operation_roles and operation_locks with the
// events.
func (v *verifier) checkOperations(ctx context.Context) error {
	for after := ""; ; {
		batch, err := v.readBatch(ctx, after)
		if err != nil {
			return err
		}
		last := len(batch) < verifyBatch
		until := ""
		if len(batch) > 0 {
			until = batch[len(batch)-1].row.op.ID
		}
		if err := v.readIndexRows(ctx, batch, after, until, last); err != nil {
			return err
		}
		for _, operation := range batch {
			v.checkOperation(operation)
		}
		if last {
			return v.findOrphanEvents(ctx)
		}
		after = until
	}
}

// readBatch reads the next operations after an id, each with its events.
func (v *verifier) readBatch(ctx context.Context, after string) ([]*replayed, error) {
	rows, err := v.tx.QueryContext(ctx, verifyQuery, after, verifyBatch)
	if err != nil {
		return nil, fmt.Errorf("reading operations: %w", err)
	}
	defer rows.Close()
	var batch []*replayed
	for rows.Next() {
		row, e := scanReplayed(rows)
		if len(batch) == 0 || batch[len(batch)-1].row.op.ID != row.op.ID {
			batch = append(batch, &replayed{row: row})
		}
		batch[len(batch)-1].add(e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading operations: %w", err)
	}
	return batch, nil
}

// readIndexRows adds to the batch its rows of operation_targets, operation_roles and operation_locks: those of the ids
// after one id and up to another, or of all later ids. Rows without an operation become findings.
func (v *verifier) readIndexRows(ctx context.Context, batch []*replayed, after, until string, toTheEnd bool) error {
	byID := make(map[string]*replayed, len(batch))
	for _, operation := range batch {
		byID[operation.row.op.ID] = operation
	}
	var orphan string
	operationOf := func(id string) *replayed {
		operation := byID[id]
		if operation == nil && id != orphan {
			orphan = id
			v.report.addFinding(Finding{
				Operation: id,
				Problem:   OperationMismatch,
				Text:      fmt.Sprintf("There are targets, roles or locks of operation %s, but the operation is missing.", id),
			})
		}
		return operation
	}
	where, args := idRange, []any{after, until}
	if toTheEnd {
		where, args = idsAfter, []any{after}
	}
	err := v.forEachRow(ctx, targetsQuery+where, args, func(r *sql.Rows) error {
		var id string
		var row targetRow
		if r.Scan(&id, &row.part, &row.ref.Kind, &row.ref.ID) != nil {
			row = targetRow{} // matches no event
		}
		if operation := operationOf(id); operation != nil {
			operation.targetRows = append(operation.targetRows, row)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading targets: %w", err)
	}
	err = v.forEachRow(ctx, rolesQuery+where, args, func(r *sql.Rows) error {
		var id string
		var row RoleChange
		if r.Scan(&id, &row.ID, &row.Name, &row.Effect) != nil {
			row = RoleChange{}
		}
		if operation := operationOf(id); operation != nil {
			operation.roleRows = append(operation.roleRows, row)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading roles: %w", err)
	}
	err = v.forEachRow(ctx, locksQuery+where, args, func(r *sql.Rows) error {
		var id string
		var row lockRow
		if r.Scan(&id, &row.account, &row.name) != nil {
			row = lockRow{}
		}
		if operation := operationOf(id); operation != nil {
			operation.lockRows = append(operation.lockRows, row)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading locks: %w", err)
	}
	return nil
}

func (v *verifier) forEachRow(ctx context.Context, query string, args []any, scan func(*sql.Rows) error) error {
	return forEachRow(ctx, v.tx, query, args, scan)
}

// forEachRow calls scan for each row of a query, until it returns an error.
func forEachRow(ctx context.Context, q querier, query string, args []any, scan func(*sql.Rows) error) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// checkOperation adds a finding when a row does not agree with its events.
func (v *verifier) checkOperation(s *replayed) {
	v.report.Operations++
	if wrong := s.mismatches(); len(wrong) > 0 {
		v.report.addFinding(Finding{
			Seq:       s.last.seq.Int64,
			Operation: s.row.op.ID,
			Problem:   OperationMismatch,
			Text: fmt.Sprintf(
				"The row of operation %s does not agree with its events: %s.",
				s.row.op.ID,
				strings.Join(wrong, ", "),
			),
		})
	}
}

// findOrphanEvents adds a finding for each operation that has events but no row.
func (v *verifier) findOrphanEvents(ctx context.Context) error {
	rows, err := v.tx.QueryContext(ctx, `SELECT operation_id, MIN(seq) FROM events
		WHERE operation_id <> '' AND operation_id NOT LIKE '%/%'
		AND NOT EXISTS (SELECT 1 FROM operations WHERE operations.id = events.operation_id) GROUP BY operation_id ORDER BY 2`)
	if err != nil {
		return fmt.Errorf("reading events without an operation: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var f Finding
		if err := rows.Scan(&f.Operation, &f.Seq); err != nil {
			return fmt.Errorf("reading events without an operation: %w", err)
		}
		f.Problem, f.Text = OperationMismatch, fmt.Sprintf("The row of operation %s is missing.", f.Operation)
		v.report.addFinding(f)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading events without an operation: %w", err)
	}
	return nil
}
