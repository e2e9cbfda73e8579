package session

import (
	"maps"
	"sync"
	"time"
)

// seenPrecision is how much earlier than the last use seen_at may be. A session expires at most that much too early,
// and never too late.
const seenPrecision = time.Minute

// lastUses decides when a request writes seen_at, so that most requests only read: once a minute for each session. A
// session with an idle limit of less than two minutes would expire during use, so it is written twice within the limit.
// It is safe for concurrent use.
type lastUses struct {
	pause time.Duration // between two writes for a session

	mu      sync.Mutex
	written map[string]time.Time // when this process last tried to write, by the hash of the session
}

func newLastUses(idle time.Duration) lastUses {
	return lastUses{pause: min(seenPrecision, idle/2), written: map[string]time.Time{}}
}

// claim reports whether the caller is to write that a session was used now. It is not, when another request has tried
// within the pause, also in vain: a database that cannot be written would delay every page.
func (u *lastUses) claim(hash string, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	maps.DeleteFunc(u.written, func(_ string, at time.Time) bool {
		return now.Sub(at) >= u.pause || at.After(now) // the clock was set back
	})
	if _, tried := u.written[hash]; tried {
		return false
	}
	u.written[hash] = now
	return true
}
