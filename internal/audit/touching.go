package audit

import (
	"context"
	"time"
)

// touchingQuery is one statement, so that what is closed meanwhile is either open in it or has its last event. The
// account's other operations are kept out of the database's plan.
const touchingQuery = `SELECT ` + operationColumns + ` FROM operations WHERE account + 0 = ? AND id IN (
	SELECT id FROM operations WHERE open = ?
	UNION ALL SELECT operation_id FROM events WHERE seq > ?
	UNION ALL SELECT id FROM operations WHERE open = ? AND closed_at > ?) ORDER BY last_seq`

// Touching answers the operations on an account that are open, whose story went on after an event, or that were
// closed after a time, in the order of their last events: what may have changed what a reading of the account shows.
func (r *Record) Touching(ctx context.Context, account, seq int64, closed time.Time) ([]Operation, error) {
	return r.list(ctx, touchingQuery, account, true, seq, false, closed.UnixMicro())
}
