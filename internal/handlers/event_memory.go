package handlers

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/drift"
)

// moment identifies what a request must know: the events of the audit log up to the newest one, and the day.
type moment struct {
	newestEvent int64     // 0 when it is not known
	day         time.Time // its beginning, in UTC
}

// momentOf returns the moment of a request. The newest event is that when its session was read, so that a change of
// another replica is known. It is not known when the request itself may add events.
func (a *App) momentOf(r *http.Request) moment {
	m := moment{day: a.Now().UTC().Truncate(24 * time.Hour)}
	if r.Method == http.MethodGet {
		m.newestEvent = a.Sessions.NewestEvent(r)
	}
	return m
}

// eventMemory keeps a value from the database that changes only with an event of the audit log or with the day. It is
// safe for concurrent use.
type eventMemory[T any] struct{ last atomic.Pointer[valueAt[T]] }

// memories are the values that pages keep.
type memories struct {
	overview       eventMemory[overviewFacts]
	actors         eventMemory[[]audit.Actor]    // at most maxSuggestions
	driftDecisions eventMemory[[]drift.Decision] // at most endedShown
	mismatchAt     eventMemory[time.Time]        // zero for none
}

type valueAt[T any] struct {
	at    moment
	value T
}

// get returns the value at a moment, and reads it unless the memory has it. The caller must not change the value: later
// requests get the same.
func (m *eventMemory[T]) get(at moment, read func() (T, error)) (T, error) {
	if last := m.last.Load(); last != nil && last.at == at && at.newestEvent != 0 {
		return last.value, nil
	}
	value, err := read() // after the newest event was read, so it is at least as new
	if err == nil {
		m.last.Store(&valueAt[T]{at: at, value: value})
	}
	return value, err
}
