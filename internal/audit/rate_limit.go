package audit

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// The limits of events about refusals in a minute, so that clients without a session, or with one of an operator
// without permissions, cannot fill the audit log. Each process has its own.
const (
	rateWindowLength = time.Minute
	maxPerKey        = 10  // of one operator, or of one narrow network
	maxPerWide       = 30  // of one wide network
	maxPerKind       = 100 // of all
)

// rateLimiter limits events of refusals. It is safe for concurrent use. Only an event that is written gets a window, so
// the number of windows is limited, too.
type rateLimiter struct {
	mu      sync.Mutex
	windows map[rateKey]*rateWindow
	omitted map[EventKind]int // not counted in a window
	cleaned time.Time         // when expired windows were last removed
}

func newRateLimiter() rateLimiter {
	return rateLimiter{windows: map[rateKey]*rateWindow{}, omitted: map[EventKind]int{}}
}

// rateKey is what a window counts: the events of a kind that have the same operator or network, or all of them.
type rateKey struct {
	kind EventKind
	key  string
	max  int
}

// rateWindow is the current window of a key.
type rateWindow struct {
	began   time.Time
	written int
	omitted int // since the last event that was written
}

// rateKeys returns the keys of an event from the widest to the narrowest. key is what Notice.rateLimit returns.
func rateKeys(kind EventKind, key string) []rateKey {
	keys := []rateKey{{kind: kind, max: maxPerKind}}
	if kind == SignInRefusedEvent {
		narrow, wide := Networks(key)
		return append(keys, rateKey{kind, wide, maxPerWide}, rateKey{kind, narrow, maxPerKey})
	}
	return append(keys, rateKey{kind, key, maxPerKey})
}

// allow reports whether another event may be written, and how many with the same narrowest key were omitted since the
// last one.
func (f *rateLimiter) allow(kind EventKind, key string, now time.Time) (omitted int, allowed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.removeExpired(now)
	keys := rateKeys(kind, key)
	narrowest := keys[len(keys)-1]
	for _, k := range keys {
		window := f.windows[k]
		if window == nil || now.Sub(window.began) >= rateWindowLength || window.written < k.max {
			continue
		}
		if window = f.windows[narrowest]; window != nil {
			window.omitted++
		} else {
			f.omitted[kind]++
		}
		return 0, false
	}
	for _, k := range keys {
		window := f.windows[k]
		if window == nil {
			window = &rateWindow{}
			f.windows[k] = window
		}
		if now.Sub(window.began) >= rateWindowLength {
			window.began, window.written = now, 0
		}
		window.written++
	}
	omitted, f.windows[narrowest].omitted = f.windows[narrowest].omitted, 0
	return omitted, true
}

// removeExpired removes, once per window, the windows in which no event was written for a while. f.mu is held.
func (f *rateLimiter) removeExpired(now time.Time) {
	if now.Sub(f.cleaned) < rateWindowLength {
		return
	}
	f.cleaned = now
	maps.DeleteFunc(f.windows, func(k rateKey, window *rateWindow) bool {
		expired := now.Sub(window.began) >= 2*rateWindowLength
		if expired {
			f.omitted[k.kind] += window.omitted
		}
		return expired
	})
}

// takeOmitted returns how many events of each kind were omitted and are not counted by a later event of the same key.
// With all, it also returns those that still may be.
func (f *rateLimiter) takeOmitted(now time.Time, all bool) map[EventKind]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.removeExpired(now)
	if all {
		for k, window := range f.windows {
			f.omitted[k.kind] += window.omitted
			window.omitted = 0
		}
	}
	taken := f.omitted
	f.omitted = map[EventKind]int{}
	maps.DeleteFunc(taken, func(_ EventKind, count int) bool { return count == 0 })
	return taken
}

// putBack counts omitted events again.
func (f *rateLimiter) putBack(kind EventKind, count int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.omitted[kind] += count
}

// Run counts omitted events in events of their own, every minute and once more when ctx ends.
func (r *Log) Run(ctx context.Context) {
	ticker := time.NewTicker(rateWindowLength)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			r.noteOmitted(ctx, false)
		case <-ctx.Done():
			r.noteOmitted(context.WithoutCancel(ctx), true)
			return
		}
	}
}

// noteOmitted writes one event for each kind of omitted events. What cannot be written is counted the next time.
func (r *Log) noteOmitted(ctx context.Context, all bool) {
	omitted := r.limiter.takeOmitted(r.options.Now(), all)
	for _, kind := range slices.Sorted(maps.Keys(omitted)) {
		if err := r.Note(ctx, RefusalsOmitted{Kind: kind, Count: omitted[kind]}); err != nil {
			r.limiter.putBack(kind, omitted[kind])
		}
	}
}
