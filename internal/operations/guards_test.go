package operations_test

import (
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

func TestRepeatedFormExecutesOnce(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		c, err := changeRolesCommand(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		var mu sync.Mutex
		var done, repeated int
		for range 5 {
			group.Go(func() {
				_, err := w.Operations.ChangeRoles(t.Context(), c)
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

// sameID is a source of random bytes from which every form gets the same operation id.
type sameID struct{}

func (sameID) Read(p []byte) (int, error) {
	if len(p) == 16 {
		return copy(p, "the same form id"), nil
	}
	return rand.Read(p)
}

// TestFormSentTwiceToSlowVendor sends the form of every action again while a slow vendor works on it, as happens when
// no page arrives. It is carried out once, and the second response names its operation.
func TestFormSentTwiceToSlowVendor(t *testing.T) {
	t.Parallel()
	for _, action := range actionCases() {
		t.Run(action.name, func(t *testing.T) {
			t.Parallel()
			send := func(times int) (changes int) {
				synctest.Test(t, func(t *testing.T) {
					// Each call of one form waits as long as that of the other, so both are read before either is sent.
					w := apptest.NewWorld(t, apptest.Options{Company: teamWithKeys(false), Latency: 2 * time.Second})
					defer w.Close()
					w.Refresh(t)
					w.Operations.Rand = sameID{}
					errs := make([]error, times)
					var group sync.WaitGroup
					for i := range errs {
						group.Go(func() { _, errs[i] = action.run(t, w) })
					}
					group.Wait()
					executed := slices.DeleteFunc(slices.Clone(errs), func(err error) bool {
						again, ok := errors.AsType[*operations.Repeated](err)
						return ok && again.Operation.ID == w.Operations.NewID()
					})
					if len(executed) != 1 || executed[0] != nil {
						t.Errorf("sent %d times: %v", times, errs)
					}
					w.CheckAgreement(t)
					changes = len(w.Sim.Ledger())
				})
				return changes
			}
			if once, twice := send(1), send(2); once == 0 || twice != once {
				t.Errorf("%d changes, and %d when it was sent twice", once, twice)
			}
		})
	}
}

func TestOperationIDMismatch(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		first, err := changeRolesCommand(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Operations.ChangeRoles(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		other, err := changeRolesCommand(t, w, "team_three", []string{"Accountant"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		foreign := map[string]func(*operations.ChangeRoles){
			"another target": func(c *operations.ChangeRoles) { c.ID = first.ID },
			"another operator": func(c *operations.ChangeRoles) {
				*c = first
				c.Operator = apptest.Operator(
					"eve",
					policy.Admin,
				)
			},
			"not an id": func(c *operations.ChangeRoles) { c.ID = "../x" },
			"no id":     func(c *operations.ChangeRoles) { c.ID = "" },
		}
		for name, alter := range foreign {
			c := other
			alter(&c)
			_, err := w.Operations.ChangeRoles(t.Context(), c)
			if _, ok := errors.AsType[*operations.IDMismatch](err); !ok {
				t.Errorf("%s: %v", name, err)
			}
		}
		if len(w.Sim.Ledger()) != 1 {
			t.Errorf("%d changes", len(w.Sim.Ledger()))
		}
	})
}

func TestChangeRolesConflict(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		c, err := changeRolesCommand(t, w, "team_one", []string{"Developer"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		external := voxsim.ExternalChange{
			Kind:      voxsim.ExternalAddSubuserRoles,
			SubuserID: c.Ref.SubuserID(),
			RoleIDs:   []int64{7},
		}
		if err := w.Sim.ApplyExternal(external); err != nil {
			t.Fatal(err)
		}
		_, err = w.Operations.ChangeRoles(t.Context(), c)
		conflict, ok := errors.AsType[*operations.Conflict](err)
		if !ok {
			t.Fatalf("a changed principal: %v", err)
		}
		if diff := cmp.Diff([]string{"Support"}, conflict.BaseRoles); diff != "" {
			t.Error(diff)
		}
		// The form did not show what was granted elsewhere since, so it must not revoke that.
		if diff := cmp.Diff([]string{"Developer"}, conflict.Diff.Grant); diff != "" || len(conflict.Diff.Revoke) > 0 {
			t.Errorf("what the form would do now: %s, and revoke %v", diff, conflict.Diff.Revoke)
		}
		if diff := cmp.Diff([]string{"Support", "Accountant"}, conflict.Diff.Keep); diff != "" {
			t.Errorf("what is kept: %s", diff)
		}
		if got := roleNames(w, "team_one"); got != "Support Accountant" {
			t.Errorf("the subuser has %s", got)
		}
		if ops, _ := w.AuditLog.Operations(t.Context(), audit.Filter{}); len(ops) != 0 {
			t.Errorf("%d intents were written", len(ops))
		}
	})
}

func TestDeniedBeforeAnythingIsSent(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		attempt := func(roles []policy.DashboardRole, login string, grant, revoke []string) error {
			c, err := changeRolesCommand(t, w, login, grant, revoke)
			if err != nil {
				t.Fatal(err)
			}
			c.Operator = apptest.Operator("someone", roles...)
			_, err = w.Operations.ChangeRoles(t.Context(), c)
			return err
		}
		editor := []policy.DashboardRole{policy.Editor}
		denied := map[string]error{
			"a stranger": attempt(nil, "team_one", []string{"Accountant"}, nil),
			"a viewer": attempt(
				[]policy.DashboardRole{policy.Viewer},
				"team_one",
				[]string{"Accountant"},
				nil,
			),
			"an auditor": attempt(
				[]policy.DashboardRole{policy.Auditor},
				"team_one",
				[]string{"Accountant"},
				nil,
			),
			"an editor granting Admin":            attempt(editor, "team_one", []string{"Admin"}, nil),
			"an editor changing an Owner":         attempt(editor, "team_two", []string{"Accountant"}, nil),
			"an editor revoking Owner":            attempt(editor, "team_two", nil, []string{"Owner"}),
			"an editor granting Owner and others": attempt(editor, "team_one", []string{"Accountant", "Owner"}, nil),
		}
		for name, err := range denied {
			if _, ok := errors.AsType[*policy.Denied](err); !ok {
				t.Errorf("%s: %v", name, err)
			}
		}
		if len(w.Sim.Ledger()) != 0 {
			t.Errorf("the vendor was called: %+v", w.Sim.Ledger())
		}
		if err := attempt(editor, "team_one", []string{"Accountant"}, nil); err != nil {
			t.Errorf("an editor granting an unprivileged role: %v", err)
		}
	})
}

func TestNothingIsSentWithoutAuditLog(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		c, err := changeRolesCommand(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.DB.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Operations.ChangeRoles(t.Context(), c); !errors.Is(err, operations.ErrAuditLogUnavailable) {
			t.Errorf("a closed audit log: %v", err)
		}
		if _, err := create(t, w, "newcomer"); !errors.Is(err, operations.ErrAuditLogUnavailable) {
			t.Errorf("a closed audit log: %v", err)
		}
		if len(w.Sim.Ledger()) != 0 {
			t.Errorf("the vendor was called: %+v", w.Sim.Ledger())
		}
	})
}
