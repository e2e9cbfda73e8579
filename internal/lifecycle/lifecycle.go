// Package lifecycle keeps what the console itself learns about subusers and keys: when each was created or seen for the
// first time, and the subuser that a key belonged to last.
//
// Such facts come from complete listings, from readings by id, and from the results of the console's own operations.
// They are rows that agree with events of the audit log; see docs/decisions/0031. The service publishes them to the
// directory as a map in memory, so that no page reads them from the database.
package lifecycle

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
)

const (
	// batchSize is the largest number of facts that one event sets, so that the first listing of a large account does not
	// keep other writers waiting.
	batchSize = 1000
	// maxBatches is how many events are written for one listing.
	maxBatches = 100
	// listingLag is how long after a subuser or key was found to be gone a listing, or another reading, may still show it.
	listingLag = time.Minute
	// maxReads is how many principals are read by id after one listing.
	maxReads = 50
	// maxReadings is how many readings by id wait to be learnt from. Later ones are left out: the next listing or reading
	// shows the same.
	maxReadings = 1000
	// learnTimeout limits what is learnt from one listing, with its calls to the vendor and the database.
	learnTimeout = time.Minute
	// refreshTimeout limits reading the facts after an operation.
	refreshTimeout = 5 * time.Second
	// refreshPause is how often Run looks for facts that other replicas have set, and tries again after an error.
	refreshPause = time.Minute
)

// AuditLog proves facts, and writes them with their events.
type AuditLog interface {
	Snapshot(ctx context.Context, fn func(tx *sql.Tx) error) error
	Write(ctx context.Context, fn func(tx *audit.Tx) error) error
	ProveFacts(ctx context.Context, q audit.Querier, account int64) (*audit.FactsProof, error)
}

// Directory gets the facts, and reads principals by id, because the absence of one from a listing proves nothing.
type Directory interface {
	ByID(ctx context.Context, account int64, ref access.Ref) (access.Principal, error)
	SetFacts(account int64, facts map[access.Ref]*access.Facts)
}

// Options are the parts of a Service. All but Logger and Now are required.
type Options struct {
	Account   int64 // the account that facts are kept of
	AuditLog  AuditLog
	Directory Directory
	Logger    *slog.Logger     // nil discards
	Now       func() time.Time // nil means time.Now
}

// Service keeps facts. It is safe for concurrent use, also by several processes with one database.
type Service struct {
	Options
	wake   chan struct{} // holds a value when Run has something to do
	newest atomic.Int64  // the event up to which other replicas have written, see CatchUp
	facts  atomic.Pointer[map[access.Ref]*access.Facts]

	// A write transaction holds the database's write lock when it locks mu. So mu is never held while waiting for that.
	mu    sync.Mutex
	proof *audit.FactsProof // nil before the first reading and after an error

	readingsMu sync.Mutex // held for moments only: requests wait for it
	readings   map[access.Ref]directory.Reading
}

// New returns a Service. It learns from what is passed to the functions that its methods StartListing, Read and
// OutcomeFacts are.
func New(o Options) *Service {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Service{Options: o, wake: make(chan struct{}, 1), readings: map[access.Ref]directory.Reading{}}
	s.facts.Store(&map[access.Ref]*access.Facts{})
	return s
}

// Run learns from readings by id, and publishes what other replicas have learnt, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	ticker := time.NewTicker(refreshPause)
	defer ticker.Stop()
	for {
		if err := s.Learn(ctx); err != nil && ctx.Err() == nil {
			s.Logger.Warn("facts could not be brought up to date", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-s.wake:
		}
	}
}

// CatchUp makes Run read the facts that other replicas have set, when newest is a later event than before. It does not
// wait.
func (s *Service) CatchUp(newest int64) {
	for known := s.newest.Load(); newest > known; known = s.newest.Load() {
		if s.newest.CompareAndSwap(known, newest) {
			s.wakeUp()
			return
		}
	}
}

func (s *Service) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Learn learns from the readings by id since the last call, and publishes all facts.
func (s *Service) Learn(ctx context.Context) error {
	s.readingsMu.Lock()
	readings := s.readings
	s.readings = map[access.Ref]directory.Reading{}
	s.readingsMu.Unlock()
	return s.write(ctx, func(k known) []audit.FactRow {
		var rows []audit.FactRow
		for _, r := range readings {
			rows = append(rows, k.fromReading(r)...)
		}
		return rows
	})
}

