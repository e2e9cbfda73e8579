// Package audit is the audit log: which operator changed what and why, the state before, and the outcome.
//
// An operation begins with an intent event, which is committed before anything is sent to the vendor. Further events
// follow; none is ever changed. All events form one chain of MACs, which begins with the genesis event. The tables
// operations, operation_targets, operation_roles and operation_locks repeat their content; Verify compares them.
package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
)

// ErrNotFound is returned for an unknown operation id.
var ErrNotFound = errors.New("no such operation")

// ErrSearchTimeout is returned for a search or a part of an export that took too long and was ended.
var ErrSearchTimeout = errors.New("the search took too long")

// ErrSearchesBusy is returned for a search that waited in vain for others to end.
var ErrSearchesBusy = errors.New("too many searches are running")

// ErrConflict is returned when another writer has added an event in the meantime.
var ErrConflict = errors.New("another writer has added to this operation")

// DuplicateID is the error for an operation id that the audit log already has.
type DuplicateID struct{ Operation Operation }

// Error implements error.
func (*DuplicateID) Error() string { return "the operation exists" }

// Locked is the error for a lock that another open operation holds.
type Locked struct{ Operation Operation }

// Error implements error.
func (*Locked) Error() string { return "another operation is still open" }

// Options are the settings of an audit log.
type Options struct {
	// Keys are the keys of the chain, newest first. Without any, a random key is used until the process ends.
	Keys        []config.Secret
	EventLogger *slog.Logger     // gets a copy of every event; nil means none
	Logger      *slog.Logger     // gets alarms; nil means none
	Witness     string           // path of the witness, see SaveWitness; "" for none
	Shared      bool             // other replicas write to the same audit log; see ListFromOtherReplicas
	Program     string           // the version of the program, for intent events
	BeginNew    bool             // an audit log without events is new, as in a demo; otherwise it has lost them
	Now         func() time.Time // nil means time.Now
}

// Log reads and writes operations and their events. It is safe for concurrent use.
type Log struct {
	db          *store.DB
	write       func(ctx context.Context, fn func(*sql.Tx) error) error // writeUnlessAlarmed
	checkFolder func() error                                            // db.CheckFolder
	options     Options
	keys        keyring
	limiter     rateLimiter
	memory      headMemory
	alarm       atomic.Pointer[Alarm]
	genesisAt   atomic.Pointer[time.Time] // see NewSince
	ownWrites   *ownWrites                // nil unless Shared
	outcomes    outcomeFacts
	dayResults  dayResultsMemory
}

// outcomeFacts are the functions of OnOutcome, nil for none.
type outcomeFacts struct {
	factsOf   func(ctx context.Context, q Querier, op Operation) ([]FactRow, error)
	committed func(ctx context.Context)
}

// OnOutcome sets a function that is called when an operation gets a result, in the transaction of its events and before
// they are written. The facts that it returns are written in that transaction, with an event of their own. After the
// commit, committed is called. OnOutcome must be called before the first use of the Log.
func (r *Log) OnOutcome(
	factsOf func(ctx context.Context, q Querier, op Operation) ([]FactRow, error),
	committed func(ctx context.Context),
) {
	r.outcomes = outcomeFacts{factsOf: factsOf, committed: committed}
}

