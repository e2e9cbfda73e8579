package audit

import (
	"context"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/store"
)

// CurrentResult is what the record says of an operation at the moment.
type CurrentResult struct {
	Result    Result // "" while under way
	Confirmed bool
	Open      bool
}

// resultsChunk is how many ids one query asks for: databases limit the parameters of a statement.
const resultsChunk = 500

// CurrentResults answers the last word on each of many operations, by id. Those that the record does not have are
// left out.
func (r *Log) CurrentResults(ctx context.Context, ids []string) (map[string]CurrentResult, error) {
	results := make(map[string]CurrentResult, len(ids))
	for len(ids) > 0 {
		chunk := ids[:min(len(ids), resultsChunk)]
		ids = ids[len(chunk):]
		if err := r.readCurrentResults(ctx, chunk, results); err != nil {
			return nil, fmt.Errorf("reading the last words of operations: %w", err)
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
