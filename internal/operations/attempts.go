package operations

import (
	"sync"
	"time"
)

// attempts records when each open operation is to be read next. It is kept in memory: after a restart all are due.
type attempts struct {
	mu   sync.Mutex
	next map[string]time.Time
}

// due reports whether an operation is to be read now, and schedules the next reading: the older the operation, the
// later, but not much after a deadline that is still ahead.
func (a *attempts) due(id string, now, since, deadline time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now.Before(a.next[id]) {
		return false
	}
	pause := min(max(now.Sub(since)/4, attemptMin), attemptMax)
	next := now.Add(pause)
	if deadline.After(now) && next.After(deadline) {
		next = deadline
	}
	a.next[id] = next
	return true
}

// sweep drops operations that are long overdue: they are no longer open.
func (a *attempts) sweep(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, next := range a.next {
		if now.Sub(next) > 2*attemptMax {
			delete(a.next, id)
		}
	}
}
