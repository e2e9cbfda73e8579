package voxsim

import (
	"fmt"
	"time"
)

// bucket is a token bucket that holds one second's worth of calls.
type bucket struct {
	tokens float64
	filled time.Time
}

// take says whether one more call is within the rate, in calls per second; 0 is no limit.
func (b *bucket) take(now time.Time, rate int) bool {
	if rate == 0 {
		*b = bucket{}
		return true
	}
	if b.filled.IsZero() {
		b.tokens = float64(rate)
	} else {
		b.tokens = min(float64(rate), b.tokens+now.Sub(b.filled).Seconds()*float64(rate))
	}
	b.filled = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// isResend and rememberCommit serve the variant that takes an equal call shortly after a commit for a resend. The lock
// must be held.

func (s *Sim) isResend(x *exchange) bool {
	if s.variants.ResendWindow == 0 {
		return false
	}
	committed, seen := s.recent[x.fingerprint()]
	return seen && x.now.Before(committed.Add(s.variants.ResendWindow))
}

func (s *Sim) rememberCommit(x *exchange) {
	for old, committed := range s.recent {
		if !x.now.Before(committed.Add(s.variants.ResendWindow)) {
			delete(s.recent, old)
		}
	}
	if s.variants.ResendWindow > 0 {
		s.recent[x.fingerprint()] = x.now
	}
}

// fingerprint is equal for two calls that ask for the same thing with the same key. It stays in memory only.
func (x *exchange) fingerprint() string {
	return fmt.Sprint(x.by, x.entry.Method, map[string]string(x.params)) // fmt sorts the keys of a map
}
