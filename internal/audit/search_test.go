package audit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

var (
	anna = audit.Actor{
		Issuer:  "https://id.example",
		Subject: "u-1",
		Name:    "Anna Nováková",
		Email:   "anna@example.com",
		Method:  "oidc",
	}
	bob = audit.Actor{
		Issuer:  "https://id.example",
		Subject: "u-2",
		Name:    "Bob Ops",
		Email:   "bob@example.com",
		Method:  "oidc",
	}
	ada = audit.Actor{Issuer: "demo", Subject: "admin", Name: "Ada", Method: "demo"}
)

// logOf returns an audit log with the given operations, one a minute, with the ids a, b, c and so on.
func logOf(t *testing.T, url string, ops ...audit.Operation) *audit.Log {
	t.Helper()
	r := openLog(t, storetest.Open(t, url), audit.Options{})
	for i, op := range ops {
		writeOperation(t, r, op, i)
	}
	return r
}

// writeOperation begins an operation and closes it if it has a result.
func writeOperation(t *testing.T, r *audit.Log, op audit.Operation, minute int) {
	t.Helper()
	result, target := op.Result, op.Target
	op.Account = max(op.Account, 7)
	if op.ID == "" {
		op.ID = string(rune('a' + minute))
	}
	if op.Action == "" {
		op.Action = audit.ChangeSubuserRoles
	}
	if op.Target.Kind == "" {
		op.Target.Kind = access.Subuser
	}
	if op.CreatedAt.IsZero() {
		op.CreatedAt = noon.Add(time.Duration(minute) * time.Minute)
	}
	op.Intent = []byte(`{}`)
	begun, err := r.Begin(t.Context(), op, audit.Guard{})
	if err != nil {
		t.Fatal(err)
	}
	if result == "" {
		return
	}
	begun.Target.FormerID = target.FormerID
	if _, err := r.Append(t.Context(), begun, result == audit.Unknown, audit.Event{
		Kind:      audit.OutcomeEvent,
		At:        op.CreatedAt,
		Result:    result,
		Confirmed: true,
		Note:      "as read",
	}); err != nil {
		t.Fatal(err)
	}
}

func joinIDs(ops []audit.Operation) string {
	out := ""
	for _, op := range ops {
		out += op.ID
	}
	return out
}

