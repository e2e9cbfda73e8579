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
			b.former_id, e.seq, e.kind, e.at, e.result, e.confirmed, e.body, e.key_id
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

// readIndexRows adds to the batch its rows of operation_targets and operation_roles: those of the ids after one id and
// up to another, or of all later ids. Rows without an operation become findings.
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

// checkOperation notes what a row says otherwise than its events.
func (v *verifier) checkOperation(s *replayed) {
	v.report.Operations++
	if wrong := s.mismatch(); wrong != "" {
		v.report.addFinding(
			Finding{
				Seq:       s.last.seq.Int64,
				Operation: s.row.op.ID,
				Problem:   OperationMismatch,
				Text:      fmt.Sprintf("The row of operation %s does not agree with its events: %s.", s.row.op.ID, wrong),
			},
		)
	}
}

// findOrphanEvents finds events of operations that have no row.
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

// operationRow is an operation as its row has it.
type operationRow struct {
	op      Operation
	actorID string
	actor   string
}

// replayedEvent is an event as it bears on its operation's row. All of it is NULL for a row without events.
type replayedEvent struct {
	seq, at      sql.NullInt64
	kind, result sql.NullString
	confirmed    sql.NullBool
	body, keyID  sql.NullString
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
		&e.keyID,
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

// replayed is an operation's row, and its story as far as it was read.
type replayed struct {
	row        operationRow
	intent     *intentBody // nil before it was read, and for an event from before the chain
	intentAt   int64       // when the intent was written
	target     targetBody  // as the events have it
	open       bool
	last       replayedEvent
	unreadable bool // a body could not be read
	targetRows []targetRow
	roleRows   []RoleChange
}

// add goes on with the next event.
func (s *replayed) add(e replayedEvent) {
	if !e.seq.Valid {
		return
	}
	s.last, s.open = e, true
	if e.keyID.String == "" {
		return // says nothing of all this
	}
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

// mismatch says what a row says otherwise than the events, "" for nothing.
func (s *replayed) mismatch() string {
	op := s.row.op
	switch {
	case !s.last.seq.Valid:
		return "it has none"
	case s.unreadable:
		return "one of them cannot be read"
	case op.LastSeq != s.last.seq.Int64:
		return "the newest event is another"
	case string(op.Result) != s.last.result.String || op.Confirmed != s.last.confirmed.Bool:
		return "the last word is another"
	case s.last.keyID.String == "":
		return ""
	case op.Open != s.open:
		return "whether it is open"
	case !op.Open && op.ClosedAt.UnixMicro() != s.last.at.Int64 || op.Open && !op.ClosedAt.IsZero():
		return "when it was closed"
	case s.intent == nil:
		return "" // its intent is from before the chain
	}
	return s.intentMismatch()
}

func (s *replayed) intentMismatch() string {
	op, intent := s.row.op, s.intent
	actor, err := json.Marshal(intent.Actor)
	switch {
	case err != nil || string(actor) != s.row.actor || intent.Actor.ID() != s.row.actorID:
		return "the actor is another"
	case op.Account != intent.Account || op.Action != intent.Action:
		return "the act is another"
	case bodyOfTarget(op.Target) != s.target:
		return "the target is another"
	case op.Reason != intent.Reason || op.RequestID != intent.RequestID || op.Tag != intent.Tag:
		return "the reason, the request or the mark is another"
	case op.CreatedAt.UnixMicro() != s.intentAt:
		return "the time is another"
	case !sameJSON(op.Intent, intent.Intent):
		return "the intent is another"
	case !s.targetsMatch():
		return "the targets are others"
	case !s.rolesMatch():
		return "the roles are others"
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

// sameJSON compares texts of JSON to the byte, but for how they are spaced and escaped.
func sameJSON(a, b json.RawMessage) bool {
	first, err := json.Marshal(a)
	if err != nil {
		return false
	}
	second, err := json.Marshal(b)
	return err == nil && bytes.Equal(first, second)
}
