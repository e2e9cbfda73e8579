package voxsim

import (
	"cmp"
	"slices"
	"time"
)

// FaultKind is one way in which a call fails. "Commit" means that the call is carried out normally, or refused for a
// reason of its own, and only the response is affected.
type FaultKind string

// The kinds of faults. After those that lose a response after the commit, the caller cannot know what happened.
const (
	Refuse            FaultKind = "refuse"               // respond with Code, commit nothing
	HTTP401           FaultKind = "http_401"             // status 401, commit nothing
	HTTP429           FaultKind = "http_429"             // status 429, commit nothing
	HTTP500           FaultKind = "http_500"             // status 500, commit nothing
	HTMLBody          FaultKind = "html_body"            // status 200 with an HTML page, commit nothing
	HangBeforeCommit  FaultKind = "hang_before_commit"   // never respond, commit nothing
	ResetBeforeCommit FaultKind = "reset_before_commit"  // close the connection, commit nothing
	TruncatedJSON     FaultKind = "truncated_json"       // commit, send half of the JSON
	SlowDrip          FaultKind = "slow_drip"            // commit, send byte by byte over Delay
	CommitThenHang    FaultKind = "commit_then_hang"     // commit, never respond
	CommitThenReset   FaultKind = "commit_then_reset"    // commit, close the connection
	CommitThenRefuse  FaultKind = "commit_then_refuse"   // commit, respond with Code
	CommitThenHTTP500 FaultKind = "commit_then_http_500" // commit, status 500
	NullResult        FaultKind = "null_result"          // commit, respond with the result null
	EmptyList         FaultKind = "empty_list"           // commit, respond with an empty list as the result
	ResetThenCommit   FaultKind = "reset_then_commit"    // close the connection, commit after Delay
	HangThenCommit    FaultKind = "hang_then_commit"     // never respond, commit after Delay
	StaleReads        FaultKind = "stale_reads"          // respond normally; reads return the old state for Delay
)

// AllFaultKinds returns every kind once, for tests of all of them.
func AllFaultKinds() []FaultKind {
	return []FaultKind{
		Refuse,
		HTTP401,
		HTTP429,
		HTTP500,
		HTMLBody,
		HangBeforeCommit,
		ResetBeforeCommit,
		TruncatedJSON,
		SlowDrip,
		CommitThenHang,
		CommitThenReset,
		CommitThenRefuse,
		CommitThenHTTP500,
		NullResult,
		EmptyList,
		ResetThenCommit,
		HangThenCommit,
		StaleReads,
	}
}

// Fault is a failure of certain calls. If several faults match a call, the one added first applies. Every fault counts
// all calls of its method that arrive after it was added, whichever fault applies.
type Fault struct {
	// Method is the API method; "" means any.
	Method string
	// Nth is the first matching call that fails, counted from when the fault was added; 0 and 1 mean the next one.
	Nth int
	// Count is how many calls in a row fail; 0 means 1, and -1 means all that follow.
	Count int
	Kind  FaultKind
	// Code is the error code of Refuse (default 340) and CommitThenRefuse (default 2).
	Code int
	// Delay is the duration of SlowDrip, StaleReads, ResetThenCommit and HangThenCommit; the default is 2 seconds.
	Delay time.Duration
}

// armedFault is a fault and the number of calls of its method so far.
type armedFault struct {
	Fault
	callCount int
}

// AddFault adds a fault. An unknown kind has no effect.
func (s *Sim) AddFault(f Fault) {
	f.Nth = max(f.Nth, 1)
	f.Count = cmp.Or(f.Count, 1)
	f.Delay = cmp.Or(f.Delay, 2*time.Second)
	if f.Code == 0 {
		f.Code = codeRateLimit
		if f.Kind == CommitThenRefuse {
			f.Code = codeInternal
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &armedFault{Fault: f})
}

// ClearFaults removes all faults and ends stale reads. Delayed commits still happen.
func (s *Sim) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
	s.stale = staleView{}
}

// matchFault counts a call and returns the fault that applies to it, or nil. The lock must be held.
func (s *Sim) matchFault(method string) *Fault {
	var matched *Fault
	for _, armed := range s.faults {
		if armed.Method != "" && armed.Method != method {
			continue
		}
		armed.callCount++
		if matched == nil && armed.callCount >= armed.Nth && !armed.exhausted(armed.callCount-1) {
			matched = &armed.Fault
		}
	}
	s.faults = slices.DeleteFunc(s.faults, func(armed *armedFault) bool { return armed.exhausted(armed.callCount) })
	return matched
}

// exhausted reports whether a fault no longer applies after so many calls.
func (f *armedFault) exhausted(seen int) bool { return f.Count > 0 && seen >= f.Nth-1+f.Count }
