package handlers

import (
	"errors"
	"testing"
	"time"
)

// TestEventMemory: a value is kept for its moment only, and neither after an error nor when the newest event is not
// known.
func TestEventMemory(t *testing.T) {
	t.Parallel()
	today := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)
	var (
		memory eventMemory[int]
		reads  int
		failed error
	)
	for _, step := range []struct {
		at    moment
		fails bool
		want  int // the number of the reading that the value is from
	}{
		{moment{7, today}, true, 1},
		{moment{7, today}, false, 2},
		{moment{7, today}, false, 2},
		{moment{8, today}, true, 3},
		{moment{8, today}, false, 4},
		{moment{7, today}, false, 5}, // a request that began before event 8
		{moment{8, today}, false, 6},
		{moment{8, today.AddDate(0, 0, 1)}, false, 7},
		{moment{0, today}, false, 8},
		{moment{0, today}, false, 9},
	} {
		failed = nil
		if step.fails {
			failed = errors.New("no connection")
		}
		got, err := memory.get(step.at, func() (int, error) {
			reads++
			return reads, failed
		})
		if got != step.want || (err != nil) != step.fails {
			t.Errorf("event %d on %s: reading %d, %v, want %d", step.at.newestEvent, step.at.day, got, err, step.want)
		}
	}
}
