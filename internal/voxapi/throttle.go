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
	// throttlePause is the time between two steps in the same direction.
	throttlePause = 5 * time.Second
	// recoveryStep is the part of the configured rate that each step gives back.
	recoveryStep = 1.0 / 20
)

// throttle bounds how many requests leave per second. The vendor's own limit is
// not published, so it is found by being refused: the rate is halved then, and
// given back in small steps while answers are good.
type throttle struct {
	limiter *rate.Limiter
	full    rate.Limit
	now     func() time.Time

	mu      sync.Mutex
	slowed  time.Time
	changed time.Time
}

func newThrottle(rps float64, now func() time.Time) *throttle {
	burst := max(1, int(math.Ceil(rps)))
	return &throttle{limiter: rate.NewLimiter(rate.Limit(rps), burst), full: rate.Limit(rps), now: now}
}

// wait returns when a request may leave. It fails at once when the context would
// end before that.
func (t *throttle) wait(ctx context.Context) error {
	return t.limiter.Wait(ctx)
}

// refused halves the rate. Refusals within one pause belong together and count
// once.
func (t *throttle) refused() {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if now.Sub(t.slowed) < throttlePause {
		return
	}
	t.slowed, t.changed = now, now
	t.limiter.SetLimit(max(t.limiter.Limit()/2, t.full*slowestShare))
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
	t.limiter.SetLimit(min(t.limiter.Limit()+t.full*recoveryStep, t.full))
}
