package audit

import (
	"context"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/store"
)

// CurrentResult is the current result of an operation.
type CurrentResult struct {
	Result    Result // "" while under way
	Confirmed bool
	Open      bool
}

// resultsChunk is the number of ids in one query: databases limit the arguments of a statement.
const resultsChunk = 500

// CurrentResults returns the current results of operations by id. Unknown ids are left out.
func (r *Log) CurrentResults(ctx context.Context, ids []string) (map[string]CurrentResult, error) {
	results := make(map[string]CurrentResult, len(ids))
	for len(ids) > 0 {
		chunk := ids[:min(len(ids), resultsChunk)]
		ids = ids[len(chunk):]
		if err := r.readCurrentResults(ctx, chunk, results); err != nil {
			return nil, fmt.Errorf("reading the results of operations: %w", err)
		}
	}
	return results, nil
}

func (r *Log) readCurrentResults(ctx context.Context, ids []string, into map[string]CurrentResult) error {
	var args store.Args
	query := `SELECT id, result, confirmed, open FROM operations WHERE id IN ` + store.AddList(&args, ids)
	rows, err := r.db.SQL().QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var (
			id     string
			result CurrentResult
		)
		if err := rows.Scan(&id, &result.Result, &result.Confirmed, &result.Open); err != nil {
			return err
		}
		into[id] = result
	}
	return rows.Err()
}
