package voxsim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// callResult is the result of a call for a client in a bubble.
type callResult struct {
	status int
	body   string
	err    error
	took   time.Duration
}

// tryCall sends a call through the in-memory transport, with a timeout of ten seconds.
func tryCall(c caller, method string, pairs ...string) callResult {
	ctx, cancel := context.WithTimeout(c.t.Context(), 10*time.Second)
	defer cancel()
	r := c.request(method, pairs...).WithContext(ctx)
	r.RequestURI = "" // the server's field; a client's request has none
	start := time.Now()
	response, err := (&http.Client{Transport: c.sim.Transport()}).Do(r)
	if err != nil {
		return callResult{err: err, took: time.Since(start)}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return callResult{status: response.StatusCode, body: string(text), err: err, took: time.Since(start)}
}

// faultTests has, for each kind, what the client sees of an AddSubUser call, and whether the subuser was created.
func faultTests() map[FaultKind]struct {
	fault     Fault
	sees      func(callResult) bool
	committed bool // at once
	later     bool // after four seconds
} {
	lost := func(o callResult) bool { return o.err != nil && o.took == 0 }
	hung := func(o callResult) bool { return errors.Is(o.err, context.DeadlineExceeded) && o.took == 10*time.Second }
	status := func(want int) func(callResult) bool {
		return func(o callResult) bool { return o.status == want && o.err == nil && !json.Valid([]byte(o.body)) }
	}
	responds := func(body string) func(callResult) bool {
		return func(o callResult) bool { return o.status == 200 && strings.TrimSpace(o.body) == body }
	}
	refused := func(code int) func(callResult) bool {
		return func(o callResult) bool {
			return o.status == 200 && strings.Contains(o.body, fmt.Sprintf(`{"error":{"code":%d,`, code))
		}
	}
	done := func(o callResult) bool { return strings.Contains(o.body, `{"result":{"subuser_id":`) && o.took == 0 }
	return map[FaultKind]struct {
		fault     Fault
		sees      func(callResult) bool
		committed bool
		later     bool
	}{
		Refuse:  {Fault{Code: 162}, refused(162), false, false},
		HTTP401: {Fault{}, status(401), false, false},
		HTTP429: {Fault{}, status(429), false, false},
		HTTP500: {Fault{}, status(500), false, false},
		HTMLBody: {
			Fault{},
			func(o callResult) bool { return strings.HasPrefix(o.body, "<!doctype html>") },
			false,
			false,
		},
		HangBeforeCommit:  {Fault{}, hung, false, false},
		ResetBeforeCommit: {Fault{}, lost, false, false},
		TruncatedJSON: {
			Fault{},
			func(o callResult) bool { return o.status == 200 && o.body == `{"result":{"su` },
			true,
			true,
		},
		SlowDrip: {Fault{Delay: 8 * time.Second}, func(o callResult) bool {
			return o.err == nil && strings.HasPrefix(o.body, `{"result"`) && o.took > 7*time.Second
		}, true, true},
		CommitThenHang:    {Fault{}, hung, true, true},
		CommitThenReset:   {Fault{}, lost, true, true},
		CommitThenRefuse:  {Fault{Code: 484}, refused(484), true, true},
		CommitThenHTTP500: {Fault{}, status(500), true, true},
		NullResult:        {Fault{}, responds(`{"result":null}`), true, true},
		EmptyList:         {Fault{}, responds(`{"result":[]}`), true, true},
		ResetThenCommit:   {Fault{Delay: 3 * time.Second}, lost, false, true},
		HangThenCommit:    {Fault{Delay: 3 * time.Second}, hung, true, true}, // committed while the client waited
		StaleReads:        {Fault{}, done, true, true},
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := faultTests()
	for _, kind := range AllFaultKinds() {
		tt, tested := tests[kind]
		if !tested {
			t.Errorf("%s has no test", kind)
			continue
		}
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			testKey() // outside the bubble, where making a key takes no fake time
			synctest.Test(t, func(t *testing.T) {
				s := newSim(t, Options{})
				c := ownerCaller(t, s)
				tt.fault.Method, tt.fault.Kind = "AddSubUser", kind
				s.AddFault(tt.fault)
				c.ok("GetRoles") // another method is not met

				got := tryCall(c, "AddSubUser", "new_subuser_name", "new_subuser", "new_subuser_password", goodPassword)
				if !tt.sees(got) {
					t.Errorf("the client got %+v", got)
				}
				if _, there := s.State().Subuser("new_subuser"); there != tt.committed {
					t.Errorf("committed: %v, want %v", there, tt.committed)
				}
				call := s.Calls()[1]
				if call.Fault != kind || call.Committed != tt.committed || call.Method != "AddSubUser" {
					t.Errorf("call %+v", call)
				}
				time.Sleep(4 * time.Second)
				if _, there := s.State().Subuser("new_subuser"); there != tt.later {
					t.Errorf("committed later: %v, want %v", there, tt.later)
				}
				if got := len(s.Ledger()) == 1; got != tt.later {
					t.Errorf("ledger %+v", s.Ledger())
				}
				c.ok("AddSubUser", "new_subuser_name", "another", "new_subuser_password", goodPassword) // met once only
			})
		})
	}
}

