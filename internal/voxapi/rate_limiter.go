package voxapi

import (
	"context"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// minRateShare is the smallest rate, as a part of the configured one.
	minRateShare = 1.0 / 16
	// recoveryInterval is the time without a refusal after which the rate is raised by one step.
	recoveryInterval = 5 * time.Second
	// recoveryStep is one step, as a part of the configured rate.
	recoveryStep = 1.0 / 20
)

// rateLimiter bounds how many requests are sent per second, with a burst of at most one second's requests. The vendor's
// own limit is not published, so the rate adapts: it is halved after a refusal and raised in small steps while requests
// succeed.
type rateLimiter struct {
	waitSlot chan struct{} // full while one caller waits for the limiter
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

// burst returns how many requests may be sent at once at a rate.
func burst(limit rate.Limit) int {
	return max(1, int(math.Ceil(float64(limit))))
}

// wait returns when a request may be sent, in the order of calls. Only one caller at a time waits for the limiter, so
// that a halved rate applies to all callers that are still waiting.
func (t *rateLimiter) wait(ctx context.Context) error {
	select {
	case t.waitSlot <- struct{}{}:
		defer func() { <-t.waitSlot }()
		return t.limiter.Wait(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// onRateLimited halves the rate after the vendor refused a request that was sent at sentAt. Requests sent before the
// last reduction were sent at the higher rate, so the refusals of one burst count once. The saved burst is dropped,
// because the vendor allows no more at the moment.
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

// onSuccess raises the rate by one step, at most once in recoveryInterval.
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
