package handlers

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// requestTimeout is the time limit of a request. It is shorter than the 30 seconds in which every request ends, because
// some work goes on for a moment: SQLite waits up to 5 seconds for a lock, whatever the context is.
const requestTimeout = 20 * time.Second

// limitTime ends the context of each request after RequestTimeout. An operation goes on once its intent is written, see
// package operations.
func (a *App) limitTime(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stateOf(r).unlimited = r.Context()
		ctx, cancel := context.WithTimeout(r.Context(), a.RequestTimeout)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// pauseTimer limits the time in which a long response does not advance. It is safe for concurrent use.
type pauseTimer struct {
	timeout time.Duration

	mu    sync.Mutex
	timer *time.Timer
}

// withPauseTimer returns a context that ends with ctx, and when the timer has run for its timeout. The timer runs from
// the beginning.
func withPauseTimer(ctx context.Context, timeout time.Duration) (context.Context, *pauseTimer, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	timer := &pauseTimer{timeout: timeout, timer: time.AfterFunc(timeout, func() { cancel(context.DeadlineExceeded) })}
	return ctx, timer, func() {
		timer.stop()
		cancel(nil)
	}
}

// stop stops the timer, while the browser is waited for.
func (t *pauseTimer) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.timer.Stop()
}

// restart lets the timer run from the beginning.
func (t *pauseTimer) restart() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.timer.Reset(t.timeout)
}
