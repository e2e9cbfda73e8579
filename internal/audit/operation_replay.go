package audit

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

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
