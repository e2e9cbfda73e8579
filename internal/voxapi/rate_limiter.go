package voxapi

import (
	"context"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// minRateShare is the part of the configured rate that is always left.
	minRateShare = 1.0 / 16
	// recoveryInterval is the time without a refusal after which a step is given back.
	recoveryInterval = 5 * time.Second
	// recoveryStep is the part of the configured rate that each step gives back.
	recoveryStep = 1.0 / 20
)

// rateLimiter bounds how many requests leave per second, and that at most one
// second's worth leaves at once. The vendor's own limit is not published, so it is
// found by being refused: the rate is halved then, and given back in small steps
// while answers are good.
type rateLimiter struct {
	waitSlot chan struct{} // holds whoever is first in line
	limiter  *rate.Limiter
	maxRate  rate.Limit
	now      func() time.Time

	mu        sync.Mutex
	reducedAt time.Time
	changedAt time.Time
}

func newRateLimiter(rps float64, now func() time.Time) *rateLimiter {
	full := rate.Limit(rps)
	return &rateLimiter{
		waitSlot: make(chan struct{}, 1),
		limiter:  rate.NewLimiter(full, burst(full)),
		maxRate:  full,
		now:      now,
	}
}

// burst is how many requests may leave at once at a rate.
func burst(limit rate.Limit) int {
	return max(1, int(math.Ceil(float64(limit))))
}

// wait returns when a request may leave, in the order of asking. One at a time waits
// for the limiter: a rate that was halved holds for all who are still in line.
func (t *rateLimiter) wait(ctx context.Context) error {
	select {
	case t.waitSlot <- struct{}{}:
		defer func() { <-t.waitSlot }()
		return t.limiter.Wait(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tokenRefused halves the rate after the vendor refused a request that left at a time.
// What left before the last halving was paced by the rate before it, so that the
// refusals of one burst count once. What was saved up for a burst is lost: the
// vendor has just said that it has nothing left.
func (t *rateLimiter) onRateLimited(sentAt time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !sentAt.After(t.reducedAt) {
		return
	}
	now := t.now()
	t.reducedAt, t.changedAt = now, now
	t.setRate(max(t.limiter.Limit()/2, t.maxRate*minRateShare))
	if saved := int(t.limiter.Tokens()); saved > 0 {
		t.limiter.AllowN(time.Now(), saved)
	}
}

// onSuccess gives a part of the rate back, once in a pause.
func (t *rateLimiter) onSuccess() {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if t.limiter.Limit() >= t.maxRate || now.Sub(t.changedAt) < recoveryInterval {
		return
	}
	t.changedAt = now
	t.setRate(min(t.limiter.Limit()+t.maxRate*recoveryStep, t.maxRate))
}

// setRate changes the rate, and the burst with it.
func (t *rateLimiter) setRate(limit rate.Limit) {
	t.limiter.SetLimit(limit)
	t.limiter.SetBurst(burst(limit))
}
