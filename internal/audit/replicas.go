package audit

import (
	"context"
	"fmt"
	"maps"
	"sync"
)

// ownWrites are the operations of which this process has written an event, with the number of the last of them.
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

// evict drops what is not newer than an event: it is not asked for again.
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

// NewestSeq answers the number of the newest event, 0 when there is none.
func (r *Log) NewestSeq(ctx context.Context) (seq int64, err error) {
	if err := r.db.SQL().QueryRowContext(ctx, `SELECT COALESCE(MAX(seq), 0) FROM events`).Scan(&seq); err != nil {
		return 0, fmt.Errorf("reading the newest event: %w", err)
	}
	return seq, nil
}

// ListFromOtherReplicas answers the operations on an account of which another process has written the last word after
// the event `after`, up to the event `until`, whose number is at most that of Newest. What is only intended is not
// among them. Only a record with Options.Shared knows which words are its own; without it there are no others.
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
