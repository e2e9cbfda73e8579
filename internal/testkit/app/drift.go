package app

import (
	"slices"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/drift"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// Refresh refreshes the snapshot and waits until it is done. It needs a synctest bubble.
func (w *World) Refresh(t testing.TB) {
	t.Helper()
	w.Directory.Refresh(w.Account)
	for range 1000 {
		counts, err := w.Directory.Counts(t.Context(), w.Account)
		if err == nil && !counts.Status.Refreshing {
			return
		}
		time.Sleep(time.Second)
	}
	t.Fatal("the account could not be read")
}

// CheckDrift fails the test when a change by the console is or was reported as drift: each finding, open or decided,
// must have a change outside the console that explains it.
func (w *World) CheckDrift(t testing.TB) {
	t.Helper()
	found, err := w.Drift.Findings(t.Context(), w.Account)
	if err != nil {
		t.Fatal(err)
	}
	decisions, err := w.Drift.Decisions(t.Context(), w.Account, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range decisions {
		found = append(found, d.Finding)
	}
	c := w.Directory.Catalogue(t.Context(), w.Account)
	for _, f := range found {
		explained := slices.ContainsFunc(w.Sim.Ledger(), func(e voxsim.LedgerEntry) bool {
			return e.Actor == voxsim.ExternalActor && explains(c, e, f)
		})
		if !explained {
			t.Errorf(
				"no change outside the console explains %s - %s: %s %s (%s) %s %s, was %q, is %q",
				f.LastUnchanged.Format(time.TimeOnly),
				f.FirstSeen.Format(time.TimeOnly),
				f.Target.Kind,
				f.Target.ID,
				f.Name,
				f.Type,
				f.Role.Name,
				f.OldValue,
				f.NewValue,
			)
		}
	}
}

// explains reports whether a committed change can have caused a finding.
func explains(c directory.Catalogue, e voxsim.LedgerEntry, f drift.Finding) bool {
	if f.Target.Kind == access.Key &&
		(slices.Contains(e.Effect.KeysDeleted, f.Target.ID) || len(e.Effect.KeyRolesRemoved[f.Target.ID]) > 0) {
		return true
	}
	if f.Target != access.SubuserRef(e.SubuserID) && f.Target != access.KeyRef(e.KeyID) {
		return false
	}
	switch f.Type {
	case drift.Appeared:
		return e.Effect.Created
	case drift.Gone:
		return e.Effect.Deleted
	case drift.DescriptionChanged:
		return e.Effect.Description != nil
	case drift.Renamed:
		return e.Effect.KeyName != nil
	}
	return slices.ContainsFunc(
		slices.Concat(e.Effect.RolesAdded, e.Effect.RolesRemoved),
		func(id int64) bool { return c.Graph().Closure(id)[f.Role.ID] },
	)
}
