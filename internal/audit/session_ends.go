package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// SessionEnd is an event that ended sessions of an operator against its will, or from another session.
type SessionEnd struct {
	Kind EventKind // SessionEndedEvent or RenewalRefusedEvent
	At   time.Time
	By   Actor // the operator that ended them; of RenewalRefusedEvent, the operator of the session
	// Session is the hash of the session, "" for all of the operator's but By.SessionID.
	Session string
}

// SessionEnds returns the events after the event `after` that ended sessions of the operator with an id, the oldest
// first, and the newest event of the log, from which the next call can continue.
func (r *Log) SessionEnds(
	ctx context.Context,
	operatorID string,
	after int64,
) (ends []SessionEnd, newest int64, err error) {
	if newest, err = r.NewestSeq(ctx); err != nil || newest <= after {
		return nil, after, err
	}
	rows, err := r.db.SQL().QueryContext(ctx, sessionEndsQuery, after, newest, SessionEndedEvent, RenewalRefusedEvent)
	if err != nil {
		return nil, after, fmt.Errorf("reading ended sessions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var (
			end  SessionEnd
			at   int64
			text string
			body SessionsEnded // RenewalRefused has one of its fields
		)
		if err := rows.Scan(&end.Kind, &at, &text); err != nil {
			return nil, after, fmt.Errorf("reading ended sessions: %w", err)
		}
		if err := json.Unmarshal([]byte(text), &body); err != nil {
			return nil, after, fmt.Errorf("decoding ended sessions: %w", err)
		}
		end.At, end.By, end.Session = time.UnixMicro(at).UTC(), body.Actor, body.Session
		owner := body.SessionOwner
		if end.Kind == RenewalRefusedEvent {
			owner, end.Session = body.Actor.ID(), body.Actor.SessionID
		}
		if owner == operatorID {
			ends = append(ends, end)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, after, fmt.Errorf("reading ended sessions: %w", err)
	}
	return ends, newest, nil
}

// sessionEndsQuery uses the index of events by operation, which has the events of no operation in their order.
const sessionEndsQuery = `SELECT kind, at, body FROM events
	WHERE operation_id = '' AND seq > $1 AND seq <= $2 AND kind IN ($3, $4) ORDER BY seq`
