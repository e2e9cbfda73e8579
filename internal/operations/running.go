package operations

import (
	"context"
	"sync"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// runningOperations are the operations that this process executes.
type runningOperations struct {
	mu  sync.Mutex
	ids map[string]bool
}

// add adds an operation. The caller removes it with the function that add returns.
func (r *runningOperations) add(id string) (remove func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ids[id] { // the same form twice: the audit log accepts the first
		return func() {}
	}
	r.ids[id] = true
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.ids, id)
	}
}

func (r *runningOperations) has(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ids[id]
}

// isRunning reports whether a process still executes an operation. An operation of an ended process, and one that this
// process does not execute any more, was cut off. For another process that runs, the age of the operation decides; a
// time further in the future than orphanAge was written by a clock that was set back since.
func (s *Service) isRunning(ctx context.Context, op audit.Operation, events []audit.Event) (bool, error) {
	if op.Result != "" {
		return false, nil
	}
	if s.running.has(op.ID) {
		return true, nil
	}
	if process := processOf(events); s.Processes != nil && process != "" {
		if process == s.Processes.ProcessID() {
			return false, nil
		}
		if ended, err := s.Processes.ProcessEnded(ctx, process); err != nil || ended {
			return false, err
		}
	}
	return s.Now().Sub(op.CreatedAt).Abs() < orphanAge, nil
}

// processOf returns the process that began an operation, "" when its events do not have it.
func processOf(events []audit.Event) string {
	for _, event := range events {
		if event.Kind == audit.IntentEvent {
			return event.Process
		}
	}
	return ""
}

// deadlines remember when the vendor can no longer commit a call of an open operation, on the clock that is never set:
// the stored times are read once in the life of the process.
type deadlines struct {
	mu  sync.Mutex
	all map[string]deadline
}

// deadline is the end of the waiting time of an operation.
type deadline struct {
	seq int64 // the operation's newest event when it was set
	at  time.Time
}

// of returns the end of an operation's waiting time, as a time of this process. stored is the end as a stored time, now
// is the time of the clock, and length is the whole waiting time: more than that cannot remain, whatever the clock was
// set to.
func (d *deadlines) of(op audit.Operation, stored, now time.Time, length time.Duration) time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	known, found := d.all[op.ID]
	if !found || known.seq != op.LastSeq {
		known = deadline{seq: op.LastSeq, at: time.Now().Add(min(stored.Sub(now), length))}
		d.all[op.ID] = known
	}
	return known.at
}

// sweep forgets the deadlines that have passed long ago.
func (d *deadlines) sweep() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, known := range d.all {
		if time.Since(known.at) > lateEvidencePeriod {
			delete(d.all, id)
		}
	}
}
