package audit

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
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

// operationRow is a row of operations.
type operationRow struct {
	op         Operation
	actorID    string
	actor      string
	closedAt   int64
	unreadable bool
}

// lockRow is a row of operation_locks without the operation.
type lockRow struct {
	account int64
	name    string
}

// replayedEvent is an event of an operation. All fields are NULL for an operation without events.
type replayedEvent struct {
	seq, at      sql.NullInt64
	kind, result sql.NullString
	confirmed    sql.NullBool
	body         sql.NullString
}

// scanReplayed reads a row with an event. A column of another type makes it unreadable; its id is the first column.
func scanReplayed(rows *sql.Rows) (operationRow, replayedEvent) {
	var (
		r       operationRow
		e       replayedEvent
		intent  string
		created int64
	)
	op := &r.op
	err := rows.Scan(
		&op.ID,
		&op.Account,
		&op.Action,
		&op.Target.Kind,
		&op.Target.ID,
		&op.Target.Name,
		&r.actorID,
		&r.actor,
		&op.Reason,
		&op.RequestID,
		&op.Tag,
		&intent,
		&created,
		&op.Result,
		&op.Confirmed,
		&op.Open,
		&r.closedAt,
		&op.LastSeq,
		&op.Target.FormerID,
		&op.BulkID,
		&op.BulkLater,
		&e.seq,
		&e.kind,
		&e.at,
		&e.result,
		&e.confirmed,
		&e.body,
	)
	r.unreadable = err != nil
	op.Intent, op.CreatedAt = json.RawMessage(intent), time.UnixMicro(created)
	return r, e
}

// replayed is the row of an operation with the state that its events give.
type replayed struct {
	row        operationRow
	intent     *intentBody // nil when there is no intent event
	intentAt   int64
	target     targetBody
	open       bool
	released   bool // it was closed once, and released its locks
	last       replayedEvent
	unreadable bool // the body of an event could not be decoded
	targetRows []targetRow
	roleRows   []RoleChange
	lockRows   []lockRow
}

// add applies the next event.
func (s *replayed) add(e replayedEvent) {
	if !e.seq.Valid {
		return
	}
	s.last, s.open = e, true
	if EventKind(e.kind.String) == IntentEvent {
		s.intent, s.intentAt = &intentBody{}, e.at.Int64
		s.unreadable = json.Unmarshal([]byte(e.body.String), s.intent) != nil || s.unreadable
		s.target = s.intent.Target
		return
	}
	var body eventBody
	s.unreadable = json.Unmarshal([]byte(e.body.String), &body) != nil || s.unreadable
	s.open, s.released = body.Open, s.released || !body.Open
	if body.Target != nil {
		s.target = *body.Target
	}
}

// mismatches returns how a row differs from its events.
func (s *replayed) mismatches() []string {
	switch {
	case s.row.unreadable:
		return []string{"it cannot be read"}
	case !s.last.seq.Valid:
		return []string{"there are none"}
	case s.unreadable:
		return []string{"an event cannot be decoded"}
	case s.intent == nil:
		return []string{"the intent event is missing"}
	}
	op, intent := s.row.op, s.intent
	actor, err := json.Marshal(intent.Actor)
	target := bodyOfTarget(op.Target)
	var closedAt int64
	if !s.open {
		closedAt = s.last.at.Int64
	}
	var wrong []string
	for _, column := range []struct {
		name string
		same bool
	}{
		{"operations.account", op.Account == intent.Account},
		{"operations.action", op.Action == intent.Action},
		{"operations.target_kind", target.Kind == s.target.Kind},
		{"operations.target_id", target.ID == s.target.ID},
		{"operations.target_name", target.Name == s.target.Name},
		{"operations.former_id", target.FormerID == s.target.FormerID},
		{"operations.actor_id", s.row.actorID == intent.Actor.ID()},
		{"operations.actor", err == nil && s.row.actor == string(actor)},
		{"operations.reason", op.Reason == intent.Reason},
		{"operations.request_id", op.RequestID == intent.RequestID},
		{"operations.tag", op.Tag == intent.Tag},
		{"operations.intent", sameJSON(op.Intent, intent.Intent)},
		{"operations.created_at", op.CreatedAt.UnixMicro() == s.intentAt},
		{"operations.result", string(op.Result) == s.last.result.String},
		{"operations.confirmed", op.Confirmed == s.last.confirmed.Bool},
		{"operations.open", op.Open == s.open},
		{"operations.closed_at", s.row.closedAt == closedAt},
		{"operations.last_seq", op.LastSeq == s.last.seq.Int64},
		{"operations.bulk_id", op.BulkID == bulkIDOf(intent.Intent)},
		{"operations.bulk_later", op.BulkLater == intent.BulkLater},
		{"operation_targets", s.targetsMatch()},
		{"operation_roles", s.rolesMatch()},
		{"operation_locks", s.locksMatch()},
	} {
		if !column.same {
			wrong = append(wrong, column.name+" differs")
		}
	}
	return wrong
}

// targetsMatch reports whether operation_targets holds exactly the principals that the events name.
func (s *replayed) targetsMatch() bool {
	expected := map[targetRow]bool{}
	for _, row := range targetRows(s.row.op.Target) {
		expected[row] = true
	}
	for _, ref := range s.intent.Affected {
		expected[targetRow{partAffected, access.Ref(ref)}] = true
	}
	return sameRows(expected, s.targetRows)
}

// rolesMatch reports whether operation_roles holds exactly the roles that the intent names, each once.
func (s *replayed) rolesMatch() bool {
	type key struct {
		id     int64
		effect RoleEffect
	}
	seen, expected := map[key]bool{}, map[RoleChange]bool{}
	for _, role := range s.intent.Roles {
		if k := (key{role.ID, role.Effect}); !seen[k] {
			seen[k], expected[role] = true, true
		}
	}
	return sameRows(expected, s.roleRows)
}

// locksMatch reports whether operation_locks holds exactly the locks that the intent names, until the operation is
// closed.
func (s *replayed) locksMatch() bool {
	expected := map[lockRow]bool{}
	for _, name := range s.intent.Locks {
		if !s.released {
			expected[lockRow{s.intent.Account, name}] = true
		}
	}
	return sameRows(expected, s.lockRows)
}

func sameRows[T comparable](expected map[T]bool, rows []T) bool {
	if len(rows) != len(expected) {
		return false
	}
	for _, row := range rows {
		if !expected[row] {
			return false
		}
	}
	return true
}

// sameJSON reports whether two JSON texts are equal except for white space and escapes.
func sameJSON(a, b json.RawMessage) bool {
	first, err := json.Marshal(a)
	if err != nil {
		return false
	}
	second, err := json.Marshal(b)
	return err == nil && bytes.Equal(first, second)
}
