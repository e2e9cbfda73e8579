package drift_test

import (
	"testing"
	"time"

	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// A change from outside counts on the day on which it was first seen, also after it was accepted or undone.
func TestCounts(t *testing.T) {
	withWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		check := func(when string, from time.Time, want ...int) {
			t.Helper()
			all, err := w.Drift.Counts(t.Context(), w.Account, from)
			if err != nil {
				t.Fatal(err)
			}
			findings, err := w.Drift.Findings(t.Context(), w.Account)
			if err != nil {
				t.Fatal(err)
			}
			if all.Open != len(findings) {
				t.Errorf("%s: %d findings are open, want %d", when, all.Open, len(findings))
			}
			counts := all.ByDay
			total := 0
			for n, days := range want {
				day := from.AddDate(0, 0, n)
				total += counts[day]
				if counts[day] != days {
					t.Errorf("%s: %d on %s, want %d", when, counts[day], day, days)
				}
			}
			if len(counts) > 2 || total == 0 {
				t.Errorf("%s: %v", when, counts)
			}
		}
		rename := func(name string) {
			t.Helper()
			change := voxsim.ExternalChange{Kind: voxsim.ExternalUpdateKey, KeyID: dialler, Name: name}
			if err := w.Sim.ApplyExternal(change); err != nil {
				t.Fatal(err)
			}
			w.Refresh(t)
		}
		today := time.Now().UTC().Truncate(24 * time.Hour)
		rename("robot")
		check("found", today, 1, 0)
		time.Sleep(25 * time.Hour)
		if err := w.Sim.ApplyExternal(voxsim.ExternalChange{Kind: voxsim.ExternalDeleteSubuser, SubuserID: 202}); err != nil {
			t.Fatal(err)
		}
		w.Refresh(t)
		check("a day later", today, 1, 1)
		rename("dialler")
		if got, want := findingsSummary(t, w), "team_two gone"; got != want {
			t.Fatalf("findings: %q, want %q", got, want)
		}
		check("after an end", today, 1, 1)
		all, err := w.Drift.Findings(t.Context(), w.Account)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Drift.Accept(t.Context(), acceptRequest(w, "Agreed on the phone"), all[0].ID); err != nil {
			t.Fatal(err)
		}
		check("after an acceptance", today, 1, 1)
		check("from the second day", today.AddDate(0, 0, 1), 1)
		rename("robot")
		time.Sleep(49 * time.Hour)
		if err := w.Sim.ApplyExternal(voxsim.ExternalChange{Kind: voxsim.ExternalDeleteSubuser, SubuserID: 201}); err != nil {
			t.Fatal(err)
		}
		w.Refresh(t)
		check("with an older open finding", today.AddDate(0, 0, 3), 1)
	})
}
