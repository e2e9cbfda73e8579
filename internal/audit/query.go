package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

const operationColumns = `id, account, action, target_kind, target_id, target_name, actor, reason, request_id, ` +
	`tag, intent,
	created_at, result, confirmed, open, closed_at, last_seq, former_id`

const eventColumns = `seq, operation_id, kind, at, result, confirmed, body`

// querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// CountOpen answers how many operations are not closed.
func (r *Log) CountOpen(ctx context.Context) (count int, err error) {
	err = r.db.SQL().QueryRowContext(ctx, `SELECT COUNT(*) FROM operations WHERE open = ?`, true).Scan(&count)
	if err != nil {
		return 0, fmt.Errorf("counting open operations: %w", err)
	}
	return count, nil
}

// Operation answers one operation, or ErrNotFound.
func (r *Log) Operation(ctx context.Context, id string) (Operation, error) {
	return readOperation(ctx, r.db.SQL(), id)
}

// Operations answers operations, newest first.
func (r *Log) Operations(ctx context.Context, f Filter) ([]Operation, error) {
	query, args := f.query()
	return r.list(ctx, query, args...)
}

// ListReopenable answers the operations that were closed after a time with a result that says that something did not
// happen: contrary evidence may still come. Oldest first.
func (r *Log) ListReopenable(ctx context.Context, after time.Time) ([]Operation, error) {
	return r.list(
		ctx,
		`SELECT `+operationColumns+` FROM operations WHERE open = ? AND closed_at > ? AND result IN (?, ?)
			ORDER BY closed_at, id`,
		false,
		after.UnixMicro(),
		NotApplied,
		PartlyApplied,
	)
}

// laterCondition is the condition that an operation's story goes on after another's began, whose id it takes. It asks
// for numbers of events: clocks are set back, and those of two servers differ.
const laterCondition = `last_seq > (SELECT MIN(seq) FROM events WHERE operation_id = ?)`

// HasLaterChange reports whether an operation on the same target came after this one and may have changed it. A target
// without an id is compared by name.
func (r *Log) HasLaterChange(ctx context.Context, op Operation) (bool, error) {
	target, args := `target_id = '' AND target_name = ?`, []any{op.Account, op.Target.Kind, op.Target.Name}
	if op.Target.ID != "" {
		target = `id IN (SELECT operation_id FROM operation_targets WHERE kind = ? AND id = ? AND part <> ?)`
		args = []any{op.Account, op.Target.Kind, op.Target.Kind, op.Target.ID, partAffected}
	}
	var count int
	err := r.db.SQL().QueryRowContext(
		ctx,
		`SELECT COUNT(*) FROM operations WHERE account = ? AND target_kind = ? AND `+target+` AND `+laterCondition+
			` AND id <> ? AND result NOT IN (?, ?, ?)`,
		append(args, op.ID, op.ID, Refused, NotSent, NotApplied)...,
	).Scan(&count)
	if err != nil {
		return false, fmt.Errorf("reading later operations: %w", err)
	}
	return count > 0, nil
}

// LaterCreation returns the newest applied operation with one of the given actions, begun later than op, on a principal
// of the same kind and name; found is false when there is none.
func (r *Log) LaterCreation(
	ctx context.Context,
	op Operation,
	actions ...Action,
) (later Operation, found bool, err error) {
	args := []any{op.Account, op.ID, op.ID, op.Target.Kind, op.Target.Name, op.Target.Name, Applied}
	list, err := r.list(
		ctx,
		`SELECT `+operationColumns+` FROM operations WHERE account = ? AND `+laterCondition+
			` AND id <> ? AND target_kind = ? AND LOWER(target_name) = LOWER(?) AND target_name = ?
		AND result = ? AND action IN `+placeholders(len(actions))+` ORDER BY last_seq DESC LIMIT 1`,
		appendActions(args, actions)...,
	)
	if err != nil || len(list) == 0 {
		return Operation{}, false, err
	}
	return list[0], true, nil
}

// HasLaterDeletion reports whether an operation with one of the given actions, begun later than op, deleted or may have
// deleted a principal of the same kind and name, other than the one that op was to delete. It may have deleted what op
// created; then its absence proves nothing.
func (r *Log) HasLaterDeletion(ctx context.Context, op Operation, actions ...Action) (bool, error) {
	former := op.Target.FormerID
	if former == "" {
		former = op.Target.ID
	}
	args := []any{
		op.Account, op.ID, op.ID, op.Target.Kind, op.Target.Name, op.Target.Name, Refused, NotSent, NotApplied, former,
	}
	var count int
	err := r.db.SQL().QueryRowContext(
		ctx,
		`SELECT COUNT(*) FROM operations WHERE account = ? AND `+laterCondition+
			` AND id <> ? AND target_kind = ? AND LOWER(target_name) = LOWER(?) AND target_name = ?
		AND result NOT IN (?, ?, ?) AND CASE WHEN former_id <> '' THEN former_id ELSE target_id END <> ?
		AND action IN `+placeholders(len(actions)),
		appendActions(args, actions)...,
	).Scan(&count)
	if err != nil {
		return false, fmt.Errorf("reading later deletions: %w", err)
	}
	return count > 0, nil
}

// WasDeleted reports whether an operation with one of the given actions deleted the target, as confirmed by
// reading. The vendor does not reuse ids, so a later reading that still shows the target is an old one.
func (r *Log) WasDeleted(ctx context.Context, account int64, target Target, actions ...Action) (bool, error) {
	query, args := wasDeletedQuery(account, target, actions)
	var count int
	if err := r.db.SQL().QueryRowContext(ctx, query, args...).Scan(&count); err != nil {
		return false, fmt.Errorf("reading whether the target was deleted: %w", err)
	}
	return count > 0, nil
}

