package voxapi

import (
	"context"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// slowestShare is the part of the configured rate that is always left.
	slowestShare = 1.0 / 16
	// throttlePause is the time without a refusal after which a step is given back.
	throttlePause = 5 * time.Second
	// recoveryStep is the part of the configured rate that each step gives back.
	recoveryStep = 1.0 / 20
)

// throttle bounds how many requests leave per second, and that at most one
// second's worth leaves at once. The vendor's own limit is not published, so it is
// found by being refused: the rate is halved then, and given back in small steps
// while answers are good.
type throttle struct {
	head    chan struct{} // holds whoever is first in line
	limiter *rate.Limiter
	full    rate.Limit
	now     func() time.Time

	mu      sync.Mutex
	slowed  time.Time
	changed time.Time
}

func newThrottle(rps float64, now func() time.Time) *throttle {
	full := rate.Limit(rps)
	return &throttle{head: make(chan struct{}, 1), limiter: rate.NewLimiter(full, burst(full)), full: full, now: now}
}

// burst is how many requests may leave at once at a rate.
func burst(limit rate.Limit) int {
	return max(1, int(math.Ceil(float64(limit))))
}

// wait returns when a request may leave, in the order of asking. One at a time waits
// for the limiter: a rate that was halved holds for all who are still in line.
func (t *throttle) wait(ctx context.Context) error {
	select {
	case t.head <- struct{}{}:
		defer func() { <-t.head }()
		return t.limiter.Wait(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// refused halves the rate after the vendor refused a request that left at a time.
// What left before the last halving was paced by the rate before it, so that the
// refusals of one burst count once. What was saved up for a burst is lost: the
// vendor has just said that it has nothing left.
func (t *throttle) refused(left time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !left.After(t.slowed) {
		return
	}
	now := t.now()
	t.slowed, t.changed = now, now
	t.set(max(t.limiter.Limit()/2, t.full*slowestShare))
	if saved := int(t.limiter.Tokens()); saved > 0 {
		t.limiter.AllowN(time.Now(), saved)
	}
}

// answered gives a part of the rate back, once in a pause.
func (t *throttle) answered() {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if t.limiter.Limit() >= t.full || now.Sub(t.changed) < throttlePause {
		return
	}
	t.changed = now
	t.set(min(t.limiter.Limit()+t.full*recoveryStep, t.full))
}

// set changes the rate, and the burst with it.
func (t *throttle) set(limit rate.Limit) {
	t.limiter.SetLimit(limit)
	t.limiter.SetBurst(burst(limit))
}
