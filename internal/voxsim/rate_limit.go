package voxsim

import (
	"fmt"
	"time"
)

// tokenBucket is a rate limiter with a burst of one second's calls.
type tokenBucket struct {
	tokens     float64
	refilledAt time.Time
}

// allow reports whether one more call is within the rate, in calls per second; 0 means no limit.
func (b *tokenBucket) allow(now time.Time, rate int) bool {
	if rate == 0 {
		*b = tokenBucket{}
		return true
	}
	if b.refilledAt.IsZero() {
		b.tokens = float64(rate)
	} else {
		b.tokens = min(float64(rate), b.tokens+now.Sub(b.refilledAt).Seconds()*float64(rate))
	}
	b.refilledAt = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// isResend and rememberCommit implement the variant that refuses an identical call shortly after a commit. The lock
// must be held.

func (s *Sim) isResend(x *invocation) bool {
	if s.variants.ResendWindow == 0 {
		return false
	}
	committed, seen := s.recentCommits[x.fingerprint()]
	return seen && x.now.Before(committed.Add(s.variants.ResendWindow))
}

func (s *Sim) rememberCommit(x *invocation) {
	for old, committed := range s.recentCommits {
		if !x.now.Before(committed.Add(s.variants.ResendWindow)) {
			delete(s.recentCommits, old)
		}
	}
	if s.variants.ResendWindow > 0 {
		s.recentCommits[x.fingerprint()] = x.now
	}
}

// fingerprint is equal for two calls with the same key, method and parameters. It is kept in memory only.
func (x *invocation) fingerprint() string {
	return fmt.Sprint(x.actor, x.ledgerEntry.Method, map[string]string(x.params)) // fmt sorts the keys of a map
}
