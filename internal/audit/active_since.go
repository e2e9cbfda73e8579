package audit

import (
	"context"
	"time"
)

// activeSinceQuery is one statement, so that what is closed meanwhile is either open in it or has its last event. The
// account's other operations are kept out of the database's plan.
const activeSinceQuery = `SELECT ` + operationColumns + ` FROM operations WHERE account + 0 = $1 AND id IN (
	SELECT id FROM operations WHERE open = $2
	UNION ALL SELECT operation_id FROM events WHERE seq > $3
	UNION ALL SELECT id FROM operations WHERE open = $4 AND closed_at > $5) ORDER BY last_seq`

// ListActiveSince answers the operations on an account that are open, whose story went on after an event, or that were
// closed after a time, in the order of their last events: what may have changed what a reading of the account shows.
func (r *Log) ListActiveSince(ctx context.Context, account, seq int64, closed time.Time) ([]Operation, error) {
	return r.list(ctx, activeSinceQuery, account, true, seq, false, closed.UnixMicro())
}
