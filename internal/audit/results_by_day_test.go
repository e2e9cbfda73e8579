package audit_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// resultsByDay returns the numbers as text: "23: applied 2".
func resultsByDay(t *testing.T, r *audit.Log, from time.Time) string {
	t.Helper()
	days, err := r.ResultsByDay(t.Context(), 7, from)
	if err != nil {
		t.Fatal(err)
	}
	var text []string
	for _, d := range days {
		text = append(text, fmt.Sprintf("%s: %s %d", d.Day.Format("02 15:04"), d.Result, d.Count))
	}
	return strings.Join(text, ", ")
}

func TestResultsByDay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := newLog(t, url)
		midnight := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
		var open audit.Operation
		for id, at := range map[string]time.Time{
			"last moment":  midnight.Add(-time.Microsecond),
			"first moment": midnight,
			"same day":     midnight.Add(23 * time.Hour),
			"before":       midnight.AddDate(0, 0, -3).Add(-time.Microsecond),
			"other":        midnight,
		} {
			op := operation(id)
			op.CreatedAt = at
			if id == "other" {
				op.Account = 8
			}
			op = begin(t, r, op)
			if id == "first moment" {
				open = op
			} else {
				finish(t, r, op)
			}
		}
		from := midnight.AddDate(0, 0, -3)
		if got, want := resultsByDay(t, r, from), "23 00:00: applied 1, 24 00:00:  1, 24 00:00: applied 1"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		closeWith(t, r, open, audit.Refused)
		want := "23 00:00: applied 1, 24 00:00: applied 1, 24 00:00: refused 1"
		if got := resultsByDay(t, r, from); got != want {
			t.Errorf("after a result: got %q, want %q", got, want)
		}
		old := operation("old")
		old.CreatedAt = from.Add(time.Hour)
		finish(t, r, begin(t, r, old))
		if got := resultsByDay(t, r, from); !strings.HasPrefix(got, "21 00:00: applied 1, 23 00:00: applied 1, 24 ") {
			t.Errorf("after an operation on an earlier day: %q", got)
		}
		older := operation("older")
		older.CreatedAt = from.Add(-time.Microsecond)
		finish(t, r, begin(t, r, older))
		if got := resultsByDay(t, r, from); !strings.HasPrefix(got, "21 00:00: applied 1, 23 00:00: applied 1, 24 ") {
			t.Errorf("after an operation before the first day: %q", got)
		}
		if got, want := resultsByDay(t, r, midnight), "24 00:00: applied 1, 24 00:00: refused 1"; got != want {
			t.Errorf("the next day: got %q, want %q", got, want)
		}
	})
}

// Another replica's change is counted too: each process has a memory of its own.
func TestResultsByDayOfAnotherReplica(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		mine, other := openLog(t, db, audit.Options{Shared: true}), openLog(t, db, audit.Options{Shared: true})
		op := begin(t, other, operation("a"))
		if got := resultsByDay(t, mine, noon.AddDate(0, 0, -1)); got != "23 00:00:  1" {
			t.Errorf("an operation under way: %q", got)
		}
		closeWith(t, other, op, audit.NotSent)
		if got := resultsByDay(t, mine, noon.AddDate(0, 0, -1)); got != "23 00:00: not_sent 1" {
			t.Errorf("finished: %q", got)
		}
	})
}
