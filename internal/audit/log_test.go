package audit_test

import (
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 123000, time.UTC)

func newLog(t *testing.T, url string) *audit.Log {
	t.Helper()
	return openLog(t, storetest.Open(t, url), audit.Options{})
}

// openLog opens the audit log of a database, which may be new.
func openLog(t testing.TB, db *store.DB, o audit.Options) *audit.Log {
	t.Helper()
	o.BeginNew = true
	r, err := audit.Open(db, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// operation returns an operation on the subuser 12 with the given id.
func operation(id string) audit.Operation {
	return audit.Operation{
		ID:      id,
		Account: 7,
		Action:  audit.ChangeSubuserRoles,
		Target:  audit.Target{Ref: access.Ref{Kind: "subuser", ID: "12"}, Name: "anna"},
		Actor: audit.Actor{
			Issuer:    "demo",
			Subject:   "admin",
			Name:      "Žofie",
			Method:    "demo",
			SessionID: "hash",
			Address:   "127.0.0.1",
		},
		Reason:    "ticket 5",
		RequestID: "r1",
		Tag:       "ABCDEFGHIJ",
		Intent:    json.RawMessage(`{"login":"anna"}`),
		CreatedAt: noon,
	}
}

func beginWithLocks(t *testing.T, r *audit.Log, op audit.Operation, locks ...string) audit.Operation {
	t.Helper()
	written, err := r.Begin(t.Context(), op, audit.Guard{Locks: locks})
	if err != nil {
		t.Fatal(err)
	}
	return written
}

func TestEventsRoundTrip(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := newLog(t, url)
		op := beginWithLocks(t, r, operation("a"), "subuser/12")
		call := audit.Call{
			Method:        "SetSubUserRoles",
			Result:        audit.Unknown,
			Code:          2,
			VendorMessage: "Internal error",
			SentAt:        noon,
			Duration:      time.Second,
			TokenExpires:  noon.Add(time.Minute),
		}
		op, err := r.Append(
			t.Context(),
			op,
			true,
			audit.Event{Kind: audit.OutcomeEvent, At: noon.Add(time.Second), Result: audit.Unknown, Calls: []audit.Call{call}},
		)
		if err != nil {
			t.Fatal(err)
		}
		op, err = r.Append(
			t.Context(),
			op,
			false,
			audit.Event{
				Kind:      audit.ResolutionEvent,
				At:        noon.Add(time.Minute),
				Result:    audit.Applied,
				Confirmed: true,
				Source:    "reading",
				Note:      "seen",
				Facts:     json.RawMessage(`{"x":1}`),
			},
		)
		if err != nil {
			t.Fatal(err)
		}
		read, err := r.Operation(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		want := operation("a")
		want.Result, want.Confirmed, want.ClosedAt, want.LastSeq = audit.Applied, true, noon.Add(time.Minute), op.LastSeq
		if diff := cmp.Diff(want, read); diff != "" {
			t.Errorf("the operation (-want +got):\n%s", diff)
		}
		events, err := r.Events(t.Context(), "a")
		if err != nil || len(events) != 3 {
			t.Fatalf("%d events, %v", len(events), err)
		}
		if diff := cmp.Diff([]audit.Call{call}, events[1].Calls); diff != "" {
			t.Errorf("the call (-want +got):\n%s", diff)
		}
		withEvents, sameEvents, err := r.OperationWithEvents(t.Context(), "a")
		if diff := cmp.Diff(read, withEvents) + cmp.Diff(events, sameEvents); diff != "" || err != nil {
			t.Errorf("the operation with its events (-want +got):\n%s%v", diff, err)
		}
		if _, _, err := r.OperationWithEvents(t.Context(), "b"); !errors.Is(err, audit.ErrNotFound) {
			t.Errorf("an unknown operation: %v", err)
		}
		if events[0].Kind != audit.IntentEvent || events[2].Source != "reading" || events[2].Note != "seen" ||
			string(events[2].Facts) != `{"x":1}` {
			t.Errorf("the events are %+v", events)
		}
		earlier := read
		earlier.LastSeq = events[1].Seq
		if upTo := earlier.EventsUpTo(events); len(upTo) != 2 || len(read.EventsUpTo(events)) != 3 {
			t.Errorf("an operation that was read before it was closed has %d events", len(upTo))
		}
	})
}

func TestBeginDuplicateID(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := newLog(t, url)
		beginWithLocks(t, r, operation("a"))
		again := operation("a")
		again.Reason = "another"
		_, err := r.Begin(t.Context(), again, audit.Guard{})
		exists, ok := errors.AsType[*audit.DuplicateID](err)
		if !ok || exists.Operation.Reason != "ticket 5" {
			t.Fatalf("the second use of an id: %v", err)
		}
	})
}

