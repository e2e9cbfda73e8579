package audit

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

// verifyBatch is how many operations are compared with their events at a time.
const verifyBatch = 500

const (
	// verifyQuery reads the operations after an id, each with its events.
	verifyQuery = `SELECT b.id, b.account, b.action, b.target_kind, b.target_id, b.target_name, b.actor_id, b.actor,
			b.reason, b.request_id, b.tag, b.intent, b.created_at, b.result, b.confirmed, b.open, b.closed_at, b.last_seq,
			b.former_id, e.seq, e.kind, e.at, e.result, e.confirmed, e.body
		FROM (SELECT * FROM operations WHERE id > $1 ORDER BY id LIMIT $2) AS b
		LEFT JOIN events e ON e.operation_id = b.id ORDER BY b.id, e.seq`

	targetsQuery = `SELECT operation_id, part, kind, id FROM operation_targets`
	rolesQuery   = `SELECT operation_id, role_id, name, effect FROM operation_roles`
	idRange      = ` WHERE operation_id > $1 AND operation_id <= $2 ORDER BY operation_id`
	idsAfter     = ` WHERE operation_id > $1 ORDER BY operation_id`
)

// checkOperations compares the rows of operations, operation_targets and operation_roles with the events.
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
		row, e, err := scanReplayed(rows)
		if err != nil {
			return nil, err
		}
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

// readIndexRows adds to the batch its rows of operation_targets and operation_roles: those of the ids after one id
// and up to another, or of all later ids. Rows without an operation become findings.
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
				Text:      fmt.Sprintf("There are targets or roles of operation %s, but the operation is missing.", id),
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
		if err := r.Scan(&id, &row.part, &row.ref.Kind, &row.ref.ID); err != nil {
			return err
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
		if err := r.Scan(&id, &row.ID, &row.Name, &row.Effect); err != nil {
			return err
		}
		if operation := operationOf(id); operation != nil {
			operation.roleRows = append(operation.roleRows, row)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading roles: %w", err)
	}
	return nil
}

func (v *verifier) forEachRow(ctx context.Context, query string, args []any, scan func(*sql.Rows) error) error {
	rows, err := v.tx.QueryContext(ctx, query, args...)
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
	if wrong := s.mismatch(); wrong != "" {
		v.report.addFinding(Finding{
			Seq:       s.last.seq.Int64,
			Operation: s.row.op.ID,
			Problem:   OperationMismatch,
			Text:      fmt.Sprintf("The row of operation %s does not agree with its events: %s.", s.row.op.ID, wrong),
		})
	}
}

// findOrphanEvents adds a finding for each operation that has events but no row.
func (v *verifier) findOrphanEvents(ctx context.Context) error {
	rows, err := v.tx.QueryContext(ctx, `SELECT operation_id, MIN(seq) FROM events WHERE operation_id <> ''
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
	op      Operation
	actorID string
	actor   string
}

// replayedEvent is an event of an operation. All fields are NULL for an operation without events.
type replayedEvent struct {
	seq, at      sql.NullInt64
	kind, result sql.NullString
	confirmed    sql.NullBool
	body         sql.NullString
}

func scanReplayed(rows *sql.Rows) (operationRow, replayedEvent, error) {
	var (
		r               operationRow
		e               replayedEvent
		intent          string
		created, closed int64
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
		&closed,
		&op.LastSeq,
		&op.Target.FormerID,
		&e.seq,
		&e.kind,
		&e.at,
		&e.result,
		&e.confirmed,
		&e.body,
	)
	if err != nil {
		return r, e, fmt.Errorf("reading an operation: %w", err)
	}
	op.Intent, op.CreatedAt = json.RawMessage(intent), time.UnixMicro(created)
	if closed != 0 {
		op.ClosedAt = time.UnixMicro(closed)
	}
	return r, e, nil
}

// replayed is the row of an operation with the state that its events give.
type replayed struct {
	row        operationRow
	intent     *intentBody // nil when there is no intent event
	intentAt   int64
	target     targetBody
	open       bool
	last       replayedEvent
	unreadable bool // the body of an event could not be decoded
	targetRows []targetRow
	roleRows   []RoleChange
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
	s.open = body.Open
	if body.Target != nil {
		s.target = *body.Target
	}
}

// mismatch returns how a row differs from its events, "" when it does not.
func (s *replayed) mismatch() string {
	op := s.row.op
	switch {
	case !s.last.seq.Valid:
		return "there are none"
	case s.unreadable:
		return "an event cannot be decoded"
	case op.LastSeq != s.last.seq.Int64:
		return "the newest event differs"
	case string(op.Result) != s.last.result.String || op.Confirmed != s.last.confirmed.Bool:
		return "the result differs"
	case op.Open != s.open:
		return "one is open and the other is not"
	case !op.Open && op.ClosedAt.UnixMicro() != s.last.at.Int64 || op.Open && !op.ClosedAt.IsZero():
		return "the closing time differs"
	case s.intent == nil:
		return "the intent event is missing"
	}
	return s.intentMismatch()
}

func (s *replayed) intentMismatch() string {
	op, intent := s.row.op, s.intent
	actor, err := json.Marshal(intent.Actor)
	switch {
	case err != nil || string(actor) != s.row.actor || intent.Actor.ID() != s.row.actorID:
		return "the actor differs"
	case op.Account != intent.Account || op.Action != intent.Action:
		return "the account or the action differs"
	case bodyOfTarget(op.Target) != s.target:
		return "the target differs"
	case op.Reason != intent.Reason || op.RequestID != intent.RequestID || op.Tag != intent.Tag:
		return "the reason, the request id or the tag differs"
	case op.CreatedAt.UnixMicro() != s.intentAt:
		return "the time differs"
	case !sameJSON(op.Intent, intent.Intent):
		return "the intent differs"
	case !s.targetsMatch():
		return "operation_targets differs"
	case !s.rolesMatch():
		return "operation_roles differs"
	}
	return ""
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
