package audit_test

import (
	"slices"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// Whether an operation is later follows from the order of events, also when a clock was set back or is slow.
func TestLaterOperationsIgnoreClock(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := newLog(t, url)
		done := func(id string, action audit.Action, target string, at time.Time) audit.Operation {
			op := operation(id)
			op.Action = action
			op.Target = audit.Target{Ref: access.Ref{Kind: access.Subuser, ID: target}, Name: "anna"}
			op.CreatedAt = at
			op = begin(t, r, op)
			finish(t, r, op)
			return op
		}
		before := done("a", audit.CreateSubuser, "7", noon.Add(time.Hour))
		lost := done("b", audit.ReissueSubuser, "7", noon)
		none := func(when string) {
			t.Helper()
			_, found, err := r.LaterCreation(t.Context(), lost, audit.CreateSubuser, audit.ReissueSubuser)
			if err != nil || found {
				t.Errorf("%s: created again: %v, %v", when, found, err)
			}
			if deleted, err := r.HasLaterDeletion(t.Context(), lost, audit.DeleteSubuser); err != nil || deleted {
				t.Errorf("%s: deleted again: %v, %v", when, deleted, err)
			}
		}
		none("after an older operation, when the clock was fast")
		made := done("c", audit.CreateSubuser, "8", noon.Add(-time.Hour))
		again, found, err := r.LaterCreation(t.Context(), lost, audit.CreateSubuser, audit.ReissueSubuser)
		if err != nil || !found || again.ID != made.ID {
			t.Errorf("created again: %+v, %v, %v", again, found, err)
		}
		done("d", audit.DeleteSubuser, "8", noon.Add(-time.Hour))
		if deleted, err := r.HasLaterDeletion(t.Context(), lost, audit.DeleteSubuser); err != nil || !deleted {
			t.Errorf("deleted again: %v, %v", deleted, err)
		}
		// Its absence proves nothing about the creation that the vendor answered with its id.
		if deleted, err := r.HasLaterDeletion(t.Context(), made, audit.DeleteSubuser); err != nil || !deleted {
			t.Errorf("what was created is deleted: %v, %v", deleted, err)
		}
		if changed, err := r.HasLaterChange(t.Context(), before); err != nil || !changed {
			t.Errorf("changed later: %v, %v", changed, err)
		}
		later, err := r.LaterChanges(t.Context(), before, 5)
		if err != nil || len(later) != 1 || later[0].ID != lost.ID {
			t.Errorf("later changes: %+v, %v", later, err)
		}
		if later, err := r.LaterChanges(t.Context(), made, 0); err != nil || len(later) != 0 {
			t.Errorf("later changes, at most none: %+v, %v", later, err)
		}
	})
}

func TestListActiveSince(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := newLog(t, url)
		add := func(id string, at time.Time, account int64) audit.Operation {
			op := operation(id)
			op.CreatedAt, op.Account = at, account
			return begin(t, r, op)
		}
		finish(t, r, add("closed lately by a fast clock", noon.Add(time.Hour), 7))
		finish(t, r, add("long ago", noon, 7))
		add("in progress", noon, 7)
		add("in progress in another account", noon, 8)
		slow := add("begun long ago", noon, 7)
		seq, err := r.NewestSeq(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		finish(t, r, add("later by a slow clock", noon.Add(-time.Hour), 7))
		finish(t, r, slow)
		finish(t, r, add("of another account", noon.Add(time.Hour), 8))
		if err := r.Note(t.Context(), audit.Started{}); err != nil {
			t.Fatal(err)
		}
		ops, err := r.ListActiveSince(t.Context(), 7, seq, noon.Add(time.Minute))
		var got []string
		for _, op := range ops {
			got = append(got, op.ID)
		}
		want := []string{
			"closed lately by a fast clock",
			"in progress",
			"later by a slow clock",
			"begun long ago",
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q, want %q, %v", got, want, err)
		}
	})
}
