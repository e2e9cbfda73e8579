package voxapi

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	// maxReadAttempts is how often a read is sent before a passing fault is reported.
	maxReadAttempts = 3
	// firstRetryDelay is the longest pause before the second try; it doubles.
	firstRetryDelay = 400 * time.Millisecond
	// maxRetryDelay is the longest wait that the vendor may ask for. A reader who
	// waits longer than this is better told.
	maxRetryDelay = 5 * time.Second
)

// waitForRetry waits before the next try and reports whether there is to be one. asked
// is how long the vendor asked to wait, or 0. There is none when the context
// ends before the pause would.
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

// jitter returns a time between the half of d and d, so that readers that failed
// together do not come back together.
func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d/2)
}
