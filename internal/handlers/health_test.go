package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// slowChecker counts its checks, each of which takes a while.
type slowChecker struct {
	*fakeAuditLog
	checks  atomic.Int64
	takes   time.Duration
	endless bool // a check does not notice that its context ends, as a disk that hangs
	err     error
}

func (c *slowChecker) ReadinessChecks() []audit.ReadinessCheck {
	return []audit.ReadinessCheck{
		{Name: "database file", Run: func(context.Context) error { return nil }},
		{Name: "writing", Run: c.write},
		{Name: "audit log", Run: func(context.Context) error { return nil }},
	}
}

func (c *slowChecker) write(ctx context.Context) error {
	c.checks.Add(1)
	if c.endless {
		ctx = context.WithoutCancel(ctx)
	}
	select {
	case <-time.After(c.takes):
		return c.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// askReadiness sends many requests at once. It returns how many got a 200, and the longest time until a response.
func askReadiness(s *site, callers int) (ready int, longest time.Duration) {
	var mu sync.Mutex
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			began := time.Now()
			status := s.get(anonymous, "/readyz").Code
			mu.Lock()
			defer mu.Unlock()
			longest = max(longest, time.Since(began))
			if status == http.StatusOK {
				ready++
			}
		})
	}
	all.Wait()
	return ready, longest
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
		first, _ := askReadiness(s, 100)
		second, _ := askReadiness(s, 100) // the last result is still new
		if got := checker.checks.Load(); got != 1 || first+second != 200 {
			t.Errorf("%d checks for 200 requests, %d were ready", got, first+second)
		}
		checker.err = errors.New("the disk is full")
		time.Sleep(readinessMaxAge)
		ready, _ := askReadiness(s, 100)
		if got := checker.checks.Load(); got != 2 || ready != 0 {
			t.Errorf("%d checks after a second, %d were ready", got, ready)
		}
	})
}

// Whatever hangs, the response comes within two seconds, and no second check begins.
func TestReadinessCheckHangs(t *testing.T) {
	t.Parallel()
	for _, endless := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			checker := &slowChecker{takes: time.Hour, endless: endless}
			s := newSite(t, func(o *Options) {
				checker.fakeAuditLog = o.AuditLog.(*fakeAuditLog)
				o.AuditLog = checker
			})
			if ready, longest := askReadiness(s, 100); ready != 0 || longest > 2*time.Second {
				t.Errorf("endless %v: %d were ready, after %v", endless, ready, longest)
			}
			if !endless {
				return
			}
			for range 20 { // now at once
				if ready, longest := askReadiness(s, 10); ready != 0 || longest > 0 {
					t.Errorf("%d were ready, after %v", ready, longest)
				}
				time.Sleep(time.Second)
			}
			want := "not ready: no change can be recorded\ndatabase file: ok\nwriting: the check did not finish in time\n" +
				"audit log: not checked\nsessions: not checked\ncopies of audit events: complete\n"
			if got := s.get(anonymous, "/readyz?verbose").Body.String(); got != want {
				t.Errorf("verbose: %s", got)
			}
			if got := checker.checks.Load(); got != 1 {
				t.Errorf("%d checks while the first one hangs", got)
			}
			time.Sleep(checker.takes)
			synctest.Wait()
			checker.takes = 0
			if ready, _ := askReadiness(s, 1); ready != 1 {
				t.Error("the result of the check that hung is used after its end")
			}
		})
	}
}

// A caller that goes away does not end the check for the others.
func TestReadinessCheckOutlivesItsCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		checker := &slowChecker{takes: 500 * time.Millisecond}
		probe := newReadinessProbe(checker)
		gone, cancel := context.WithCancel(t.Context())
		first := make(chan error, 1)
		go func() {
			_, err := probe.results(gone)
			first <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("the caller that went away: %v", err)
		}
		results, err := probe.results(t.Context())
		if err != nil || results.err() != nil || checker.checks.Load() != 1 {
			t.Errorf("the second caller: %v, %v after %d checks", results, err, checker.checks.Load())
		}
	})
}

// Anyone can ask, so that the reasons are in plain words without paths, addresses and names.
func TestVerboseReadinessHidesDetails(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.auditLog.err = fmt.Errorf("opening /data/voxwarden.db for anna: %s: %w", secretText, syscall.EROFS)
	s.get(anonymous, "/readyz?verbose").hasStatus(t, 503).
		contains(t, "writing: the database is read-only sessions: ok").
		excludes(t, "/data", "anna", "hunter2")
	s.get(anonymous, "/readyz").hasStatus(t, 503).excludes(t, "writing")
	if !strings.Contains(s.log.String(), "/data/voxwarden.db") {
		t.Error("the reason is not in the log")
	}
}
