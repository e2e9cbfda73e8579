package audit

import (
	"context"
	"time"
)

// Touching answers the operations on an account that are open, or were closed after a time, in the order in which they
// were closed, the open ones last: what may have changed what a reading of the account shows.
func (r *Record) Touching(ctx context.Context, account int64, after time.Time) ([]Operation, error) {
	// The open ones first: one that is closed in between is then in both lists, and not in neither.
	open, err := r.list(ctx, `SELECT `+operationColumns+` FROM operations WHERE account = ? AND open = TRUE ORDER BY created_at, id`, account)
	if err != nil {
		return nil, err
	}
	all, err := r.list(ctx, `SELECT `+operationColumns+` FROM operations WHERE account = ? AND open = FALSE AND closed_at > ? ORDER BY closed_at, id`,
		account, after.UnixMicro())
	if err != nil {
		return nil, err
	}
	closed := make(map[string]bool, len(all))
	for _, op := range all {
		closed[op.ID] = true
	}
	for _, op := range open {
		if !closed[op.ID] {
			all = append(all, op)
		}
	}
	return all, nil
}
