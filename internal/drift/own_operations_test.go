package drift

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
)

func TestFinishedUpToUsesEventOrder(t *testing.T) {
	t.Parallel()
	asOf := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	closed := func(seq int64, ago time.Duration) audit.Operation {
		return audit.Operation{LastSeq: seq, ClosedAt: asOf.Add(-ago)}
	}
	for name, test := range map[string]struct {
		ops  []audit.Operation
		want int64 // of the events up to 20; those up to 10 were finished at the last comparison
	}{
		"no operation":            {nil, 20},
		"an open operation":       {[]audit.Operation{{LastSeq: 15, Open: true}}, 20},
		"closed long ago":         {[]audit.Operation{closed(15, listingLag)}, 20},
		"closed a moment ago":     {[]audit.Operation{closed(15, listingLag-1)}, 14},
		"two closed a moment ago": {[]audit.Operation{closed(18, time.Second), closed(15, listingLag-1)}, 14},
		"one closed a moment ago, a later one long ago": {
			[]audit.Operation{closed(15, time.Second), closed(18, time.Hour)},
			14,
		},
		"closed after the listing was begun":                  {[]audit.Operation{closed(21, -time.Second)}, 20},
		"closed before it by a clock that is slightly ahead":  {[]audit.Operation{closed(15, 1-listingLag)}, 14},
		"closed before it by a clock that was set back since": {[]audit.Operation{closed(15, -time.Hour)}, 20},
		"compared before, with the clock set back":            {[]audit.Operation{closed(10, time.Second)}, 20},
	} {
		if got := finishedUpTo(test.ops, 10, 20, asOf); got != test.want {
			t.Errorf("%s: up to %d, want %d", name, got, test.want)
		}
	}
}
