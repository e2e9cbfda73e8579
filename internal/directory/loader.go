package directory

import (
	"context"
	"sync"
	"time"
)

// After a failure no reading starts by itself for a while, so that reloaded pages do not add load to a service in
// trouble. The pause doubles with each further failure.
const (
	initialBackoff = 5 * time.Second
	maxBackoff     = time.Minute
)

// loader reads one resource of one account in the background: one reading at a time, with a timeout, stopped by Close.
// It records the age of the last successful reading and the error of the newest one.
type loader struct {
	directory *Directory
	method    string        // the vendor's method that it calls first, for errors
	maxAge    time.Duration // the age at which the resource is read again
	timeout   time.Duration // of one reading
	read      func(ctx context.Context) error

	mu        sync.Mutex
	done      chan struct{} // closed when the reading under way ends; nil when there is none
	readAt    time.Time     // when the last successful reading ended; zero before the first
	lastError *ReadError    // of the newest finished reading; nil when it succeeded
	failures  int           // in a row
	retryAt   time.Time     // no reading starts by itself before
}

// refreshIfStale starts a reading when the last one is too old, except in the pause after a failure. It returns a
// channel that is closed when the reading under way ends, nil when none is under way.
func (l *loader) refreshIfStale() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.directory.now()
	old := l.readAt.IsZero() || now.Sub(l.readAt) > l.maxAge
	if old && !now.Before(l.retryAt) {
		l.start()
	}
	return l.done
}

// refresh starts a reading unless one is under way, whatever the age and the result of the last one.
func (l *loader) refresh() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.start()
}

// underWay returns a channel that is closed when the reading under way ends, nil when none is under way.
func (l *loader) underWay() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.done
}

// state reports whether a reading is under way, and the error of the newest finished one.
func (l *loader) state() (loading bool, lastError *ReadError) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.done != nil, l.lastError
}

// start begins a reading unless one is under way. l.mu is held.
func (l *loader) start() {
	if l.done != nil {
		return
	}
	done := make(chan struct{})
	if l.directory.background(func(ctx context.Context) { l.run(ctx, done) }) {
		l.done = done
	}
}

func (l *loader) run(ctx context.Context, done chan struct{}) {
	limited, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	err := l.read(limited)

	l.mu.Lock()
	defer l.mu.Unlock()
	l.done = nil
	defer close(done)
	switch {
	case err == nil:
		l.readAt, l.lastError, l.failures, l.retryAt = l.directory.now(), nil, 0, time.Time{}
	case ctx.Err() != nil:
		// Close stopped the reading: this is no failure of the vendor.
	default:
		l.fail(l.directory.newReadError(l.method, err))
	}
}

// fail records the error of a reading and starts the pause. l.mu is held.
func (l *loader) fail(e *ReadError) {
	pause := min(initialBackoff<<min(l.failures, 10), maxBackoff)
	pause = max(pause, e.retryAfter)
	l.lastError, l.retryAt = e, e.At.Add(pause)
	l.failures++
	l.directory.logger.Warn("reading failed",
		"method", e.Method, "kind", string(e.Kind), "code", e.Code, "pause_ms", pause.Milliseconds())
}

// await waits until done or enough is closed, for at most the given time. It does not wait when done is nil. It returns
// the error of the context, and none after the time has passed.
func await(ctx context.Context, atMost time.Duration, done, enough <-chan struct{}) error {
	if done == nil {
		return nil
	}
	timer := time.NewTimer(atMost)
	defer timer.Stop()
	select {
	case <-done:
		return nil
	case <-enough:
		return nil
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
