package operations_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

func TestAFormSentTwiceIsDoneOnce(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		c, err := command(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		var mu sync.Mutex
		var done, repeated int
		for range 5 {
			group.Go(func() {
				_, err := w.Operations.ChangeSubuserRoles(t.Context(), c)
				mu.Lock()
				defer mu.Unlock()
				if again, ok := errors.AsType[*operations.Repeated](err); ok && again.Operation.ID == c.ID {
					repeated++
				} else if err == nil {
					done++
				} else {
					t.Errorf("the same form again: %v", err)
				}
			})
		}
		group.Wait()
		if done != 1 || repeated != 4 || len(w.Sim.Ledger()) != 1 {
			t.Errorf("done %d times, repeated %d times, %d entries", done, repeated, len(w.Sim.Ledger()))
		}
	})
}

func TestAnIDOfAnotherFormIsRefused(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		first, err := command(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Operations.ChangeSubuserRoles(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		other, err := command(t, w, "team_three", []string{"Accountant"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		foreign := map[string]func(*operations.ChangeSubuserRoles){
			"another target": func(c *operations.ChangeSubuserRoles) { c.ID = first.ID },
			"another operator": func(c *operations.ChangeSubuserRoles) {
				*c = first
				c.Operator = apptest.Operator(
					"eve",
					policy.Admin,
				)
			},
			"not an id": func(c *operations.ChangeSubuserRoles) { c.ID = "../x" },
			"no id":     func(c *operations.ChangeSubuserRoles) { c.ID = "" },
		}
		for name, alter := range foreign {
			c := other
			alter(&c)
			_, err := w.Operations.ChangeSubuserRoles(t.Context(), c)
			if _, ok := errors.AsType[*operations.Foreign](err); !ok {
				t.Errorf("%s: %v", name, err)
			}
		}
		if len(w.Sim.Ledger()) != 1 {
			t.Errorf("%d changes", len(w.Sim.Ledger()))
		}
	})
}

func TestWhatWasChangedMeanwhileIsAConflict(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		c, err := command(t, w, "team_one", []string{"Developer"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		act := voxsim.ExternalChange{Kind: voxsim.ExternalAddSubuserRoles, SubuserID: c.SubuserID, RoleIDs: []int64{7}}
		if err := w.Sim.ApplyExternal(act); err != nil {
			t.Fatal(err)
		}
		_, err = w.Operations.ChangeSubuserRoles(t.Context(), c)
		conflict, ok := errors.AsType[*operations.Conflict](err)
		if !ok {
			t.Fatalf("a changed target: %v", err)
		}
		if diff := cmp.Diff([]string{"Support"}, conflict.Then); diff != "" {
			t.Error(diff)
		}
		// What somebody else granted was never seen by this operator: the form must not take it away.
		if diff := cmp.Diff([]string{"Developer"}, conflict.Diff.Grant); diff != "" || len(conflict.Diff.Revoke) > 0 {
			t.Errorf("what the form would do now: %s, and revoke %v", diff, conflict.Diff.Revoke)
		}
		if diff := cmp.Diff([]string{"Support", "Accountant"}, conflict.Diff.Keep); diff != "" {
			t.Errorf("what is kept: %s", diff)
		}
		if got := held(w, "team_one"); got != "Support Accountant" {
			t.Errorf("the subuser holds %s", got)
		}
		if ops, _ := w.AuditLog.Operations(t.Context(), audit.Filter{}); len(ops) != 0 {
			t.Errorf("%d intents were written", len(ops))
		}
	})
}

func TestWhoMayNotIsRefusedBeforeAnythingIsSent(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		try := func(roles []policy.DashboardRole, login string, grant, revoke []string) error {
			c, err := command(t, w, login, grant, revoke)
			if err != nil {
				t.Fatal(err)
			}
			c.Operator = apptest.Operator("someone", roles...)
			_, err = w.Operations.ChangeSubuserRoles(t.Context(), c)
			return err
		}
		editor := []policy.DashboardRole{policy.Editor}
		denied := map[string]error{
			"a stranger": try(nil, "team_one", []string{"Accountant"}, nil),
			"a viewer": try(
				[]policy.DashboardRole{policy.Viewer},
				"team_one",
				[]string{"Accountant"},
				nil,
			),
			"an auditor": try(
				[]policy.DashboardRole{policy.Auditor},
				"team_one",
				[]string{"Accountant"},
				nil,
			),
			"an editor granting Admin":            try(editor, "team_one", []string{"Admin"}, nil),
			"an editor changing an Owner":         try(editor, "team_two", []string{"Accountant"}, nil),
			"an editor revoking Owner":            try(editor, "team_two", nil, []string{"Owner"}),
			"an editor granting Owner and others": try(editor, "team_one", []string{"Accountant", "Owner"}, nil),
		}
		for who, err := range denied {
			if _, ok := errors.AsType[*policy.Denied](err); !ok {
				t.Errorf("%s: %v", who, err)
			}
		}
		if len(w.Sim.Ledger()) != 0 {
			t.Errorf("the vendor was asked: %+v", w.Sim.Ledger())
		}
		if err := try(editor, "team_one", []string{"Accountant"}, nil); err != nil {
			t.Errorf("an editor granting an unprivileged role: %v", err)
		}
	})
}

func TestWithoutARecordNothingIsSent(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		c, err := command(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.DB.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Operations.ChangeSubuserRoles(t.Context(), c); !errors.Is(err, operations.ErrRecord) {
			t.Errorf("a closed record: %v", err)
		}
		if _, err := create(t, w, "newcomer"); !errors.Is(err, operations.ErrRecord) {
			t.Errorf("a closed record: %v", err)
		}
		if len(w.Sim.Ledger()) != 0 {
			t.Errorf("the vendor was asked: %+v", w.Sim.Ledger())
		}
	})
}
