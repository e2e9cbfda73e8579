package audit

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// GenesisEvent is the kind of the first event of every chain. No other event has it.
const GenesisEvent EventKind = "genesis"

// ErrEmptied is returned by writes when the audit log has no events although it had some: they were deleted.
var ErrEmptied = errors.New("the audit log has lost its events: restore the database from a backup")

// LogCreated is the body of the genesis event.
type LogCreated struct {
	LogID   string `json:"log"`    // 26 random characters, which differ between audit logs with the same key
	Schema  int    `json:"schema"` // of the events
	KeyID   string `json:"key_id"` // of the key that seals it
	Program string `json:"program,omitempty"`
}

// begin appends the genesis event to an empty chain, at the time of the event that follows it in the same transaction.
// Of two replicas that start at once, the one that gets the write lock first does it. It returns ErrEmptied when rows
// or this process know of earlier events.
func (r *Log) begin(ctx context.Context, tx *sql.Tx, at int64) (link, error) {
	var rows bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM operations) OR EXISTS (SELECT 1 FROM operation_targets)
		OR EXISTS (SELECT 1 FROM operation_roles) OR EXISTS (SELECT 1 FROM operation_locks)
		OR EXISTS (SELECT 1 FROM bulk_changes WHERE seq > 0) OR EXISTS (SELECT 1 FROM drift_checks WHERE processed_seq > 0)`).
		Scan(&rows)
	if err != nil {
		return link{}, fmt.Errorf("reading whether the audit log is new: %w", err)
	}
	if rows || r.begun.Load() {
		return link{}, ErrEmptied
	}
	body, err := json.Marshal(LogCreated{
		LogID:   strings.ToLower(rand.Text()),
		Schema:  eventLogSchema,
		KeyID:   r.keys[0].id,
		Program: r.options.Program,
	})
	if err != nil {
		return link{}, fmt.Errorf("encoding the genesis event: %w", err)
	}
	return r.insert(ctx, tx, chainHead{mac: zeroMAC()}, link{kind: string(GenesisEvent), at: at, body: string(body)})
}
