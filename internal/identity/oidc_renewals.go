package identity

import (
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// renewPause is how long a session is left alone after its renewal failed.
const renewPause = time.Minute

// renewals is what is under way and what failed, by the hash of the session. The hash is a session's own, so no
// request ever shares another person's outcome.
type renewals struct {
	flights singleflight.Group
	now     func() time.Time

	mu       sync.Mutex
	failedAt map[string]time.Time
}

func newRenewals(now func() time.Time) *renewals {
	return &renewals{now: now, failedAt: map[string]time.Time{}}
}

// pause notes a failure, and forgets those that no longer matter, which bounds the map.
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
