package audit_test

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/storetest"
)

// What came after an operation is told by the order of events: the clock was set back in between, or another server's is slow.
func TestWhatCameLaterIsNotAskedOfTheClock(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := newRecord(t, url)
		done := func(id string, action audit.Action, target string, at time.Time) audit.Operation {
			op := operation(id)
			op.Action, op.Target, op.CreatedAt = action, audit.Target{Kind: audit.SubuserTarget, ID: target, Name: "anna"}, at
			op = beginIn(t, r, op)
			finish(t, r, op)
			return op
		}
		before := done("a", audit.CreateSubuser, "7", noon.Add(time.Hour))
		lost := done("b", audit.ReissueSubuser, "7", noon)
		none := func(when string) {
			t.Helper()
			if _, found, err := r.CreatedAgain(t.Context(), lost); err != nil || found {
				t.Errorf("%s: created again: %v, %v", when, found, err)
			}
			if taken, err := r.TakenAgain(t.Context(), lost); err != nil || taken {
				t.Errorf("%s: taken again: %v, %v", when, taken, err)
			}
		}
		none("after what is older, by a clock that was fast then")
		made := done("c", audit.CreateSubuser, "8", noon.Add(-time.Hour))
		if again, found, err := r.CreatedAgain(t.Context(), lost); err != nil || !found || again.ID != made.ID {
			t.Errorf("created again: %+v, %v, %v", again, found, err)
		}
		done("d", audit.DeleteSubuser, "8", noon.Add(-time.Hour))
		if taken, err := r.TakenAgain(t.Context(), lost); err != nil || !taken {
			t.Errorf("taken again: %v, %v", taken, err)
		}
		if overlaid, err := r.Overlaid(t.Context(), before); err != nil || !overlaid {
			t.Errorf("overlaid: %v, %v", overlaid, err)
		}
	})
}
