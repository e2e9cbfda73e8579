package directory

import (
	"context"
	"sync"
	"time"
)

// After a failure the vendor is left alone for a while, so that people who reload a page do not become a
// second problem for a service that has one already. The pause doubles with every further failure.
const (
	initialBackoff = 5 * time.Second
	maxBackoff     = time.Minute
)

// loader reads one thing of one account, detached from whoever asked for it: one reading at a time, with a
// limit of its own, ended by Close. It knows how old the last good reading is and why the newest one failed.
type loader struct {
	directory *Directory
	method    string        // the vendor's method that it begins with
	maxAge    time.Duration // after which what was read is read again
	timeout   time.Duration // for one reading
	read      func(ctx context.Context) error

	mu        sync.Mutex
	done      chan struct{} // closed when the reading under way ends; nil when there is none
	readAt    time.Time     // when the last good reading ended; zero before the first
	lastError *ReadError    // why the newest reading failed; nil if it did not
	failures  int           // in a row
	retryAt   time.Time     // before which no reading starts by itself
}

// refreshIfStale starts a reading if there is none or an old one, and the vendor need not be left alone.
// It returns a channel that is closed when the reading under way ends, or nil when there is none under way.
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

// refresh starts a reading unless one is under way, however new the last one is and whether or not it failed.
func (l *loader) refresh() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.start()
}

// state says whether a reading is under way and why the newest finished one failed.
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
		// Close ended the reading; that is nobody's trouble.
	default:
		l.fail(l.directory.newReadError(l.method, err))
	}
}

// fail notes why a reading failed and for how long the vendor is left alone. l.mu is held.
func (l *loader) fail(t *ReadError) {
	pause := min(initialBackoff<<min(l.failures, 10), maxBackoff)
	pause = max(pause, t.retryAfter)
	l.lastError, l.retryAt = t, t.At.Add(pause)
	l.failures++
	l.directory.logger.Warn("reading failed", "method", t.Method, "kind", string(t.Kind), "code", t.Code, "pause", pause)
}

// await waits until done is closed, for at most the given time; a nil channel is not waited for.
// It fails only with the context's error.
func await(ctx context.Context, done <-chan struct{}, atMost time.Duration) error {
	if done == nil {
		return nil
	}
	timer := time.NewTimer(atMost)
	defer timer.Stop()
	select {
	case <-done:
		return nil
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
