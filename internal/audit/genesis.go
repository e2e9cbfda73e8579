package audit

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
)

// GenesisEvent is the kind of the first event of every chain. No other event has it.
const GenesisEvent EventKind = "genesis"

// DatabaseFileGone reports whether an error is store.ErrFileGone.
func DatabaseFileGone(err error) bool { return errors.Is(err, store.ErrFileGone) }

// DatabaseUnavailable is store.Unavailable, for packages that do not use the store.
func DatabaseUnavailable(err error) bool { return store.Unavailable(err) }

// SchemaChanged reports whether an error is store.ErrSchemaChanged.
func SchemaChanged(err error) bool { return errors.Is(err, store.ErrSchemaChanged) }

// ErrEmptied is returned by writes when the audit log has no events although Create wrote one: they were deleted.
var ErrEmptied = errors.New("the audit log has lost its events: restore the database from a backup")

// LogCreated is the body of the genesis event.
type LogCreated struct {
	LogID   string `json:"log"`    // 26 random characters, which differ between audit logs with the same key
	Schema  int    `json:"schema"` // of the events
	KeyID   string `json:"key_id"` // of the key that seals it
	Program string `json:"program,omitempty"`
}

// Create writes the genesis event into the tables of a new database, and returns its head. keys are those of Options,
// and program is the version of the program.
func Create(ctx context.Context, tx *sql.Tx, keys []config.Secret, program string, now time.Time) (Head, error) {
	ring, err := newKeyring(keys)
	if err != nil {
		return Head{}, err
	}
	r := &Log{keys: ring, options: Options{Program: program}}
	first, err := r.insertGenesis(ctx, tx, now.UnixMicro())
	return Head{Seq: first.seq, MAC: hex.EncodeToString(first.mac)}, err
}

// begin appends the genesis event to an empty chain, at the time of the event that follows it in the same transaction.
// Of two replicas that start at once, the one that gets the write lock first does it. It returns ErrEmptied unless the
// audit log may be new, and when rows or this process know of earlier events.
func (r *Log) begin(ctx context.Context, tx *sql.Tx, at int64) (link, error) {
	if !r.options.BeginNew || r.memory.head().seq > 0 {
		return link{}, ErrEmptied
	}
	var rows bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM operations) OR EXISTS (SELECT 1 FROM operation_targets)
		OR EXISTS (SELECT 1 FROM operation_roles) OR EXISTS (SELECT 1 FROM operation_locks)
		OR EXISTS (SELECT 1 FROM bulk_changes WHERE seq > 0) OR EXISTS (SELECT 1 FROM drift_checks WHERE processed_seq > 0)
		OR EXISTS (SELECT 1 FROM facts)`).
		Scan(&rows)
	if err != nil {
		return link{}, fmt.Errorf("reading whether the audit log is new: %w", err)
	}
	if rows {
		return link{}, ErrEmptied
	}
	return r.insertGenesis(ctx, tx, at)
}

func (r *Log) insertGenesis(ctx context.Context, tx *sql.Tx, at int64) (link, error) {
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

// newFor is how long an audit log counts as new.
const newFor = 24 * time.Hour

// NewSince returns the time of the genesis event of an audit log that is at most a day old. isNew is false for an older
// one, and with Options.BeginNew.
func (r *Log) NewSince(ctx context.Context) (at time.Time, isNew bool, err error) {
	if r.options.BeginNew {
		return time.Time{}, false, nil
	}
	known := r.genesisAt.Load()
	if known == nil { // it never changes, and pages ask for it
		_, at, _, err := scanHead(r.db.SQL().QueryRowContext(ctx, `SELECT seq, mac, at FROM events WHERE seq = 1`))
		if err != nil {
			return time.Time{}, false, err
		}
		known = &at // the zero time when it was pruned
		r.genesisAt.Store(known)
	}
	return *known, r.options.Now().Sub(*known) < newFor, nil
}
