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
// later, but not much after a deadline that is still ahead. remaining is the time until then.
func (a *attempts) due(id string, age, remaining time.Duration) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now() // not a clock that can be set
	if now.Before(a.next[id]) {
		return false
	}
	pause := min(max(age/4, attemptMin), attemptMax)
	if remaining > 0 {
		pause = min(pause, remaining)
	}
	a.next[id] = now.Add(pause)
	return true
}

// forget makes an operation due at once.
func (a *attempts) forget(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.next, id)
}

// sweep drops operations that are long overdue: they are no longer open.
func (a *attempts) sweep() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, next := range a.next {
		if time.Since(next) > 2*attemptMax {
			delete(a.next, id)
		}
	}
}