func TestLockIsKeptUntilClosed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := newLog(t, url)
		first := beginWithLocks(t, r, operation("a"), "subuser/12", "owners")
		_, err := r.Begin(t.Context(), operation("b"), audit.Guard{Locks: []string{"other", "owners"}})
		held, ok := errors.AsType[*audit.Locked](err)
		if !ok || held.Operation.ID != "a" {
			t.Fatalf("a lock of another operation: %v", err)
		}
		if _, err := r.Operation(t.Context(), "b"); !errors.Is(err, audit.ErrNotFound) {
			t.Errorf("the refused intent is in the audit log: %v", err)
		}
		unknown, err := r.Append(
			t.Context(),
			first,
			true,
			audit.Event{Kind: audit.OutcomeEvent, At: noon, Result: audit.Unknown},
		)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Begin(t.Context(), operation("b"), audit.Guard{Locks: []string{"owners"}}); err == nil {
			t.Error("an operation with an unknown result released its lock")
		}
		if _, err := r.Append(t.Context(), unknown, false, audit.Event{
			Kind:   audit.ResolutionEvent,
			At:     noon,
			Result: audit.Applied,
		}); err != nil {
			t.Fatal(err)
		}
		beginWithLocks(t, r, operation("b"), "other", "owners")
	})
}

func TestLocksArePerAccount(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := newLog(t, url)
		beginWithLocks(t, r, operation("a"), "subuser/12")
		other := operation("b")
		other.Account = 8
		beginWithLocks(t, r, other, "subuser/12")
	})
}

func TestAppendConflict(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := newLog(t, url)
		op := beginWithLocks(t, r, operation("a"))
		if _, err := r.Append(t.Context(), op, false, audit.Event{
			Kind:   audit.OutcomeEvent,
			At:     noon,
			Result: audit.Applied,
		}); err != nil {
			t.Fatal(err)
		}
		_, err := r.Append(t.Context(), op, false, audit.Event{
			Kind:   audit.ResolutionEvent,
			At:     noon,
			Result: audit.NotApplied,
		})
		if !errors.Is(err, audit.ErrConflict) {
			t.Fatalf("an outdated writer: %v", err)
		}
		if now, _ := r.Operation(t.Context(), "a"); now.Result != audit.Applied {
			t.Errorf("the result is %s", now.Result)
		}
	})
}

func TestBeginConflict(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := newLog(t, url)
		target := operation("a").Target
		seen, err := r.LastSeq(t.Context(), 7, target)
		if err != nil {
			t.Fatal(err)
		}
		op := beginWithLocks(t, r, operation("a"))
		if _, err := r.Begin(t.Context(), operation("b"), audit.Guard{LastSeq: &seen}); !errors.Is(err, audit.ErrConflict) {
			t.Fatalf("an intent from an outdated reading: %v", err)
		}
		if _, err := r.Begin(t.Context(), operation("b"), audit.Guard{LastSeq: &op.LastSeq}); err != nil {
			t.Fatalf("an intent from a current reading: %v", err)
		}
	})
}

func TestConcurrentBeginTakesLockOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := newLog(t, url)
		var group sync.WaitGroup
		var mu sync.Mutex
		began := 0
		for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
			group.Go(func() {
				_, err := r.Begin(t.Context(), operation(id), audit.Guard{Locks: []string{"subuser/12"}})
				if _, held := errors.AsType[*audit.Locked](err); err != nil && !held {
					t.Errorf("beginning %s: %v", id, err)
				}
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					began++
				}
			})
		}
		group.Wait()
		if began != 1 {
			t.Errorf("%d operations began on one target", began)
		}
	})
}

