package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/store"
)

const operationColumns = `id, account, action, target_kind, target_id, target_name, actor, reason, request_id, ` +
	`tag, intent,
	created_at, result, confirmed, open, closed_at, last_seq, former_id, bulk_id, bulk_later`

const eventColumns = `e.seq, e.operation_id, e.kind, e.at, e.result, e.confirmed, e.body`

// querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// CountOpen returns the number of open operations.
func (r *Log) CountOpen(ctx context.Context) (count int, err error) {
	err = r.db.SQL().QueryRowContext(ctx, `SELECT COUNT(*) FROM operations WHERE open = $1`, true).Scan(&count)
	if err != nil {
		return 0, fmt.Errorf("counting open operations: %w", err)
	}
	return count, nil
}

// Operation returns an operation, or ErrNotFound.
func (r *Log) Operation(ctx context.Context, id string) (Operation, error) {
	return readOperation(ctx, r.db.SQL(), id)
}

const withEventsQuery = `WITH operation AS (SELECT ` + operationColumns + ` FROM operations WHERE id = $1)
	SELECT operation.*, ` + eventColumns + ` FROM operation JOIN events e ON e.operation_id = $1 ORDER BY e.seq`

// OperationWithEvents returns an operation with its events, oldest first, as they are at one moment. It returns
// ErrNotFound for an unknown operation and for one without events.
func (r *Log) OperationWithEvents(ctx context.Context, id string) (op Operation, events []Event, err error) {
	rows, err := r.db.SQL().QueryContext(ctx, withEventsQuery, id)
	if err != nil {
		return Operation{}, nil, fmt.Errorf("reading an operation and its events: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var row eventRow
		if op, err = scanOperation(rows, row.columns()...); err != nil {
			return Operation{}, nil, err
		}
		e, err := row.event()
		if err != nil {
			return Operation{}, nil, err
		}
		events = append(events, e)
	}
	if err := rows.Err(); err != nil {
		return Operation{}, nil, fmt.Errorf("reading an operation and its events: %w", err)
	}
	if len(events) == 0 {
		return Operation{}, nil, ErrNotFound
	}
	return op, events, nil
}

// Operations returns operations, newest first.
func (r *Log) Operations(ctx context.Context, f Filter) ([]Operation, error) {
	query, args := f.query()
	return r.list(ctx, query, args...)
}

// ListReopenable returns the operations that were closed after a time as NotApplied or PartlyApplied, oldest first.
// Later evidence may still contradict these results.
func (r *Log) ListReopenable(ctx context.Context, after time.Time) ([]Operation, error) {
	return r.list(
		ctx,
		`SELECT `+operationColumns+` FROM operations WHERE open = $1 AND closed_at > $2 AND result IN ($3, $4)
			ORDER BY closed_at, id`,
		false,
		after.UnixMicro(),
		NotApplied,
		PartlyApplied,
	)
}

// Events returns the events of an operation, oldest first.
func (r *Log) Events(ctx context.Context, operationID string) ([]Event, error) {
	rows, err := r.db.SQL().
		QueryContext(ctx, `SELECT `+eventColumns+` FROM events e WHERE operation_id = $1 ORDER BY seq`, operationID)
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
		var row eventRow
		if err := rows.Scan(row.columns()...); err != nil {
			return nil, fmt.Errorf("reading events: %w", err)
		}
		e, err := row.event()
		if err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	return events, nil
}

// eventRow is a row of events.
type eventRow struct {
	columnValues Event
	at           int64
	body         string
}

// columns returns where to scan eventColumns to.
func (row *eventRow) columns() []any {
	e := &row.columnValues
	return []any{&e.Seq, &e.OperationID, &e.Kind, &row.at, &e.Result, &e.Confirmed, &row.body}
}

// event returns the event of a scanned row.
func (row *eventRow) event() (Event, error) {
	e := row.columnValues
	var body eventBody
	if err := json.Unmarshal([]byte(row.body), &body); err != nil {
		return Event{}, fmt.Errorf("decoding event %d: %w", e.Seq, err)
	}
	e.At, e.Source, e.Note, e.Calls, e.Facts = time.UnixMicro(row.at).UTC(), body.Source, body.Note, body.Calls, body.Facts
	e.Process = body.Process
	return e, nil
}

// query returns the query of a filter and its arguments.
func (f Filter) query() (string, []any) {
	var args store.Args
	where := f.where(&args)
	limit := f.Limit
	if limit <= 0 {
		limit = 50
	}
	order := ` ORDER BY created_at DESC, id DESC LIMIT `
	if f.TargetID != "" || f.Open {
		// A target has few operations and few are open, but an account has many. The expression keeps the database from
		// reading all of them in order of time.
		order = ` ORDER BY created_at + 0 DESC, id DESC LIMIT `
	}
	return `SELECT ` + operationColumns + ` FROM operations` + where + order + args.Add(limit), args
}

// where returns the condition of a filter. A target is written so that the index on targets fits.
func (f Filter) where(args *store.Args) string {
	var conditions []string
	add := func(condition string) { conditions = append(conditions, condition) }
	switch {
	case f.Account != 0 && f.BulkID != "":
		add("account + 0 = " + args.Add(f.Account)) // so that the index by bulk change is used
	case f.Account != 0:
		add("account = " + args.Add(f.Account))
	}
	if f.TargetKind != "" {
		add("target_kind = " + args.Add(f.TargetKind))
	}
	switch {
	case f.TargetID != "" && f.TargetName != "":
		add("target_id IN (" + args.Add(f.TargetID) + ", '')" +
			" AND (target_id <> '' OR target_name = " + args.Add(f.TargetName) + ")")
	case f.TargetID != "":
		add("target_id = " + args.Add(f.TargetID))
	}
	if f.Actor != "" {
		add("actor_id = " + args.Add(f.Actor))
	}
	if f.Open {
		add("open = " + args.Add(true))
	}
	if f.Entries {
		add("bulk_later = FALSE")
	}
	if f.BulkID != "" {
		add("bulk_id = " + args.Add(f.BulkID) + " AND bulk_id <> ''")
	}
	if len(conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(conditions, " AND ")
}

func (r *Log) list(ctx context.Context, query string, args ...any) ([]Operation, error) {
	return listOperations(ctx, r.db.SQL(), query, args...)
}

func listOperations(ctx context.Context, q querier, query string, args ...any) ([]Operation, error) {
	rows, err := q.QueryContext(ctx, query, args...)
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
	return scanOperation(q.QueryRowContext(ctx, `SELECT `+operationColumns+` FROM operations WHERE id = $1`, id))
}

// scanOperation scans operationColumns and the columns after them.
func scanOperation(row interface{ Scan(...any) error }, after ...any) (Operation, error) {
	var (
		op              Operation
		actor, intent   string
		created, closed int64
	)
	err := row.Scan(append([]any{
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
		&op.BulkID,
		&op.BulkLater,
	}, after...)...)
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

// decodeActor decodes the actor column of an operation.
func decodeActor(text string) (Actor, error) {
	var a Actor
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return Actor{}, fmt.Errorf("decoding the actor: %w", err)
	}
	return a, nil
}
