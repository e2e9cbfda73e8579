package handlers

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// slowChecker counts its checks, each of which takes a while.
type slowChecker struct {
	*fakeAuditLog
	checks atomic.Int64
	takes  time.Duration
	err    error
}

func (c *slowChecker) Ready(ctx context.Context) error {
	c.checks.Add(1)
	select {
	case <-time.After(c.takes):
		return c.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Anyone can ask whether the console is ready, so that it checks once a second for all of them.
func TestReadinessChecksAreShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		checker := &slowChecker{takes: 500 * time.Millisecond}
		s := newSite(t, func(o *Options) {
			checker.fakeAuditLog = o.AuditLog.(*fakeAuditLog)
			o.AuditLog = checker
		})
		var statuses [600]atomic.Int64
		var callers sync.WaitGroup
		ask := func(count int) {
			for range count {
				callers.Go(func() { statuses[s.get(anonymous, "/readyz").Code].Add(1) })
			}
			callers.Wait()
		}
		ask(100)
		ask(100) // the last result is still new
		if got := checker.checks.Load(); got != 1 || statuses[http.StatusOK].Load() != 200 {
			t.Errorf("%d checks for 200 requests, %d were ready", got, statuses[http.StatusOK].Load())
		}
		checker.err = errors.New("the disk is full")
		time.Sleep(readinessMaxAge)
		ask(100)
		if got := checker.checks.Load(); got != 2 || statuses[http.StatusServiceUnavailable].Load() != 100 {
			t.Errorf("%d checks after a second, %d were not ready", got, statuses[http.StatusServiceUnavailable].Load())
		}
		checker.takes = time.Hour
		time.Sleep(readinessMaxAge)
		ask(1)
		if got := statuses[http.StatusServiceUnavailable].Load(); got != 101 {
			t.Errorf("a database that hangs is ready: %d", got)
		}
	})
}

// A caller that goes away does not end the check for the others.
func TestReadinessCheckOutlivesItsCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		checker := &slowChecker{takes: 500 * time.Millisecond}
		probe := &readinessProbe{checkers: []readinessChecker{checker}}
		gone, cancel := context.WithCancel(t.Context())
		first := make(chan error, 1)
		go func() { first <- probe.check(gone) }()
		synctest.Wait()
		cancel()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("the caller that went away: %v", err)
		}
		if err := probe.check(t.Context()); err != nil || checker.checks.Load() != 1 {
			t.Errorf("the second caller: %v after %d checks", err, checker.checks.Load())
		}
	})
}
