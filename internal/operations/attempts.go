package operations

import (
	"sync"
	"time"
)

// attempts says when each operation is next to be looked at. It lives in memory: after a restart everything is due.
type attempts struct {
	mu   sync.Mutex
	next map[string]time.Time
}

// due says whether an operation's next look has come, and sets the one after: the older the operation, the
// rarer, but never far behind a deadline that still lies ahead.
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

// sweep forgets operations that have not been looked at for long: they are settled.
func (a *attempts) sweep(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, next := range a.next {
		if now.Sub(next) > 2*attemptMax {
			delete(a.next, id)
		}
	}
}