// Open returns the audit log in a database. A witness that is not usable raises an alarm; call CheckHead before
// anything is written.
func Open(db *store.DB, o Options) (*Log, error) {
	keys, err := newKeyring(o.Keys)
	if err != nil {
		return nil, err
	}
	if o.EventLogger == nil {
		o.EventLogger = slog.New(slog.DiscardHandler)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	r := &Log{db: db, checkFolder: db.CheckFolder, options: o, keys: keys, limiter: newRateLimiter()}
	r.write = r.writeUnlessAlarmed
	if o.Shared {
		r.ownWrites = &ownWrites{last: map[string]int64{}}
	}
	r.readWitness()
	return r, nil
}

// writeUnlessAlarmed is db.Write. It returns the alarm instead when there is one.
func (r *Log) writeUnlessAlarmed(ctx context.Context, fn func(*sql.Tx) error) error {
	if alarm := r.Alarm(); alarm != nil {
		return alarm
	}
	return r.db.Write(ctx, fn)
}

// ReadinessCheck is a condition for recording a change.
type ReadinessCheck = store.ReadinessCheck

// ReadinessChecks returns the conditions under which a change can be recorded.
func (r *Log) ReadinessChecks() []ReadinessCheck {
	return append(
		r.db.ReadinessChecks(),
		ReadinessCheck{Name: "audit log", Run: r.checkNotEmptied},
		ReadinessCheck{Name: "audit log is what it was", Run: r.checkAlarm},
	)
}

// checkNotEmptied returns ErrEmptied when the audit log has lost its events.
func (r *Log) checkNotEmptied(ctx context.Context) error {
	newest, err := r.NewestSeq(ctx)
	if err == nil && newest == 0 && (r.memory.head().seq > 0 || !r.options.BeginNew) {
		err = ErrEmptied
	}
	return err
}

// checkAlarm returns the alarm.
func (r *Log) checkAlarm(context.Context) error {
	if alarm := r.Alarm(); alarm != nil {
		return alarm
	}
	return nil
}

// DatabaseProblem returns what an error of the database means, without details that only the operator of the server
// should know.
func DatabaseProblem(err error) string {
	if errors.Is(err, ErrEmptied) {
		return "the audit log has lost its events"
	}
	if alarm, ok := errors.AsType[*Alarm](err); ok {
		return strings.ReplaceAll(string(alarm.Problem), "_", " ")
	}
	return store.KindOf(err).Problem()
}

// Guard holds the conditions for an operation to begin.
type Guard struct {
	Locks   []string // names that no other open operation holds; the operation holds them until it is closed
	LastSeq *int64   // Log.LastSeq of the target before it was read from the vendor; nil when nothing was read
}

// Begin commits an operation's intent and acquires its locks, in one transaction. It returns DuplicateID when the
// audit log has the id, Locked when another operation holds a lock, and ErrConflict when another operation has
// changed the target since the caller read it. No operation begins on a disk that is nearly full, where its outcome
// might find no room. The deadline of ctx counts, its cancellation does not.
func (r *Log) Begin(ctx context.Context, op Operation, guard Guard) (Operation, error) {
	ctx, cancel := store.Detach(ctx)
	defer cancel()
	op.Open, op.Result, op.Confirmed, op.ClosedAt = true, "", false, time.Time{}
	op.BulkID = bulkIDOf(op.Intent)
	if err := r.checkFolder(); err != nil {
		return op, err
	}
	var written []link
	err := r.write(ctx, func(tx *sql.Tx) error {
		if first, err := readOperation(ctx, tx, op.ID); err == nil {
			return &DuplicateID{Operation: first}
		} else if !errors.Is(err, ErrNotFound) {
			return err
		}
		if guard.LastSeq != nil {
			if current, err := lastSeq(ctx, tx, op.Account, op.Target); err != nil {
				return err
			} else if current != *guard.LastSeq {
				return ErrConflict
			}
		}
		var err error
		if op.BulkLater, err = inBulkChange(ctx, tx, op.BulkID); err != nil {
			return err
		}
		body, err := json.Marshal(bodyOfIntent(op, guard.Locks, r.options.Program, r.db.ProcessID()))
		if err != nil {
			return fmt.Errorf("encoding the intent: %w", err)
		}
		// The event comes first: rows without an event mean that the events were deleted.
		written, err = r.add(
			ctx,
			tx,
			link{operationID: op.ID, kind: string(IntentEvent), at: op.CreatedAt.UnixMicro(), body: string(body)},
		)
		if err != nil {
			return err
		}
		op.LastSeq = written[len(written)-1].seq
		if err := insertOperation(ctx, tx, op); err != nil {
			return err
		}
		if err := insertTargets(ctx, tx, op, op.Affected); err != nil {
			return err
		}
		if err := insertRoles(ctx, tx, op); err != nil {
			return err
		}
		if err := takeLocks(ctx, tx, op, guard.Locks); err != nil {
			return err
		}
		return setCurrentResult(ctx, tx, op)
	})
	if err == nil {
		r.logEvents(ctx, written...)
	}
	return op, err
}

// LastSeq returns the newest event of any operation that has the principal as its target, as its former target or
// among the affected ones; 0 when there is none. A caller asks for it before it reads the principal from the vendor,
// and passes it to Begin.
func (r *Log) LastSeq(ctx context.Context, account int64, target Target) (int64, error) {
	return lastSeq(ctx, r.db.SQL(), account, target)
}

func lastSeq(ctx context.Context, q querier, account int64, target Target) (int64, error) {
	var seq int64
	if err := q.QueryRowContext(ctx, lastSeqQuery, account, target.Kind, target.ID).Scan(&seq); err != nil {
		return 0, fmt.Errorf("reading the target's newest event: %w", err)
	}
	return seq, nil
}

const lastSeqQuery = `SELECT COALESCE(MAX(o.last_seq), 0)
	FROM operation_targets t JOIN operations o ON o.id = t.operation_id
	WHERE o.account = $1 AND t.kind = $2 AND t.id = $3`

func takeLocks(ctx context.Context, tx *sql.Tx, op Operation, names []string) error {
	for _, name := range names {
		if err := takeLock(ctx, tx, op, name); err != nil {
			return err
		}
	}
	return nil
}

// takeLock inserts a lock. It returns Locked when another operation holds it.
func takeLock(ctx context.Context, tx *sql.Tx, op Operation, name string) error {
	var lockedBy string
	err := tx.QueryRowContext(
		ctx,
		`SELECT operation_id FROM operation_locks WHERE account = $1 AND name = $2`,
		op.Account,
		name,
	).Scan(&lockedBy)
	switch {
	case err == nil:
		first, err := readOperation(ctx, tx, lockedBy)
		if err != nil {
			return err
		}
		return &Locked{Operation: first}
	case !errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("reading locks: %w", err)
	}
	if _, err := tx.ExecContext(
		ctx,
		`INSERT INTO operation_locks (account, name, operation_id) VALUES ($1, $2, $3)`,
		op.Account,
		name,
		op.ID,
	); err != nil {
		return fmt.Errorf("acquiring the lock %s: %w", name, err)
	}
	return nil
}

func insertOperation(ctx context.Context, tx *sql.Tx, op Operation) error {
	actor, err := json.Marshal(op.Actor)
	if err != nil {
		return fmt.Errorf("encoding the actor: %w", err)
	}
	_, err = tx.ExecContext(
		ctx,
		`INSERT INTO operations (id, account, action, target_kind, target_id, target_name, actor_id, actor,
		reason, request_id, tag, intent, created_at, result, confirmed, open, closed_at, last_seq, former_id,
		bulk_id, bulk_later)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', FALSE, TRUE, 0, 0, $14, $15, $16)`,
		op.ID,
		op.Account,
		op.Action,
		op.Target.Kind,
		op.Target.ID,
		op.Target.Name,
		op.Actor.ID(),
		string(actor),
		op.Reason,
		op.RequestID,
		op.Tag,
		string(op.Intent),
		op.CreatedAt.UnixMicro(),
		op.Target.FormerID,
		op.BulkID,
		op.BulkLater,
	)
	if err != nil {
		return fmt.Errorf("writing the intent: %w", err)
	}
	return nil
}

func setCurrentResult(ctx context.Context, tx *sql.Tx, op Operation) error {
	var closed int64
	if !op.ClosedAt.IsZero() {
		closed = op.ClosedAt.UnixMicro()
	}
	_, err := tx.ExecContext(
		ctx,
		`UPDATE operations SET target_id = $1, target_name = $2, former_id = $3, result = $4, confirmed = $5, open = $6, `+
			`closed_at = $7, last_seq = $8 WHERE id = $9`,
		op.Target.ID,
		op.Target.Name,
		op.Target.FormerID,
		op.Result,
		op.Confirmed,
		op.Open,
		closed,
		op.LastSeq,
		op.ID,
	)
	if err != nil {
		return fmt.Errorf("writing the current result: %w", err)
	}
	return nil
}
