package voxapi

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"
)

func TestRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := alwaysRespond(`{"result":[]}`)
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

// A write that would have to wait beyond the deadline of its context is not sent.
func TestRateLimitWaitBeyondDeadlineIsNotSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := alwaysRespond(`{"result":1}`)
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
		if len(v.received()) != 1 {
			t.Error("the second request was sent")
		}
	})
}

func TestRateLimiterHalvesAndRecovers(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	th := newRateLimiter(16, func() time.Time { return now })
	want := func(when string, rps float64) {
		t.Helper()
		if got := float64(th.limiter.Limit()); got != rps {
			t.Errorf("%s the rate is %v, want %v", when, got, rps)
		}
	}

	th.onSuccess()
	burst := now
	th.onRateLimited(burst)
	now = now.Add(time.Millisecond)
	th.onRateLimited(burst)
	want("after a burst of refusals", 8)
	th.onSuccess()
	want("after a good response at once", 8)
	now = now.Add(recoveryInterval)
	th.onSuccess()
	th.onSuccess()
	want("after one pause", 8.8)
	th.onRateLimited(burst)
	want("after the late refusal of one from the burst", 8.8)
	th.onRateLimited(now)
	want("after a refusal of one that asked since", 4.4)
	for range 10 {
		now = now.Add(time.Millisecond)
		th.onRateLimited(now)
	}
	want("at the slowest", 1)
	for range 100 {
		now = now.Add(recoveryInterval)
		th.onSuccess()
	}
	want("in the end", 16)
}

// If the vendor allows fewer calls per second than configured, the rate adapts in time: every read succeeds, and the
// rate does not fall so low that sixty reads take more than a minute.
func TestRateLimiterAdaptsToLowerVendorLimit(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{2, 3, 5, 9} {
		synctest.Test(t, func(t *testing.T) {
			taken := rate.NewLimiter(rate.Limit(limit), limit)
			v := &fakeVendor{respond: func(int, request) (*http.Response, error) {
				if !taken.Allow() {
					return respondError("340")()
				}
				return newJSONResponse(`{"result":[]}`), nil
			}}
			c := newTestClient(t, v, func(o *Options) { o.RPS = 10 })
			began := time.Now()
			var readers sync.WaitGroup
			for range 60 {
				readers.Go(func() {
					if _, err := c.Reader().GetRoles(t.Context(), testAccount, ""); err != nil {
						t.Errorf("%d per second: %v", limit, err)
					}
				})
			}
			readers.Wait()
			if took := time.Since(began); took > time.Minute {
				t.Errorf("%d per second: all took %v", limit, took)
			}
		})
	}
}

func TestRateLimitErrorsReduceRate(t *testing.T) {
	t.Parallel()
	for name, response := range map[string]func() (*http.Response, error){
		"340": respondError("340"),
		"429": respondStatus(429),
	} {
		c := newTestClient(t, respondInOrder(response), func(o *Options) { o.RPS = 16 })
		_ = c.Writer().DelSubUser(context.Background(), testAccount, 7)
		if got := c.rateLimiter.limiter.Limit(); got != 8 {
			t.Errorf("%s: the rate is %v, want 8", name, got)
		}
	}
}
