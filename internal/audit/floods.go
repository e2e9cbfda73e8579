package audit

import (
	"sync"
	"time"
)

// What a flood may write: so much a minute for each address or person, and for all strangers together whom there is no
// room to tell apart.
const (
	floodWindow = time.Minute
	floodMost   = 10
	floodWho    = 10_000
)

// floods counts refusals, so that a stranger cannot fill the record. It is safe for concurrent use.
type floods struct {
	mu   sync.Mutex
	seen map[string]*flood
}

// flood is what one address or person did in the window that began last.
type flood struct {
	began   time.Time
	written int
	more    int // left out since the last that was written
}

// admit says whether one more may be written, and how many were left out before it.
func (f *floods) admit(who string, now time.Time) (more int, write bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	one := f.seen[who]
	if one == nil {
		if len(f.seen) >= floodWho {
			f.forget(now)
		}
		if len(f.seen) >= floodWho {
			who = ""
		}
		if one = f.seen[who]; one == nil {
			one = &flood{began: now}
			f.seen[who] = one
		}
	}
	if now.Sub(one.began) >= floodWindow {
		one.began, one.written = now, 0
	}
	if one.written >= floodMost {
		one.more++
		return 0, false
	}
	more, one.more = one.more, 0
	one.written++
	return more, true
}

// forget drops those whose window is over and who are owed nothing. f.mu is held.
func (f *floods) forget(now time.Time) {
	for who, one := range f.seen {
		if now.Sub(one.began) >= floodWindow && one.more == 0 {
			delete(f.seen, who)
		}
	}
}
