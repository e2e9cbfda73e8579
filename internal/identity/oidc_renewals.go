package identity

import (
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// Time between two attempts to renew a session: after a failure, and after a response without groups, which comes from
// the settings of the provider.
const (
	renewPause         = time.Minute
	groupsNotSentPause = groupsMaxAge
)

// renewals are the running and failed renewals by the hash of the session. Hashes are unique, so that requests never
// share the result of another operator.
type renewals struct {
	flights singleflight.Group
	now     func() time.Time

	mu    sync.Mutex
	until map[string]time.Time // end of the pause

	groupsNotSent sync.Once // to log it once
}

func newRenewals(now func() time.Time) *renewals {
	return &renewals{now: now, until: map[string]time.Time{}}
}

// pause begins a pause, and removes those that have ended.
func (r *renewals) pause(hash string, length time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	for other, until := range r.until {
		if !now.Before(until) {
			delete(r.until, other)
		}
	}
	r.until[hash] = now.Add(length)
}

func (r *renewals) paused(hash string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now().Before(r.until[hash])
}
