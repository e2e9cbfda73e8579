package operations_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// listedRoles returns the direct roles of a subuser in the list, "gone" when the list does not contain it.
func listedRoles(t *testing.T, w *apptest.World, login string) string {
	t.Helper()
	page, err := w.Directory.List(t.Context(), w.Account, access.Subuser, directory.Filter{Query: login})
	if err != nil {
		t.Fatal(err)
	}
	index := slices.IndexFunc(page.Rows, func(p access.Principal) bool { return p.Name == login })
	if index < 0 {
		return "gone"
	}
	roles := ""
	for _, r := range page.Rows[index].Roles {
		if r.Direct {
			roles += r.Name + " "
		}
	}
	return roles
}

// TestCatchUpWithOtherReplica changes subusers on one replica and compares the lists of both.
func TestCatchUpWithOtherReplica(t *testing.T) {
	t.Parallel()
	apptest.WithReplica(t, apptest.Options{Company: smallTeam()}, func(t *testing.T, w, other *apptest.World) {
		w.Operations.CatchUp(t.Context(), w.Account, 0)
		other.Operations.CatchUp(t.Context(), w.Account, 0)
		w.Refresh(t)
		other.Refresh(t)

		if out, err := changeRoles(t, w, "team_one", []string{"Accountant"}, nil); err != nil || out.Result != audit.Applied {
			t.Fatalf("%+v, %v", out, err)
		}
		if out, err := deleteSubuserByLogin(t, w, "team_two"); err != nil || out.Result != audit.Applied {
			t.Fatalf("%+v, %v", out, err)
		}
		if out, err := create(t, w, "newcomer"); err != nil || out.Result != audit.Applied {
			t.Fatalf("%+v, %v", out, err)
		}
		before := listedRoles(t, other, "team_one")
		other.Operations.CatchUp(t.Context(), w.Account, 0)
		for _, login := range []string{"team_one", "team_two", "newcomer"} {
			if got, want := listedRoles(t, other, login), listedRoles(t, w, login); got != want {
				t.Errorf("%s: the other replica lists %q, want %q", login, got, want)
			}
		}
		if got := listedRoles(t, other, "team_one"); got == before {
			t.Errorf("the other replica lists the same as before: %q", got)
		}
		calls := len(w.Sim.Calls())
		w.Operations.CatchUp(t.Context(), w.Account, 0)
		other.Operations.CatchUp(t.Context(), w.Account, 0)
		if more := len(w.Sim.Calls()) - calls; more != 0 {
			t.Errorf("%d calls for its own changes, or those that were read already", more)
		}
	})
}

// TestCatchUpWhileVendorIsDown lets a replica catch up while the vendor does not answer.
func TestCatchUpWhileVendorIsDown(t *testing.T) {
	t.Parallel()
	apptest.WithReplica(t, apptest.Options{Company: smallTeam()}, func(t *testing.T, w, other *apptest.World) {
		other.Operations.CatchUp(t.Context(), w.Account, 0)
		other.Refresh(t)
		if out, err := changeRoles(t, w, "team_one", []string{"Accountant"}, nil); err != nil || out.Result != audit.Applied {
			t.Fatalf("%+v, %v", out, err)
		}
		w.VendorDown()
		began := time.Now()
		ctx, gone := context.WithCancel(t.Context())
		gone() // the request has ended, too
		other.Operations.CatchUp(ctx, w.Account, 0)
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// TestCatchUpBlocksOneCaller stops a replica while it reads what another one changed.
func TestCatchUpBlocksOneCaller(t *testing.T) {
	t.Parallel()
	apptest.WithReplica(t, apptest.Options{Company: smallTeam()}, func(t *testing.T, w, other *apptest.World) {
		options := other.Operations.Options
		blocked := gate{Directory: options.Directory, reached: make(chan struct{}), open: make(chan struct{})}
		options.Directory = blocked
		service := operations.New(options)
		service.CatchUp(t.Context(), w.Account, 0)
		// Reading a principal starts the first listing of the account in the background. Its calls must not be counted below.
		w.Refresh(t)
		other.Refresh(t)
		if out, err := changeRoles(t, w, "team_one", []string{"Accountant"}, nil); err != nil || out.Result != audit.Applied {
			t.Fatalf("%+v, %v", out, err)
		}
		first := make(chan struct{})
		go func() {
			service.CatchUp(t.Context(), w.Account, 0)
			close(first)
		}()
		<-blocked.reached
		began := time.Now()
		service.CatchUp(t.Context(), w.Account, 0)
		if took := time.Since(began); took != 0 {
			t.Errorf("a second caller waited %v for the first", took)
		}
		close(blocked.open)
		<-first
		calls := len(w.Sim.Calls())
		service.CatchUp(t.Context(), w.Account, 0)
		if more := w.Sim.Calls()[calls:]; len(more) != 0 {
			t.Errorf("calls for what the first caller has read: %+v", more)
		}
	})
}