func TestSearch(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := logOf(
			t,
			url,
			audit.Operation{
				Actor:  anna,
				Target: audit.Target{Ref: access.Ref{ID: "12"}, Name: "zofia"},
				Reason: "TKT-1: 100% sure",
				Result: audit.Applied,
				Roles: []audit.RoleChange{
					{ID: 1, Name: "Owner", Effect: audit.RoleGranted}, {ID: 3, Name: "Support", Effect: audit.RoleRevoked},
				},
			}, // a
			audit.Operation{
				Actor:  bob,
				Target: audit.Target{Ref: access.Ref{ID: "13"}, Name: "Marek_1"},
				Result: audit.Refused,
			}, // b
			audit.Operation{
				Actor:  anna,
				Target: audit.Target{Name: "zofia"},
				Action: audit.CreateSubuser,
				Result: audit.Refused,
				Roles:  []audit.RoleChange{{ID: 1, Name: "Owner", Effect: audit.RoleGranted}},
			}, // c
			audit.Operation{
				Actor:  ada,
				Target: audit.Target{Ref: access.Ref{ID: "14"}, Name: "tove", FormerID: "12"},
				Action: audit.ReissueSubuser,
				Result: audit.Applied,
				Roles: []audit.RoleChange{
					{ID: 3, Name: "Support", Effect: audit.RoleLost}, {ID: 3, Name: "Support", Effect: audit.RoleGranted},
				},
			}, // d
			audit.Operation{
				Actor:  bob,
				Target: audit.Target{Ref: access.Ref{ID: "15"}, Name: "marekx1"},
				Reason: "as Anna asked",
				Result: audit.Unknown,
			}, // e
			audit.Operation{
				Actor:  audit.Actor{Issuer: "https://other.example", Subject: "u-1", Method: "oidc"},
				Target: audit.Target{Ref: access.Ref{ID: "16"}, Name: "lee"},
			}, // f
			audit.Operation{
				Account: 8,
				Actor:   anna,
				Target:  audit.Target{Ref: access.Ref{ID: "12"}, Name: "zofia"},
				Roles:   []audit.RoleChange{{ID: 1, Name: "Owner", Effect: audit.RoleGranted}},
				Reason:  "elsewhere",
				Result:  audit.Applied,
			}, // g
		)
		day := func(text string) time.Time { at, _ := time.Parse(audit.DayLayout, text); return at }
		for about, c := range map[string]struct {
			search audit.Search
			want   string
		}{
			"everything":                     {audit.Search{}, "fedcba"},
			"an actor by id":                 {audit.Search{Actor: "https://id.example|u-1"}, "ca"},
			"an actor by a part of the name": {audit.Search{Actor: "NOVÁK"}, "ca"},
			"an actor by e-mail":             {audit.Search{Actor: "bob@"}, "eb"},
			"two actors by subject":          {audit.Search{Actor: "u-1"}, "fca"},
			"two actors within a time": {
				audit.Search{Actor: "example.com", From: noon.Add(time.Minute), To: noon.Add(4 * time.Minute)},
				"cb",
			},
			"an unknown actor":                      {audit.Search{Actor: "eve"}, ""},
			"a key of the JSON is not searched":     {audit.Search{Actor: "subject"}, ""},
			"own operations":                        {audit.Search{OnlyActor: bob.ID()}, "eb"},
			"own operations, of another actor":      {audit.Search{OnlyActor: bob.ID(), Actor: "anna"}, ""},
			"own operations, with a text of others": {audit.Search{OnlyActor: bob.ID(), Text: "TKT"}, ""},
			"own operations, by target":             {audit.Search{OnlyActor: bob.ID(), Target: "12"}, ""},
			"an action":                             {audit.Search{Action: audit.CreateSubuser}, "c"},
			"a result":                              {audit.Search{Result: audit.Refused}, "cb"},
			"an actor and a result":                 {audit.Search{Actor: anna.ID(), Result: audit.Refused}, "c"},
			"open operations":                       {audit.Search{Result: audit.OnlyOpen}, "fe"},
			"open operations of an actor":           {audit.Search{Actor: "bob", Result: audit.OnlyOpen}, "e"},
			"a target by id or former id":           {audit.Search{Target: "12"}, "da"},
			"a target by name":                      {audit.Search{Target: "ZOFIA"}, "ca"},
			"a part of a target's name":             {audit.Search{Target: "zof"}, ""},
			"a target, an actor and an action": {
				audit.Search{Target: "zofia", Actor: "anna", Action: audit.CreateSubuser},
				"c",
			},
			"a role":                         {audit.Search{Role: 3}, "da"},
			"a granted role":                 {audit.Search{Role: 1, Effect: audit.RoleGranted}, "ca"},
			"a revoked role":                 {audit.Search{Role: 3, Effect: audit.RoleRevoked}, "a"},
			"a lost role":                    {audit.Search{Role: 3, Effect: audit.RoleLost}, "d"},
			"a granted role, applied":        {audit.Search{Role: 1, Effect: audit.RoleGranted, Result: audit.Applied}, "a"},
			"a role, open operations":        {audit.Search{Role: 1, Result: audit.OnlyOpen}, ""},
			"a role, by actor and action":    {audit.Search{Role: 1, Actor: "anna", Action: audit.CreateSubuser}, "c"},
			"a role, by target":              {audit.Search{Role: 3, Target: "12"}, "da"},
			"a role, own operations":         {audit.Search{Role: 1, OnlyActor: bob.ID()}, ""},
			"a role that no operation names": {audit.Search{Role: 99}, ""},
			"a role in another account":      {audit.Search{Account: 8, Role: 1}, "g"},
			"from a time":                    {audit.Search{From: noon.Add(4 * time.Minute)}, "fe"},
			"up to a time":                   {audit.Search{To: noon.Add(time.Minute)}, "a"},
			"a day with nothing":             {audit.Search{From: day("2026-01-01"), To: day("2026-01-02")}, ""},
			"a text in a reason":             {audit.Search{Text: "tkt-1"}, "a"},
			"a text with a percent sign":     {audit.Search{Text: "0% s"}, "a"},
			"a percent sign is no pattern":   {audit.Search{Text: "0%e"}, ""},
			"an underscore is no pattern":    {audit.Search{Text: "marek_1"}, "b"},
			"an exclamation mark is text":    {audit.Search{Text: "!"}, ""},
			"a text that names an actor":     {audit.Search{Text: "anna"}, "eca"},
			"an operation's id":              {audit.Search{Text: "d"}, "d"},
			"another account":                {audit.Search{Account: 8}, "g"},
			"an account without operations":  {audit.Search{Account: 9, Actor: "anna"}, ""},
		} {
			if c.search.Account == 0 {
				c.search.Account = 7
			}
			p, err := r.Before(t.Context(), c.search, audit.Cursor{}, 50)
			if err != nil {
				t.Fatalf("%s: %v", about, err)
			}
			if about == "an operation's id" {
				// The id is also a part of other texts.
				if !slices.ContainsFunc(p.Operations, func(op audit.Operation) bool { return op.ID == "d" }) {
					t.Errorf("%s: found %q", about, joinIDs(p.Operations))
				}
				continue
			}
			if got := joinIDs(p.Operations); got != c.want {
				t.Errorf("%s: found %q, want %q", about, got, c.want)
			}
		}
	})
}

