package bulk

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// insertItems writes the items of a draft. bodies are their JSON bodies.
func insertItems(ctx context.Context, tx *sql.Tx, items []Item, bodies []string) error {
	insert, err := tx.PrepareContext(
		ctx,
		`INSERT INTO bulk_items (bulk_id, n, state, operation_id, result, final, code, body, message, seq)
			VALUES ($1, $2, $3, '', '', FALSE, 0, $4, '', 0)`,
	)
	if err != nil {
		return fmt.Errorf("preparing to write items: %w", err)
	}
	defer insert.Close()
	for i, item := range items {
		if _, err := insert.ExecContext(ctx, item.BulkID, item.N, item.State, bodies[i]); err != nil {
			return fmt.Errorf("writing an item: %w", err)
		}
	}
	return nil
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// storedItems reads the items that match an SQL condition, as the table has them.
func storedItems(ctx context.Context, q querier, condition string, args ...any) ([]Item, error) {
	rows, err := q.QueryContext(
		ctx,
		`SELECT bulk_id, n, state, operation_id, result, code, body, message FROM bulk_items WHERE `+condition,
		args...,
	)
	if err != nil {
		return nil, fmt.Errorf("reading items: %w", err)
	}
	defer rows.Close()
	var items []Item
	for rows.Next() {
		var (
			item Item
			body string
		)
		if err := rows.Scan(
			&item.BulkID,
			&item.N,
			&item.State,
			&item.OperationID,
			&item.Result,
			&item.Code,
			&body,
			&item.Message,
		); err != nil {
			return nil, fmt.Errorf("reading items: %w", err)
		}
		if err := json.Unmarshal([]byte(body), &item); err != nil {
			return nil, fmt.Errorf("decoding item %d of bulk change %s: %w", item.N, item.BulkID, err)
		}
		items = append(items, item)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading items: %w", err)
	}
	return items, nil
}
