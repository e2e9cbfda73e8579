package operations

import (
	"context"
	"sync"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
)

const (
	// catchUpMaxTargets is how many targets are read by id; more are left to a reading of the whole account.
	catchUpMaxTargets = 10
	// catchUpTimeout is how long a page waits for that.
	catchUpTimeout = 3 * time.Second
)

// eventCursor is how far the others' outcomes were followed.
type eventCursor struct {
	mu      sync.Mutex
	started bool
	lastSeq int64 // the newest event that was looked at
}

// CatchUp makes the directory know what other processes over the same record have changed since it was last called:
// their targets are read by id. It costs one query when there is nothing new. A page waits for it, and is drawn all
// the same when the vendor or the record cannot be read: then the whole account is read anew behind it.
func (s *Service) CatchUp(ctx context.Context, account int64) {
	s.eventCursor.mu.Lock()
	defer s.eventCursor.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), catchUpTimeout) // the next page wants it too
	defer cancel()
	newestSeq, err := s.AuditLog.NewestSeq(ctx)
	if err != nil {
		s.Logger.Warn("what other processes have done is not known", "error", err)
		return
	}
	lastSeq := s.eventCursor.lastSeq
	if s.eventCursor.started && newestSeq <= lastSeq {
		return
	}
	// Nothing was read of the account before the first page.
	if s.eventCursor.started && !s.readFromOtherReplicas(ctx, account, lastSeq, newestSeq) {
		s.Directory.Refresh(account)
	}
	s.eventCursor.started, s.eventCursor.lastSeq = true, newestSeq
}

// readFromOtherReplicas reads what the others' operations have touched, and answers false when some of it could not
// be read.
func (s *Service) readFromOtherReplicas(ctx context.Context, account, after, until int64) bool {
	ops, err := s.AuditLog.ListFromOtherReplicas(ctx, account, after, until)
	if err != nil {
		s.Logger.Warn("what other processes have done is not known", "error", err)
		return false
	}
	targets := map[audit.Target]bool{}
	for _, op := range ops {
		for _, t := range affectedTargets(op) {
			targets[t] = true
		}
	}
	if len(targets) > catchUpMaxTargets {
		return false
	}
	for t := range targets {
		if _, err := s.Directory.ByID(ctx, account, t.Ref); err != nil && !notFound(err) {
			return false
		}
	}
	return true
}

// affectedTargets are what an operation may have changed, by id: its target, the one before a re-issue, and the keys
// of a subuser that it may have taken along.
func affectedTargets(op audit.Operation) []audit.Target {
	var all []audit.Target
	add := func(kind access.Kind, id string) {
		if id != "" {
			all = append(all, audit.Target{Ref: access.Ref{Kind: kind, ID: id}})
		}
	}
	add(op.Target.Kind, op.Target.ID)
	add(op.Target.Kind, op.Target.FormerID)
	if intent, err := ReadIntent(op); err == nil {
		for _, k := range intent.Keys {
			add(access.Key, k.ID)
		}
	}
	return all
}