// Hundreds of operations have the same time. Paging in either direction shows each once, while new ones are added.
func TestPagingMissesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := logOf(t, url)
		const all = 23
		for i := range all {
			at := noon
			if i%3 == 0 {
				at = noon.Add(time.Duration(i) * time.Second)
			}
			writeOperation(
				t,
				r,
				audit.Operation{
					ID:        fmt.Sprintf("%02d", i),
					Actor:     []audit.Actor{anna, bob}[i%2],
					CreatedAt: at,
					Target:    audit.Target{Ref: access.Ref{ID: "1"}, Name: fmt.Sprint(i)},
					Result:    audit.Applied,
				},
				0,
			)
		}
		for about, s := range map[string]audit.Search{
			"all":        {Account: 7},
			"two people": {Account: 7, Actor: "example.com"},
			"a target":   {Account: 7, Target: "1"},
		} {
			var seen []string
			var first audit.Page
			p, err := r.Before(t.Context(), s, audit.Cursor{}, 5)
			for first = p; err == nil; p, err = r.Before(t.Context(), s, audit.CursorOf(p.Operations[len(p.Operations)-1]), 5) {
				for _, op := range p.Operations {
					seen = append(seen, op.ID)
				}
				if !p.Older {
					break
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			sorted := slices.Clone(seen)
			slices.Sort(sorted)
			if len(seen) != all || len(slices.Compact(sorted)) != all {
				t.Fatalf("%s: saw %d of %d: %v", about, len(seen), all, seen)
			}
			// Back from the last page.
			for back := len(seen) - len(p.Operations); back > 0; back -= 5 {
				if p, err = r.After(t.Context(), s, audit.CursorOf(p.Operations[0]), 5); err != nil {
					t.Fatal(err)
				}
				want := seen[max(back-5, 0):max(back, 5)]
				var got []string
				for _, op := range p.Operations {
					got = append(got, op.ID)
				}
				if diff := cmp.Diff(want, got); diff != "" || !p.Older {
					t.Fatalf("%s, back to %d (-want +got):\n%s", about, back, diff)
				}
			}
			if diff := cmp.Diff(first, p); diff != "" || p.Newer {
				t.Errorf("%s: the newest page (-before +after):\n%s", about, diff)
			}
		}
	})
}

func TestActors(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		renamed := anna
		renamed.Name = "Anna Svobodová"
		r := logOf(
			t,
			url,
			audit.Operation{Actor: bob},
			audit.Operation{Actor: anna},
			audit.Operation{Actor: bob},
			audit.Operation{Actor: renamed},
			audit.Operation{Account: 8, Actor: ada},
		)
		got, err := r.Actors(t.Context(), 7)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]audit.Actor{renamed, bob}, got); diff != "" {
			t.Errorf("actors (-want +got):\n%s", diff)
		}
		if none, err := r.Actors(t.Context(), 9); err != nil || len(none) != 0 {
			t.Errorf("an account without operations: %v, %v", none, err)
		}
	})
}

func TestStream(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := logOf(t, url)
		const all = 1003 // several batches
		for i := range all {
			writeOperation(
				t,
				r,
				audit.Operation{
					ID:        fmt.Sprintf("%04d", i),
					Actor:     anna,
					CreatedAt: noon.Add(time.Duration(i/7) * time.Second),
					Target:    audit.Target{Name: "x"},
				},
				0,
			)
		}
		var seen []string
		pauses := 0
		err := r.Stream(
			t.Context(),
			audit.Search{Account: 7, Actor: "anna"},
			func(op audit.Operation, events []audit.Event) error {
				seen = append(seen, op.ID)
				if len(events) != 1 || events[0].Kind != audit.IntentEvent || events[0].OperationID != op.ID {
					return fmt.Errorf("operation %s has the events %v", op.ID, events)
				}
				return nil
			},
			func() error { pauses++; return nil },
		)
		if err != nil {
			t.Fatal(err)
		}
		if len(seen) != all || pauses != 3 || !slices.IsSortedFunc(seen, func(a, b string) int { return -cmpText(a, b) }) {
			t.Errorf("%d of %d, %d pauses, or out of order", len(seen), all, pauses)
		}
		stop, count := context.Canceled, 0
		err = r.Stream(
			t.Context(),
			audit.Search{Account: 7},
			func(audit.Operation, []audit.Event) error { count++; return nil },
			func() error { return stop },
		)
		if !errors.Is(err, stop) || count != 500 {
			t.Errorf("a reader that disconnects: %v after %d", err, count)
		}
	})
}

func cmpText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}
