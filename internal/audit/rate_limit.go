package audit

import (
	"sync"
	"time"
)

// The limits of refusals per key, which is an address or an operator. Beyond maxTracked keys all others share one
// limit.
const (
	rateWindowLength = time.Minute
	maxPerWindow     = 10
	maxTracked       = 10_000
)

// rateLimiter limits events of refusals, so that requests without a session cannot fill the audit log. It is safe for
// concurrent use.
type rateLimiter struct {
	mu      sync.Mutex
	windows map[string]*rateWindow
}

// rateWindow is the current window of one key.
type rateWindow struct {
	began   time.Time
	written int
	omitted int // since the last event that was written
}

// allow reports whether another event may be written, and how many were omitted since the last one.
func (f *rateLimiter) allow(key string, now time.Time) (omitted int, allowed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	window := f.windows[key]
	if window == nil {
		if len(f.windows) >= maxTracked {
			f.evict(now)
		}
		if len(f.windows) >= maxTracked {
			key = ""
		}
		if window = f.windows[key]; window == nil {
			window = &rateWindow{began: now}
			f.windows[key] = window
		}
	}
	if now.Sub(window.began) >= rateWindowLength {
		window.began, window.written = now, 0
	}
	if window.written >= maxPerWindow {
		window.omitted++
		return 0, false
	}
	omitted, window.omitted = window.omitted, 0
	window.written++
	return omitted, true
}

// evict removes the keys with an expired window and without omitted events. f.mu is held.
func (f *rateLimiter) evict(now time.Time) {
	for key, window := range f.windows {
		if now.Sub(window.began) >= rateWindowLength && window.omitted == 0 {
			delete(f.windows, key)
		}
	}
}
