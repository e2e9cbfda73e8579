package voxapi

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := always(`{"result":[]}`)
		c := newTestClient(t, v, func(o *Options) { o.RPS = 4 })
		start := time.Now()
		for range 24 {
			if _, err := c.Reader().GetRoles(context.Background(), testAccount, ""); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("24 calls at 4 per second, 4 at once, took %v, want 5s", took)
		}
	})
}

// A write that would have to wait longer than its context has, is not sent.
func TestWaitingTooLongIsNotSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := always(`{"result":1}`)
		c := newTestClient(t, v, func(o *Options) { o.RPS = 0.1 })
		if err := c.Writer().DelSubUser(context.Background(), testAccount, 7); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		e := wantError(t, c.Writer().DelSubUser(ctx, testAccount, 7), NotSent, 0)
		if !errors.Is(e, context.DeadlineExceeded) {
			t.Errorf("the cause is %v", e)
		}
		if len(v.seen()) != 1 {
			t.Error("the second request was sent")
		}
	})
}

func TestThrottleHalvesAndRecovers(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	th := newThrottle(16, func() time.Time { return now })
	rate := func() float64 { return float64(th.limiter.Limit()) }

	th.answered()
	th.refused()
	th.refused()
	if rate() != 8 {
		t.Errorf("after a burst of refusals the rate is %v, want 8", rate())
	}
	th.answered()
	if rate() != 8 {
		t.Errorf("the rate recovered at once, to %v", rate())
	}
	now = now.Add(throttlePause)
	th.answered()
	th.answered()
	if rate() != 8.8 {
		t.Errorf("after one pause the rate is %v, want 8.8", rate())
	}
	th.refused()
	if rate() != 4.4 {
		t.Errorf("a refusal after a recovery gives %v, want 4.4", rate())
	}
	for range 10 {
		now = now.Add(throttlePause)
		th.refused()
	}
	if rate() != 1 {
		t.Errorf("the rate fell to %v, want never under 1", rate())
	}
	for range 100 {
		now = now.Add(throttlePause)
		th.answered()
	}
	if rate() != 16 {
		t.Errorf("the rate came back to %v, want 16", rate())
	}
}

func TestRefusalsSlowTheClientDown(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func() (*http.Response, error){"340": refuses("340"), "429": status(429)} {
		c := newTestClient(t, inTurn(answer), func(o *Options) { o.RPS = 16 })
		_ = c.Writer().DelSubUser(context.Background(), testAccount, 7)
		if got := c.throttle.limiter.Limit(); got != 8 {
			t.Errorf("%s: the rate is %v, want 8", name, got)
		}
	}
}
