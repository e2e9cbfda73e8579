package audit

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// checkOperations looks whether the rows of the operations, which pages show, say what their events say.
func (v *verifier) checkOperations(ctx context.Context) error {
	rows, err := v.tx.QueryContext(
		ctx,
		`SELECT o.id, o.account, o.action, o.target_kind, o.target_id, o.target_name, o.actor_id, o.actor, o.reason, `+
			`o.request_id, o.tag, o.intent,
		o.created_at, o.result, o.confirmed, o.open, o.closed_at, o.last_seq, o.former_id, e.seq, e.kind, e.at, `+
			`e.result, e.confirmed, e.body, e.key_id
		FROM operations o LEFT JOIN events e ON e.operation_id = o.id ORDER BY o.id, e.seq`,
	)
	if err != nil {
		return fmt.Errorf("reading operations: %w", err)
	}
	defer rows.Close()
	var current *replayed
	for rows.Next() {
		row, e, err := scanReplayed(rows)
		if err != nil {
			return err
		}
		if current == nil || current.row.op.ID != row.op.ID {
			v.checkOperation(current)
			current = &replayed{row: row}
		}
		current.add(e)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading operations: %w", err)
	}
	v.checkOperation(current)
	return v.findOrphanEvents(ctx)
}

// checkOperation notes what a row says otherwise than its events.
func (v *verifier) checkOperation(s *replayed) {
	if s == nil {
		return
	}
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
	}
	return ""
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
