package audit

import (
	"context"
	"fmt"
	"strings"
)

// LastWord is what the record says of an operation at the moment.
type LastWord struct {
	Result    Result // "" while under way
	Confirmed bool
	Open      bool
}

// resultsChunk is how many ids one query asks for: databases limit the parameters of a statement.
const resultsChunk = 500

// Results answers the last word on each of many operations, by id. Those that the record does not have are left out.
func (r *Record) Results(ctx context.Context, ids []string) (map[string]LastWord, error) {
	words := make(map[string]LastWord, len(ids))
	for len(ids) > 0 {
		chunk := ids[:min(len(ids), resultsChunk)]
		ids = ids[len(chunk):]
		if err := r.results(ctx, chunk, words); err != nil {
			return nil, fmt.Errorf("reading the last words of operations: %w", err)
		}
	}
	return words, nil
}

func (r *Record) results(ctx context.Context, ids []string, into map[string]LastWord) error {
	args := make([]any, 0, len(ids))
	for _, id := range ids {
		args = append(args, id)
	}
	rows, err := r.db.SQL().
		QueryContext(ctx, `SELECT id, result, confirmed, open FROM operations WHERE id IN (?`+strings.Repeat(
			", ?",
			len(ids)-1,
		)+`)`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var (
			id   string
			word LastWord
		)
		if err := rows.Scan(&id, &word.Result, &word.Confirmed, &word.Open); err != nil {
			return err
		}
		into[id] = word
	}
	return rows.Err()
}
