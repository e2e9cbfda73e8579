package voxsim

import (
	"cmp"
	"slices"
	"time"
)

// FaultKind is one way in which a call goes wrong. "Commit" means that the call is carried out as if nothing were
// wrong, refused if it must be, and only its answer suffers.
type FaultKind string

// The kinds of faults. Those that lose an answer after the commit are the interesting ones: the caller cannot know.
const (
	Refuse            FaultKind = "refuse"               // answer Code, commit nothing
	HTTP401           FaultKind = "http_401"             // status 401, commit nothing
	HTTP429           FaultKind = "http_429"             // status 429, commit nothing
	HTTP500           FaultKind = "http_500"             // status 500, commit nothing
	HTMLBody          FaultKind = "html_body"            // status 200 and a page of HTML, commit nothing
	HangBeforeCommit  FaultKind = "hang_before_commit"   // never answer, commit nothing
	ResetBeforeCommit FaultKind = "reset_before_commit"  // drop the connection, commit nothing
	TruncatedJSON     FaultKind = "truncated_json"       // commit, answer half of the JSON
	SlowDrip          FaultKind = "slow_drip"            // commit, answer byte by byte over Delay
	CommitThenHang    FaultKind = "commit_then_hang"     // commit, never answer
	CommitThenReset   FaultKind = "commit_then_reset"    // commit, drop the connection
	CommitThenRefuse  FaultKind = "commit_then_refuse"   // commit, answer Code
	CommitThenHTTP500 FaultKind = "commit_then_http_500" // commit, answer status 500
	ResetThenCommit   FaultKind = "reset_then_commit"    // drop the connection, commit after Delay
	HangThenCommit    FaultKind = "hang_then_commit"     // never answer, commit after Delay
	StaleReads        FaultKind = "stale_reads"          // answer well; reads show what was before for Delay
)

// AllFaultKinds has every kind once, so that a test can hold against all of them.
func AllFaultKinds() []FaultKind {
	return []FaultKind{
		Refuse, HTTP401, HTTP429, HTTP500, HTMLBody, HangBeforeCommit, ResetBeforeCommit,
		TruncatedJSON, SlowDrip, CommitThenHang, CommitThenReset, CommitThenRefuse, CommitThenHTTP500,
		ResetThenCommit, HangThenCommit, StaleReads,
	}
}

// Fault is something that will go wrong with certain calls. Of several that match a call, the one added first meets it;
// every fault counts all calls of its method that arrive while it is there, whatever meets them.
type Fault struct {
	// Method is the API method to meet; "" is any.
	Method string
	// Nth is the first matching call to meet, counted from when the fault was added; 0 and 1 are the next one.
	Nth int
	// Count is how many calls in a row are met: 0 and 1 one, -1 all that follow.
	Count int
	Kind  FaultKind
	// Code is the refusal of Refuse (by default 340) and CommitThenRefuse (by default 2).
	Code int
	// Delay is how long SlowDrip, StaleReads, ResetThenCommit and HangThenCommit take; by default two seconds.
	Delay time.Duration
}

// armedFault is a fault and how many calls of its method it has seen.
type armedFault struct {
	Fault
	callCount int
}

// AddFault arms a fault. A kind that does not exist does nothing but answer as usual.
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

// ClearFaults disarms all faults and ends stale reads. A commit that was put off still comes.
func (s *Sim) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
	s.stale = staleView{}
}

// matchFault counts a call and gives the fault that meets it, if any. The lock must be held.
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

// exhausted says whether a fault that has seen this many calls will meet no more.
func (f *armedFault) exhausted(seen int) bool { return f.Count > 0 && seen >= f.Nth-1+f.Count }
