package bulk

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/operations"
)

// itemBody is what a row's JSON column holds: what the preview said.
type itemBody struct {
	Line        int                  `json:"line,omitempty"`
	TargetID    int64                `json:"target_id,omitempty"`
	Login       string               `json:"login,omitempty"`
	Description string               `json:"description,omitempty"`
	Roles       []operations.RoleRef `json:"roles,omitempty"`
	Before      []operations.RoleRef `json:"before,omitempty"`
	Grant       []operations.RoleRef `json:"grant,omitempty"`
	Revoke      []operations.RoleRef `json:"revoke,omitempty"`
	Problem     string               `json:"problem,omitempty"`
	Note        string               `json:"note,omitempty"`
}

// insertItems writes the rows of a draft.
func insertItems(ctx context.Context, tx *sql.Tx, items []Item) error {
	insert, err := tx.PrepareContext(
		ctx,
		`INSERT INTO bulk_items (bulk_id, n, state, operation_id, result, final, code, body, message)
			VALUES ($1, $2, $3, '', '', FALSE, 0, $4, '')`,
	)
	if err != nil {
		return fmt.Errorf("writing the rows of a run: %w", err)
	}
	defer insert.Close()
	for _, r := range items {
		body, err := json.Marshal(itemBody{
			Line: r.Line, TargetID: r.TargetID, Login: r.Login, Description: r.Description, Roles: r.Roles,
			Before: r.Before, Grant: r.Grant, Revoke: r.Revoke, Problem: r.Problem, Note: r.Note,
		})
		if err != nil {
			return fmt.Errorf("encoding a row: %w", err)
		}
		if _, err := insert.ExecContext(ctx, r.BulkID, r.N, r.State, string(body)); err != nil {
			return fmt.Errorf("writing the rows of a run: %w", err)
		}
	}
	return nil
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// storedItems reads rows as their table has them, in order, that a condition picks.
func storedItems(ctx context.Context, q querier, condition string, args ...any) ([]Item, error) {
	found, err := q.QueryContext(
		ctx,
		`SELECT bulk_id, n, state, operation_id, result, code, body, message FROM bulk_items WHERE `+condition,
		args...)
	if err != nil {
		return nil, fmt.Errorf("reading the rows of a run: %w", err)
	}
	defer found.Close()
	var items []Item
	for found.Next() {
		var (
			r    Item
			text string
			body itemBody
		)
		if err := found.Scan(&r.BulkID, &r.N, &r.State, &r.OperationID, &r.Result, &r.Code, &text, &r.Message); err != nil {
			return nil, fmt.Errorf("reading the rows of a run: %w", err)
		}
		if err := json.Unmarshal([]byte(text), &body); err != nil {
			return nil, fmt.Errorf("decoding row %d of the run %s: %w", r.N, r.BulkID, err)
		}
		r.Line = body.Line
		r.TargetID = body.TargetID
		r.Login = body.Login
		r.Description = body.Description
		r.Roles = body.Roles
		r.Before, r.Grant, r.Revoke, r.Problem, r.Note = body.Before, body.Grant, body.Revoke, body.Problem, body.Note
		items = append(items, r)
	}
	if err := found.Err(); err != nil {
		return nil, fmt.Errorf("reading the rows of a run: %w", err)
	}
	return items, nil
}
