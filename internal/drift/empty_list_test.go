package drift_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// TestEmptyListIsNoDeletion lets the vendor respond with an empty list, or with null, while all principals exist. The
// list must not become empty, and nothing may be reported as deleted, also by a process that has read no list before.
func TestEmptyListIsNoDeletion(t *testing.T) {
	t.Parallel()
	for _, fault := range []voxsim.FaultKind{voxsim.EmptyList, voxsim.NullResult} {
		for _, kind := range []access.Kind{access.Subuser, access.Key} {
			for _, restarted := range []bool{false, true} {
				name := string(fault) + " " + string(kind)
				if restarted {
					name += " after a restart"
				}
				t.Run(name, func(t *testing.T) {
					withWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
						testEmptyList(t, w, fault, kind, restarted)
					})
				})
			}
		}
	}
}

func testEmptyList(t *testing.T, w *apptest.World, fault voxsim.FaultKind, kind access.Kind, restarted bool) {
	t.Helper()
	list := func() (directory.Page, error) {
		return w.Directory.List(t.Context(), w.Account, kind, directory.Filter{})
	}
	before, err := list()
	if err != nil || before.Total == 0 {
		t.Fatalf("listed %d, %v", before.Total, err)
	}
	withRoles := slices.IndexFunc(before.Rows, func(p access.Principal) bool { return len(p.Roles) > 0 })
	existing := before.Rows[withRoles].Ref
	if restarted {
		w.Restart()
	}
	method := map[access.Kind]string{access.Subuser: "GetSubUsers", access.Key: "GetKeys"}[kind]
	w.Sim.AddFault(voxsim.Fault{Method: method, Kind: fault, Count: -1})
	w.Directory.Refresh(w.Account)
	time.Sleep(time.Minute)
	if found := findingsSummary(t, w); found != "" {
		t.Errorf("drift: %s", found)
	}
	during, err := list()
	known := kind == access.Subuser || !during.Status.Incomplete
	if err == nil && known && during.Total != before.Total {
		t.Errorf("listed %d, want %d or not known", during.Total, before.Total)
	}
	if _, err := w.Directory.ByID(t.Context(), w.Account, existing); err == nil || errors.Is(err, directory.ErrNotFound) {
		t.Errorf("reading an existing %s by id: %v", kind, err)
	}
	w.Sim.ClearFaults()
	w.Refresh(t)
	after, err := list()
	if found := findingsSummary(t, w); err != nil || found != "" || after.Total != before.Total {
		t.Errorf("afterwards: listed %d, want %d; drift: %q, %v", after.Total, before.Total, found, err)
	}
}

// TestEmptyListAfterDeletions deletes every key and subuser in the panel. The empty list is then true.
func TestEmptyListAfterDeletions(t *testing.T) {
	withWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		for _, u := range w.Sim.State().Subusers {
			change := voxsim.ExternalChange{Kind: voxsim.ExternalDeleteSubuser, SubuserID: u.ID}
			if err := w.Sim.ApplyExternal(change); err != nil {
				t.Fatal(err)
			}
		}
		w.Refresh(t)
		page, err := w.Directory.List(t.Context(), w.Account, access.Subuser, directory.Filter{})
		if err != nil || page.Status.Incomplete || page.Total != 0 {
			t.Errorf("listed %d, incomplete %v, %v", page.Total, page.Status.Incomplete, err)
		}
		if found := findingsSummary(t, w); found == "" {
			t.Error("the deletions were not found")
		}
	})
}
