package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/store"
)

// maxEntryOperations is the number of operations that a page gets for each bulk change.
const maxEntryOperations = 10

// BulkEntry is the operations of one bulk change that match a search.
type BulkEntry struct {
	Count      int            // all that match
	Results    map[Result]int // by current result; "" before the first outcome
	Operations []Operation    // newest first, at most maxEntryOperations
}

// inBulkChange reports whether a bulk change has an operation already.
func inBulkChange(ctx context.Context, q querier, bulkID string) (found bool, err error) {
	if bulkID == "" {
		return false, nil
	}
	err = q.QueryRowContext(
		ctx,
		`SELECT EXISTS (SELECT 1 FROM operations WHERE bulk_id = $1 AND bulk_id <> '')`,
		bulkID,
	).Scan(&found)
	if err != nil {
		return false, fmt.Errorf("reading the operations of a bulk change: %w", err)
	}
	return found, nil
}

// Latest returns the newest entries of an account, newest first, at most limit: see Search.Entries.
func (r *Log) Latest(ctx context.Context, account int64, limit int) (p Page, err error) {
	p.Operations, err = r.Operations(ctx, Filter{Account: account, Entries: true, Limit: limit})
	if err != nil {
		return Page{}, err
	}
	p.Bulk, err = readBulkEntries(ctx, r.db.SQL(), Search{Account: account}, actorFilter{}, p.Operations)
	return p, err
}

// readBulkEntries returns the entries of those operations that are a part of a bulk change, by its id.
func readBulkEntries(
	ctx context.Context,
	q querier,
	s Search,
	actors actorFilter,
	ops []Operation,
) (map[string]BulkEntry, error) {
	var ids []string
	for _, op := range ops {
		if op.BulkID != "" && !slices.Contains(ids, op.BulkID) {
			ids = append(ids, op.BulkID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	entries := make(map[string]BulkEntry, len(ids))
	query, args := s.countQuery(actors, ids)
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("counting the operations of bulk changes: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var (
			id     string
			result Result
			count  int
		)
		if err := rows.Scan(&id, &result, &count); err != nil {
			return nil, fmt.Errorf("counting the operations of bulk changes: %w", err)
		}
		entry := entries[id]
		if entry.Results == nil {
			entry.Results = map[Result]int{}
		}
		entry.Count += count
		entry.Results[result] += count
		entries[id] = entry
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("counting the operations of bulk changes: %w", err)
	}
	query, args = s.firstOfBulkQuery(actors, ids)
	found, err := listOperations(ctx, q, query, args...)
	if err != nil {
		return nil, err
	}
	for _, op := range found {
		entry := entries[op.BulkID]
		entry.Operations = append(entry.Operations, op)
		entries[op.BulkID] = entry
	}
	return entries, nil
}

// countQuery counts the matching operations of bulk changes by their result.
func (s Search) countQuery(actors actorFilter, bulkIDs []string) (string, []any) {
	var args store.Args
	conditions := append(
		[]string{"bulk_id IN " + store.AddList(&args, bulkIDs), "bulk_id <> ''"},
		s.inBulkConditions(&args, actors)...,
	)
	return `SELECT bulk_id, result, COUNT(*) FROM operations WHERE ` + strings.Join(conditions, " AND ") +
		` GROUP BY bulk_id, result`, args
}

// firstOfBulkQuery returns the newest matching operations of each bulk change.
func (s Search) firstOfBulkQuery(actors actorFilter, bulkIDs []string) (string, []any) {
	var args store.Args
	var branches []string
	for _, id := range bulkIDs {
		conditions := append(
			[]string{"bulk_id = " + args.Add(id), "bulk_id <> ''"},
			s.inBulkConditions(&args, actors)...,
		)
		branches = append(branches, `SELECT id FROM (SELECT id FROM operations WHERE `+strings.Join(conditions, " AND ")+
			orderBy("created_at", false)+` LIMIT `+args.Add(maxEntryOperations)+`) AS newest`)
	}
	return operationsQuery(strings.Join(branches, " UNION ALL ")) + orderBy("created_at + 0", false), args
}