func wasDeletedQuery(account int64, target Target, actions []Action) (query string, args []any) {
	args = []any{account, target.Kind, target.ID, partFormer, partTarget, Applied, PartlyApplied}
	return `SELECT COUNT(*) FROM operation_targets t JOIN operations o ON o.id = t.operation_id
		WHERE o.account = ? AND t.kind = ? AND t.id = ? AND (t.part = ? OR t.part = ? AND o.former_id = '')
			AND o.confirmed = TRUE AND o.result IN (?, ?)
			AND o.action IN ` + placeholders(len(actions)), appendActions(args, actions)
}

// placeholders returns the parameter list of an IN condition with n values, at least one.
func placeholders(n int) string { return `(?` + strings.Repeat(", ?", n-1) + `)` }

func appendActions(args []any, actions []Action) []any {
	for _, action := range actions {
		args = append(args, action)
	}
	return args
}

// Events answers an operation's story, in order.
func (r *Log) Events(ctx context.Context, operationID string) ([]Event, error) {
	rows, err := r.db.SQL().
		QueryContext(ctx, `SELECT `+eventColumns+` FROM events WHERE operation_id = ? ORDER BY seq`, operationID)
	if err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	return scanEvents(rows)
}

// scanEvents reads events and closes the rows.
func scanEvents(rows *sql.Rows) ([]Event, error) {
	defer rows.Close()
	var events []Event
	for rows.Next() {
		var (
			e    Event
			at   int64
			text string
			body eventBody
		)
		if err := rows.Scan(&e.Seq, &e.OperationID, &e.Kind, &at, &e.Result, &e.Confirmed, &text); err != nil {
			return nil, fmt.Errorf("reading events: %w", err)
		}
		if err := json.Unmarshal([]byte(text), &body); err != nil {
			return nil, fmt.Errorf("decoding event %d: %w", e.Seq, err)
		}
		e.At, e.Source, e.Note, e.Calls, e.Facts = time.UnixMicro(at).UTC(), body.Source, body.Note, body.Calls, body.Facts
		events = append(events, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	return events, nil
}

// query turns a filter into a query and its arguments.
func (f Filter) query() (string, []any) {
	where, args := f.where()
	limit := f.Limit
	if limit <= 0 {
		limit = 50
	}
	order := ` ORDER BY created_at DESC, id DESC LIMIT ?`
	if f.TargetID != "" || f.Open {
		// A target has few operations, and few are open, an account has many: this keeps the database from walking the
		// latter in order of time.
		order = ` ORDER BY created_at + 0 DESC, id DESC LIMIT ?`
	}
	return `SELECT ` + operationColumns + ` FROM operations` + where + order, append(args, limit)
}

// where turns a filter into a condition and its arguments. A target is asked for as the index on targets has it.
func (f Filter) where() (string, []any) {
	var (
		conditions []string
		args       []any
	)
	add := func(condition string, values ...any) {
		conditions, args = append(conditions, condition), append(args, values...)
	}
	if f.Account != 0 {
		add("account = ?", f.Account)
	}
	if f.TargetKind != "" {
		add("target_kind = ?", f.TargetKind)
	}
	switch {
	case f.TargetID != "" && f.TargetName != "":
		add("target_id IN (?, '') AND (target_id <> '' OR target_name = ?)", f.TargetID, f.TargetName)
	case f.TargetID != "":
		add("target_id = ?", f.TargetID)
	}
	if f.Actor != "" {
		add("actor_id = ?", f.Actor)
	}
	if f.Open {
		add("open = ?", true)
	}
	if len(conditions) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(conditions, " AND "), args
}

func (r *Log) list(ctx context.Context, query string, args ...any) ([]Operation, error) {
	rows, err := r.db.SQL().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading operations: %w", err)
	}
	defer rows.Close()
	var operations []Operation
	for rows.Next() {
		op, err := scanOperation(rows)
		if err != nil {
			return nil, err
		}
		operations = append(operations, op)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading operations: %w", err)
	}
	return operations, nil
}

func readOperation(ctx context.Context, q querier, id string) (Operation, error) {
	return scanOperation(q.QueryRowContext(ctx, `SELECT `+operationColumns+` FROM operations WHERE id = ?`, id))
}

func scanOperation(row interface{ Scan(...any) error }) (Operation, error) {
	var (
		op              Operation
		actor, intent   string
		created, closed int64
	)
	err := row.Scan(
		&op.ID,
		&op.Account,
		&op.Action,
		&op.Target.Kind,
		&op.Target.ID,
		&op.Target.Name,
		&actor,
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
	)
	if errors.Is(err, sql.ErrNoRows) {
		return Operation{}, ErrNotFound
	}
	if err != nil {
		return Operation{}, fmt.Errorf("reading an operation: %w", err)
	}
	if op.Actor, err = decodeActor(actor); err != nil {
		return Operation{}, fmt.Errorf("operation %s: %w", op.ID, err)
	}
	op.Intent, op.CreatedAt = json.RawMessage(intent), time.UnixMicro(created).UTC()
	if closed != 0 {
		op.ClosedAt = time.UnixMicro(closed).UTC()
	}
	return op, nil
}

// decodeActor reads an actor as the row of an operation holds them.
func decodeActor(text string) (Actor, error) {
	var a Actor
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return Actor{}, fmt.Errorf("decoding the actor: %w", err)
	}
	return a, nil
}
