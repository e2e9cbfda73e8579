package identity

import (
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// renewPause is the time between two attempts to renew a session after a failure.
const renewPause = time.Minute

// renewals are the running and failed renewals by the hash of the session. Hashes are unique, so that requests never
// share the result of another operator.
type renewals struct {
	flights singleflight.Group
	now     func() time.Time

	mu       sync.Mutex
	failedAt map[string]time.Time
}

func newRenewals(now func() time.Time) *renewals {
	return &renewals{now: now, failedAt: map[string]time.Time{}}
}

// pause records a failure, and removes expired ones.
func (r *renewals) pause(hash string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	for other, at := range r.failedAt {
		if now.Sub(at) >= renewPause {
			delete(r.failedAt, other)
		}
	}
	r.failedAt[hash] = now
}

func (r *renewals) paused(hash string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, failed := r.failedAt[hash]
	return failed && r.now().Sub(at) < renewPause
}
