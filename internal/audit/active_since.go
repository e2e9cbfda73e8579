package audit

import (
	"context"
	"time"
)

// activeSinceQuery is one statement, so that an operation that is closed at the same time is found either as open or
// with its last event. "account + 0" keeps the database from reading all operations of the account.
const activeSinceQuery = `SELECT ` + operationColumns + ` FROM operations WHERE account + 0 = $1 AND id IN (
	SELECT id FROM operations WHERE open = $2
	UNION ALL SELECT operation_id FROM events WHERE seq > $3
	UNION ALL SELECT id FROM operations WHERE open = $4 AND closed_at > $5) ORDER BY last_seq`

// ListActiveSince returns the operations of an account that are open, have an event after seq, or were closed after a
// time, ordered by their last events. They may have changed what a listing of the account shows.
func (r *Log) ListActiveSince(ctx context.Context, account, seq int64, closed time.Time) ([]Operation, error) {
	return r.list(ctx, activeSinceQuery, account, true, seq, false, closed.UnixMicro())
}
