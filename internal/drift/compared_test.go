package drift_test

import (
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// TestCompared checks that a kind counts as compared from its first comparison on, with the time of that listing.
func TestCompared(t *testing.T) {
	withWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		compared, err := w.Drift.Compared(t.Context(), w.Account+1)
		if err != nil || len(compared) != 0 {
			t.Errorf("an account that was never read: %v, %v", compared, err)
		}
		w.Refresh(t)
		counts, err := w.Directory.Counts(t.Context(), w.Account)
		if err != nil {
			t.Fatal(err)
		}
		compared, err = w.Drift.Compared(t.Context(), w.Account)
		if err != nil || len(compared) != len(access.Kinds()) || !compared[access.Subuser].Equal(counts.Status.AsOf) {
			t.Errorf("compared %v, %v; the listing is of %v", compared, err, counts.Status.AsOf)
		}
	})
}
