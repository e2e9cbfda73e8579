package operations

import (
	"context"
	"sync"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
)

const (
	// catchUpMax is how many targets are read by id; more are left to a reading of the whole account.
	catchUpMax = 10
	// catchUpLimit is how long a page waits for that.
	catchUpLimit = 3 * time.Second
)

// caughtUp is how far the others' outcomes were followed.
type caughtUp struct {
	mu    sync.Mutex
	begun bool
	seq   int64 // the newest event that was looked at
}

// CatchUp makes the directory know what other processes over the same record have changed since it was last called:
// their targets are read by id. It costs one query when there is nothing new. A page waits for it, and is drawn all
// the same when the vendor or the record cannot be read: then the whole account is read anew behind it.
func (s *Service) CatchUp(ctx context.Context, account int64) {
	s.caughtUp.mu.Lock()
	defer s.caughtUp.mu.Unlock()
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), catchUpLimit) // the next page wants it too
	defer done()
	newest, err := s.Record.NewestSeq(ctx)
	if err != nil {
		s.Logger.Warn("what other processes have done is not known", "error", err)
		return
	}
	before := s.caughtUp.seq
	if s.caughtUp.begun && newest <= before {
		return
	}
	// Nothing was read of the account before the first page.
	if s.caughtUp.begun && !s.readOthers(ctx, account, before, newest) {
		s.Directory.Refresh(account)
	}
	s.caughtUp.begun, s.caughtUp.seq = true, newest
}

// readOthers reads what the others' operations have touched, and answers false when some of it could not be read.
func (s *Service) readOthers(ctx context.Context, account, after, until int64) bool {
	others, err := s.Record.ListFromOtherReplicas(ctx, account, after, until)
	if err != nil {
		s.Logger.Warn("what other processes have done is not known", "error", err)
		return false
	}
	targets := map[audit.Target]bool{}
	for _, op := range others {
		for _, t := range touched(op) {
			targets[t] = true
		}
	}
	if len(targets) > catchUpMax {
		return false
	}
	for t := range targets {
		if _, err := s.read(ctx, account, t); err != nil && !notFound(err) {
			return false
		}
	}
	return true
}

// touched are what an operation may have changed, by id: its target, the one before a re-issue, and the keys of a
// subuser that it may have taken along.
func touched(op audit.Operation) []audit.Target {
	var all []audit.Target
	add := func(kind, id string) {
		if id != "" {
			all = append(all, audit.Target{Kind: kind, ID: id})
		}
	}
	add(op.Target.Kind, op.Target.ID)
	add(op.Target.Kind, op.Target.FormerID)
	if intent, err := ReadIntent(op); err == nil {
		for _, k := range intent.Keys {
			add(audit.KeyTarget, k.ID)
		}
	}
	return all
}
