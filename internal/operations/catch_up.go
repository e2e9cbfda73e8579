package operations

import (
	"context"
	"sync"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
)

const (
	// catchUpMaxTargets is the largest number of principals that are read by id; beyond it the whole account is read.
	catchUpMaxTargets = 10
	// catchUpTimeout is how long the page that reads them waits.
	catchUpTimeout = 3 * time.Second
)

// eventCursor is the event up to which the changes of other replicas have been read. One caller reads at a time.
type eventCursor struct {
	mu      sync.Mutex
	started bool
	reading bool
	lastSeq int64
}

// claim returns the event after which the caller must read, up to newest. ok is false when there is nothing to read, or
// another caller is reading.
func (c *eventCursor) claim(newest int64) (after int64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.started { // nothing of the account has been read yet that could be outdated
		c.started, c.lastSeq = true, newest
	}
	if c.reading || newest <= c.lastSeq {
		return 0, false
	}
	c.reading = true
	return c.lastSeq, true
}

func (c *eventCursor) release(newest int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading, c.lastSeq = false, newest
}

// CatchUp updates the directory with what other replicas changed since the last call: it reads those principals by id.
// newest is the number of the newest event when the request began, 0 when the caller does not know it: then CatchUp
// reads it. When there is nothing new, nothing else is read.
//
// Only one caller at a time waits for the vendor, for at most three seconds; the others continue with the directory as
// it is. When the vendor or the audit log cannot be read, the whole account is read again in the background. CatchUp
// returns the number of the newest event, 0 when it could not be read.
func (s *Service) CatchUp(ctx context.Context, account, newest int64) int64 {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), catchUpTimeout) // later pages need the result too
	defer cancel()
	if newest == 0 {
		var err error
		if newest, err = s.AuditLog.NewestSeq(ctx); err != nil {
			s.Logger.Warn("changes of other replicas could not be read", "error", err)
			return 0
		}
	}
	after, ok := s.eventCursor.claim(newest)
	if !ok {
		return newest
	}
	defer s.eventCursor.release(newest)
	if !s.readFromOtherReplicas(ctx, account, after, newest) {
		s.Directory.Refresh(account)
	}
	return newest
}

// readFromOtherReplicas reads the principals that operations of other replicas may have changed, and reports whether
// all could be read.
func (s *Service) readFromOtherReplicas(ctx context.Context, account, after, until int64) bool {
	ops, err := s.AuditLog.ListFromOtherReplicas(ctx, account, after, until)
	if err != nil {
		s.Logger.Warn("changes of other replicas could not be read", "error", err)
		return false
	}
	refs := map[access.Ref]bool{}
	for _, op := range ops {
		for _, ref := range affectedRefs(op) {
			refs[ref] = true
		}
	}
	if len(refs) > catchUpMaxTargets {
		return false
	}
	for ref := range refs {
		if _, err := s.Directory.ByID(ctx, account, ref); err != nil && !notFound(err) {
			return false
		}
	}
	return true
}

// affectedRefs returns the principals that an operation may have changed: its target, the former one of a re-issue, and
// the keys of a subuser.
func affectedRefs(op audit.Operation) []access.Ref {
	var refs []access.Ref
	for _, id := range []string{op.Target.ID, op.Target.FormerID} {
		if id != "" {
			refs = append(refs, access.Ref{Kind: op.Target.Kind, ID: id})
		}
	}
	if intent, err := ReadIntent(op); err == nil {
		refs = append(refs, intent.affected()...)
	}
	return refs
}
