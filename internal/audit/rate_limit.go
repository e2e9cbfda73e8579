package audit

import (
	"sync"
	"time"
)

// Change a flood may write: so much a minute for each address or person, and for all strangers together whom there is
// no room to tell apart.
const (
	rateWindowLength = time.Minute
	maxPerWindow     = 10
	maxTracked       = 10_000
)

// rateLimiter counts refusals, so that a stranger cannot fill the record. It is safe for concurrent use.
type rateLimiter struct {
	mu      sync.Mutex
	windows map[string]*rateWindow
}

// rateWindow is what one address or person did in the window that began last.
type rateWindow struct {
	began   time.Time
	written int
	omitted int // left out since the last that was written
}

// allow says whether one more may be written, and how many were left out before it.
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

// evict drops those whose window is over and who are owed nothing. f.mu is held.
func (f *rateLimiter) evict(now time.Time) {
	for key, window := range f.windows {
		if now.Sub(window.began) >= rateWindowLength && window.omitted == 0 {
			delete(f.windows, key)
		}
	}
}