func TestDelayedCommitIsCheckedAtCommitTime(t *testing.T) {
	t.Parallel()
	testKey()
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, Options{})
		c := ownerCaller(t, s)
		s.AddFault(Fault{Method: "AddSubUser", Kind: ResetThenCommit, Delay: 5 * time.Second})
		tryCall(c, "AddSubUser", "new_subuser_name", "new_subuser", "new_subuser_password", goodPassword)
		time.Sleep(2 * time.Second)
		c.ok("AddSubUser", "new_subuser_name", "new_subuser", "new_subuser_password", goodPassword)
		time.Sleep(4 * time.Second)
		if calls := s.Calls(); calls[0].Committed || calls[0].Code != 436 {
			t.Errorf("the delayed call: %+v", calls[0])
		}
		if len(s.Ledger()) != 1 {
			t.Errorf("ledger %+v", s.Ledger())
		}

		s.AddFault(Fault{Method: "AddSubUser", Kind: ResetThenCommit, Delay: 5 * time.Second})
		tryCall(c, "AddSubUser", "new_subuser_name", "another", "new_subuser_password", goodPassword)
		begun := time.Now()
		time.Sleep(6 * time.Second)
		if e := c.lastEntry(); e.Effect.Login != "another" || !e.Time.Equal(begun.Add(5*time.Second)) {
			t.Errorf("entry %+v, want five seconds after %v", e, begun)
		}
	})
}

func TestDelayedCommitChecksAccessFirst(t *testing.T) {
	t.Parallel()
	testKey()
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, Options{})
		unprivileged := callerWithRoles(t, s, "Developer")
		s.AddFault(Fault{Method: "AddSubUser", Kind: ResetThenCommit})
		tryCall(unprivileged, "AddSubUser", "new_subuser_name", "new_subuser", "new_subuser_password", goodPassword)
		time.Sleep(time.Minute)
		if _, there := s.State().Subuser("new_subuser"); there {
			t.Error("committed without the required role")
		}
	})
}

func TestCloseCancelsPendingCalls(t *testing.T) {
	t.Parallel()
	testKey()
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, Options{Latency: time.Hour})
		c := ownerCaller(t, s)
		s.AddFault(Fault{Method: "AddSubUser", Kind: HangThenCommit, Delay: time.Minute})
		ended := make(chan callResult)
		go func() {
			ended <- tryCall(c, "AddSubUser", "new_subuser_name", "new_subuser", "new_subuser_password", goodPassword)
		}()
		synctest.Wait()
		s.Close()
		s.Close() // twice does no harm
		if got := <-ended; got.err == nil || got.took != 0 {
			t.Errorf("the client got %+v", got)
		}
		time.Sleep(2 * time.Minute)
		if len(s.Ledger()) != 0 {
			t.Error("committed after Close")
		}
	})
}

func TestStaleReads(t *testing.T) {
	t.Parallel()
	testKey()
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, Options{})
		c := ownerCaller(t, s)
		id := fmt.Sprint(subuserNamed(t, s, "trainee_01").ID)
		s.AddFault(Fault{Method: "SetSubUserRoles", Kind: StaleReads, Delay: 3 * time.Second})
		c.ok("SetSubUserRoles", "subuser_id", id, "role_id", "3")
		time.Sleep(2 * time.Second)
		if got := c.ok("GetSubUserRoles", "subuser_id", id).rows(); len(got) != 0 {
			t.Errorf("not stale: %v", got)
		}
		c.ok("SetSubUserRoles", "subuser_id", id, "role_id", "7") // writes use the current state
		time.Sleep(2 * time.Second)
		if got := c.ok("GetSubUserRoles", "subuser_id", id).rows(); len(got) != 2 {
			t.Errorf("still stale: %v", got)
		}
	})
}

func TestCommitThenRefuseKeepsActualRefusal(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	s.AddFault(Fault{Kind: CommitThenRefuse, Code: 484})
	ownerCaller(t, s).refused(434, "DelSubUser", "subuser_id", "1")
}

func TestFaultMatching(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		faults []Fault
		want   []int // codes of eight calls of GetRoles
	}{
		"the next":           {[]Fault{{Method: "GetRoles"}}, []int{340, 0, 0, 0, 0, 0, 0, 0}},
		"any method":         {[]Fault{{}}, []int{340, 0, 0, 0, 0, 0, 0, 0}},
		"another method":     {[]Fault{{Method: "GetKeys"}}, []int{0, 0, 0, 0, 0, 0, 0, 0}},
		"the third":          {[]Fault{{Nth: 3}}, []int{0, 0, 340, 0, 0, 0, 0, 0}},
		"two from the third": {[]Fault{{Nth: 3, Count: 2}}, []int{0, 0, 340, 340, 0, 0, 0, 0}},
		"all from the sixth": {[]Fault{{Nth: 6, Count: -1}}, []int{0, 0, 0, 0, 0, 340, 340, 340}},
		"the first added":    {[]Fault{{Count: 2, Code: 1}, {Count: 3, Code: 2}}, []int{1, 1, 2, 0, 0, 0, 0, 0}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSim(t, Options{})
			c := ownerCaller(t, s)
			for _, f := range tt.faults {
				f.Kind = Refuse
				s.AddFault(f)
			}
			var got []int
			for range tt.want {
				got = append(got, c.call("GetRoles").code())
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestClearFaults(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	s.AddFault(Fault{Kind: Refuse, Count: -1})
	s.ClearFaults()
	ownerCaller(t, s).ok("GetRoles")
}

func TestLatency(t *testing.T) {
	t.Parallel()
	testKey()
	synctest.Test(t, func(t *testing.T) {
		c := ownerCaller(t, newSim(t, Options{Latency: 50 * time.Millisecond}))
		if got := tryCall(c, "GetRoles"); got.err != nil || got.took != 50*time.Millisecond {
			t.Errorf("got %+v", got)
		}
	})
}
