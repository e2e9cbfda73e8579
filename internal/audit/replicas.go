package audit

import (
	"context"
	"fmt"
	"maps"
	"sync"
)

// ownWrites holds the operations that this process has written events of, with the number of the last one.
type ownWrites struct {
	mu   sync.Mutex
	last map[string]int64
}

func (m *ownWrites) add(events []link) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range events {
		if e.operationID != "" {
			m.last[e.operationID] = e.seq
		}
	}
}

// forget removes the entries up to an event, which are not needed again.
func (m *ownWrites) forget(seq int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.last, func(_ string, last int64) bool { return last <= seq })
}

func (m *ownWrites) wroteNewest(op Operation) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last[op.ID] == op.LastSeq
}

// NewestSeqSQL is an SQL expression for the number of the newest event, 0 for none. With it, a query of something else
// can return that number too.
const NewestSeqSQL = `(SELECT COALESCE(MAX(seq), 0) FROM events)`

// NewestSeq returns the number of the newest event, 0 for none.
func (r *Log) NewestSeq(ctx context.Context) (seq int64, err error) {
	if err := r.db.SQL().QueryRowContext(ctx, `SELECT `+NewestSeqSQL).Scan(&seq); err != nil {
		return 0, fmt.Errorf("reading the newest event: %w", err)
	}
	return seq, nil
}

// ListFromOtherReplicas returns the operations of an account that have an event other than the intent after `after`
// and up to `until`, and the newest event of which was written by another process. until must be at most NewestSeq.
// Without Options.Shared it returns none.
func (r *Log) ListFromOtherReplicas(ctx context.Context, account, after, until int64) ([]Operation, error) {
	if r.ownWrites == nil {
		return nil, nil
	}
	all, err := r.list(
		ctx,
		`SELECT `+operationColumns+` FROM operations WHERE account = $1
		AND id IN (SELECT operation_id FROM events WHERE seq > $2 AND seq <= $3 AND kind <> $4) ORDER BY last_seq`,
		account,
		after,
		until,
		IntentEvent,
	)
	if err != nil {
		return nil, err
	}
	var others []Operation
	for _, op := range all {
		if !r.ownWrites.wroteNewest(op) {
			others = append(others, op)
		}
	}
	r.ownWrites.forget(until)
	return others, nil
}