// write writes the facts that learn returns, in batches, and publishes all facts. learn is called with what is known
// already, several times.
func (s *Service) write(ctx context.Context, learn func(known) []audit.FactRow) error {
	for range maxBatches {
		left := 0
		if err := s.refresh(ctx, func(k known) { left = len(learn(k)) }); err != nil || left == 0 {
			return s.reportMismatch(ctx, err)
		}
		err := s.AuditLog.Write(ctx, func(tx *audit.Tx) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			if err := s.prove(ctx, tx); err != nil { // another replica may have learnt the same
				return err
			}
			rows := nextBatch(learn(known{s.proof}))
			if len(rows) == 0 {
				return nil
			}
			return tx.AddFacts(ctx, s.Account, rows, s.Now())
		})
		if err != nil {
			return s.reportMismatch(ctx, err)
		}
	}
	return nil // the next listing shows the rest
}

// nextBatch returns the facts to write with one event: one row for each fact.
func nextBatch(rows []audit.FactRow) []audit.FactRow {
	type key struct {
		ref  access.Ref
		fact string
	}
	taken := map[key]bool{}
	rows = slices.DeleteFunc(rows, func(row audit.FactRow) bool {
		k := key{row.Ref, row.Fact}
		defer func() { taken[k] = true }()
		return taken[k]
	})
	return rows[:min(len(rows), batchSize)]
}

// refresh reads the facts that were set since the last call, publishes them, and calls use.
func (s *Service) refresh(ctx context.Context, use func(known)) error {
	s.mu.Lock() // before the snapshot, which would be older than the proof otherwise
	defer s.mu.Unlock()
	return s.AuditLog.Snapshot(ctx, func(tx *sql.Tx) error {
		if err := s.prove(ctx, tx); err != nil {
			return err
		}
		use(known{s.proof})
		return nil
	})
}

// prove brings the proof up to date and publishes its facts. s.mu is held, and q sees only what is committed.
func (s *Service) prove(ctx context.Context, q audit.Querier) error {
	if s.proof != nil {
		changed, err := s.proof.Refresh(ctx, q)
		if err == nil {
			s.publish(*s.facts.Load(), changed)
			return nil
		}
		s.proof = nil
		if _, is := errors.AsType[*audit.Mismatch](err); !is {
			return err
		}
		// Events were pruned, or changed: the whole proof decides.
	}
	proof, err := s.AuditLog.ProveFacts(ctx, q, s.Account)
	if err != nil {
		if _, is := errors.AsType[*audit.Mismatch](err); is {
			s.publish(map[access.Ref]*access.Facts{}, nil)
		}
		return err
	}
	s.proof = proof
	s.publish(map[access.Ref]*access.Facts{}, proof.Principals())
	return nil
}

// publish passes facts on, after those about the changed principals were replaced.
func (s *Service) publish(before map[access.Ref]*access.Facts, changed []access.Ref) {
	facts := before
	if len(changed) > 0 {
		facts = maps.Clone(before)
	}
	for _, ref := range changed {
		if f := (known{s.proof}).facts(ref); f != nil {
			facts[ref] = f
		} else {
			delete(facts, ref)
		}
	}
	if last := s.facts.Swap(&facts); len(changed) > 0 || len(*last) != len(facts) {
		s.Directory.SetFacts(s.Account, facts)
	}
}

// reportMismatch writes an event about an *audit.Mismatch, unless the newest one says the same. It returns err.
func (s *Service) reportMismatch(ctx context.Context, err error) error {
	mismatch, is := errors.AsType[*audit.Mismatch](err)
	if !is {
		return err
	}
	added := false
	writeErr := s.AuditLog.Write(ctx, func(tx *audit.Tx) (err error) {
		added, err = tx.AddFactsMismatch(ctx, s.Account, mismatch, s.Now())
		return err
	})
	if added && writeErr == nil {
		s.Logger.Error("the facts do not agree with the audit log", "problem", mismatch.Text)
	}
	return errors.Join(err, writeErr)
}
