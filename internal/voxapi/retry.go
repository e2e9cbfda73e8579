package voxapi

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	// maxReadAttempts is how often a read is sent before a transient failure is returned.
	maxReadAttempts = 3
	// firstRetryDelay is the longest delay before the second attempt; it doubles after each attempt.
	firstRetryDelay = 400 * time.Millisecond
	// maxRetryDelay is the longest delay that the vendor may ask for. After a longer one the failure is returned
	// instead.
	maxRetryDelay = 5 * time.Second
)

// waitForRetry waits before the next attempt and reports whether to make one. retryAfter is how long the vendor asked
// to wait, or 0. There is no attempt if the context would end during the delay.
func waitForRetry(ctx context.Context, tries int, retryAfter time.Duration) bool {
	if retryAfter > maxRetryDelay {
		return false
	}
	wait := max(retryAfter, jitter(firstRetryDelay<<(tries-1)))
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// jitter returns a duration between d/2 and d, so that readers that failed together do not retry together.
func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d/2)
}