func TestFilters(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := newLog(t, url)
		for i, id := range []string{"a", "b", "c", "d"} {
			op := operation(id)
			op.CreatedAt = noon.Add(time.Duration(i) * time.Minute)
			if id == "d" {
				op.Target.ID, op.Actor.Subject, op.Account = "", "someone", 10
			}
			if id == "b" {
				op.Target.ID, op.Actor.Subject, op.Account = "99", "editor", 8
			}
			written := beginWithLocks(t, r, op)
			if id == "c" {
				if _, err := r.Append(t.Context(), written, false, audit.Event{
					Kind:   audit.OutcomeEvent,
					At:     noon,
					Result: audit.NotApplied,
				}); err != nil {
					t.Fatal(err)
				}
			}
		}
		cases := map[string]struct {
			filter audit.Filter
			want   string
		}{
			"everything":            {audit.Filter{}, "dcba"},
			"the newest":            {audit.Filter{Limit: 1}, "d"},
			"an account":            {audit.Filter{Account: 7}, "ca"},
			"a target":              {audit.Filter{TargetID: "99"}, "b"},
			"a target and its name": {audit.Filter{TargetID: "99", TargetName: "anna"}, "db"},
			"a target of a kind":    {audit.Filter{TargetKind: "subuser", TargetID: "99", TargetName: "anna"}, "db"},
			"another kind":          {audit.Filter{TargetKind: "key", TargetID: "99"}, ""},
			"a name alone":          {audit.Filter{TargetName: "anna"}, "dcba"},
			"an actor":              {audit.Filter{Actor: "demo|editor"}, "b"},
			"open operations":       {audit.Filter{Open: true}, "dba"},
			"all filters":           {audit.Filter{Account: 8, TargetID: "99", Actor: "demo|editor", Open: true}, "b"},
			"no match":              {audit.Filter{Account: 9}, ""},
		}
		for name, c := range cases {
			operations, err := r.Operations(t.Context(), c.filter)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, op := range operations {
				got += op.ID
			}
			if got != c.want {
				t.Errorf("%s: got %q, want %q", name, got, c.want)
			}
		}
		late, err := r.ListReopenable(t.Context(), noon.Add(-time.Second))
		if err != nil || len(late) != 1 || late[0].ID != "c" {
			t.Errorf("ListReopenable: %+v, %v", late, err)
		}
	})
}

// checkReady returns the errors of all readiness checks.
func checkReady(t *testing.T, r *audit.Log) error {
	t.Helper()
	var errs []error
	for _, check := range r.ReadinessChecks() {
		errs = append(errs, check.Run(t.Context()))
	}
	return errors.Join(errs...)
}

func TestReady(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		r := openLog(t, db, audit.Options{})
		for range 3 {
			if err := checkReady(t, r); err != nil {
				t.Errorf("an open database: %v", err)
			}
		}
		if newest, err := r.NewestSeq(t.Context()); err != nil || newest != 0 {
			t.Errorf("the checks wrote events: %d, %v", newest, err)
		}
		_ = db.Close()
		withoutDatabase := []string{"database file", "folder", "audit log is what it was"}
		for _, check := range r.ReadinessChecks() {
			if err := check.Run(t.Context()); err == nil && !slices.Contains(withoutDatabase, check.Name) {
				t.Errorf("a closed database: %s: ok", check.Name)
			}
		}
	})
}

// What is left of a disk that is nearly full belongs to the outcomes of running operations.
func TestNoOperationBeginsOnANearlyFullDisk(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := openLog(t, storetest.Open(t, url), audit.Options{})
		begun, err := r.Begin(t.Context(), operation("a"), audit.Guard{})
		if err != nil {
			t.Fatal(err)
		}
		r.SetCheckFolder(func() error { return store.ErrNearlyFull })
		if _, err := r.Begin(t.Context(), operation("b"), audit.Guard{}); !errors.Is(err, store.ErrNearlyFull) {
			t.Errorf("an operation began: %v", err)
		}
		if _, err := r.Append(t.Context(), begun, false, audit.Event{Kind: audit.OutcomeEvent, At: noon}); err != nil {
			t.Errorf("the outcome: %v", err)
		}
	})
}
