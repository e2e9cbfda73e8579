package audit

import (
	"context"
	"database/sql"
	"fmt"
)

// keepDriftStates repeats the events of expected states up to an event that are about to be pruned. An event that was
// changed is not repeated, so that verify finds its state.
func (r *Log) keepDriftStates(ctx context.Context, tx *sql.Tx, until int64) (written []link, err error) {
	keys, err := driftKeys(ctx, tx)
	if err != nil {
		return nil, err
	}
	sealed, err := sealedDriftStates(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		s, found := sealed[key]
		if !found || s.seq > until {
			continue
		}
		from, err := placeBefore(ctx, tx, s.seq)
		if err != nil {
			return nil, err
		}
		if _, err := r.walk(ctx, tx, from, s.seq, func(link) error { return nil }); err != nil {
			continue
		}
		s.Decisions = "" // they are pruned
		added := &Tx{Tx: tx, log: r}
		seq, err := added.Add(ctx, DriftSubject(key.account, key.kind), s.DriftChanged, r.options.Now())
		if err != nil {
			return nil, err
		}
		written = append(written, added.written...)
		if _, err := tx.ExecContext(
			ctx,
			`UPDATE drift_checks SET seq = $1 WHERE account = $2 AND kind = $3 AND seq = $4`,
			seq,
			key.account,
			key.kind,
			s.seq,
		); err != nil {
			return nil, fmt.Errorf("keeping an expected state: %w", err)
		}
	}
	return written, nil
}
