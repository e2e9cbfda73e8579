package audit_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/internal/audit"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

func TestCurrentResults(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := newLog(t, url)
		done := beginWithLocks(t, r, operation("done"))
		beginWithLocks(t, r, operation("under way"))
		if _, err := r.Append(t.Context(), done, false, audit.Event{
			Kind:      audit.OutcomeEvent,
			At:        noon,
			Result:    audit.Applied,
			Confirmed: true,
		}); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for i := range 1200 { // more than one query asks for
			ids = append(ids, fmt.Sprint(i))
		}
		ids[0], ids[1199] = "done", "under way"
		got, err := r.CurrentResults(t.Context(), ids)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]audit.CurrentResult{"done": {Result: audit.Applied, Confirmed: true}, "under way": {Open: true}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if none, err := r.CurrentResults(t.Context(), nil); err != nil || len(none) != 0 {
			t.Errorf("without ids: %v, %v", none, err)
		}
	})
}
