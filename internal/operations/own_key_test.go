package operations_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// reach is one act that could reach the key that the console runs on, by one path.
type reach struct {
	name string
	try  func(t *testing.T, w *apptest.World) error
	// byVendor: nothing here stands in its way, since the vendor refuses it when the key holds what would be taken (439).
	byVendor bool
}

// reaches is the table of all of them. In each world the key is team_two's, who is the only Owner.
func reaches() []reach {
	ownKey := func(grant, revoke []string) func(t *testing.T, w *apptest.World) error {
		return func(t *testing.T, w *apptest.World) error {
			_, err := changeKey(t, w, w.ConsoleKey(), grant, revoke)
			return err
		}
	}
	return []reach{
		{name: "deleting the key", try: func(t *testing.T, w *apptest.World) error {
			_, err := removeKeyOf(t, w, w.ConsoleKey())
			return err
		}},
		{name: "taking its Owner", try: ownKey(nil, []string{"Owner"})},
		{name: "taking its Owner and giving others", try: ownKey([]string{"Admin", "Support"}, []string{"Owner"})},
		{name: "deleting whose it is", try: func(t *testing.T, w *apptest.World) error {
			_, err := removeSubuser(t, w, "team_two")
			return err
		}},
		{name: "issuing their access again", try: func(t *testing.T, w *apptest.World) error {
			_, err := reissueSubuser(t, w, "team_two")
			return err
		}},
		{name: "taking Owner from whose it is by force", try: func(t *testing.T, w *apptest.World) error {
			c, err := command(t, w, "team_two", nil, []string{"Owner"})
			if err != nil {
				return err
			}
			c.Force, c.Warned = true, everyWarning()
			_, err = w.Operations.ChangeSubuserRoles(t.Context(), c)
			return err
		}},
		{
			name:     "taking Owner from whose it is without force",
			byVendor: true,
			try: func(t *testing.T, w *apptest.World) error {
				_, err := change(t, w, "team_two", nil, []string{"Owner"})
				return err
			},
		},
		{name: "deleting everybody in a run", byVendor: true, try: func(t *testing.T, w *apptest.World) error {
			return inRun(t, w, func(act operations.Act) (bulk.Change, error) {
				return w.Bulk.PlanDelete(t.Context(), act, bulk.Targets{All: true})
			})
		}},
		{name: "taking Owner from everybody in a run", byVendor: true, try: func(t *testing.T, w *apptest.World) error {
			return inRun(t, w, func(act operations.Act) (bulk.Change, error) {
				return w.Bulk.PlanRoles(t.Context(), act, bulk.Targets{All: true}, nil, roleNamed(w, "Owner"))
			})
		}},
	}
}

// inRun plans a run, starts it with everything confirmed, and works it off.
func inRun(t *testing.T, w *apptest.World, plan func(act operations.Act) (bulk.Change, error)) error {
	t.Helper()
	act := as(w)
	act.ID = ""
	run, err := plan(act)
	if err != nil {
		return err
	}
	count, _ := run.Confirmation()
	if _, err := w.Bulk.Start(t.Context(), act, run.ID, bulk.StartForm{
		Confirm: fmt.Sprint(count),
		Warned:  run.Warnings,
	}); err != nil {
		return err
	}
	working, stop := context.WithCancel(t.Context())
	var loop sync.WaitGroup
	loop.Go(func() { w.Bulk.Run(working) })
	time.Sleep(time.Hour)
	stop()
	loop.Wait()
	return nil
}

// roleNamed asks the simulator itself.
func roleNamed(w *apptest.World, name string) []int64 {
	for _, r := range w.Sim.State().Roles {
		if r.Name == name {
			return []int64{r.ID}
		}
	}
	return nil
}

// keepsOwner fails when the key that the console runs on is gone, or has lost its Owner.
func keepsOwner(t *testing.T, w *apptest.World) {
	t.Helper()
	key, exists := w.Sim.State().Key(w.ConsoleKey())
	if !exists || !slices.Contains(key.RoleIDs, roleNamed(w, "Owner")[0]) {
		t.Errorf("the console's own key is %+v", key)
	}
}

func TestNothingReachesTheConsolesOwnKey(t *testing.T) {
	t.Parallel()
	for _, r := range reaches() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := apptest.NewWorld(t, apptest.Options{Company: teamWithKeys(true)})
				defer w.Close()
				err := r.try(t, w)
				keepsOwner(t, w)
				if r.byVendor {
					if err != nil {
						t.Errorf("it was not tried: %v", err)
					}
					return
				}
				if guarded, ok := errors.AsType[*operations.OwnKey](err); !ok || guarded.Sentence == "" {
					t.Errorf("the answer is %v", err)
				}
				if len(w.Sim.Ledger()) != 0 {
					t.Errorf("the vendor was asked: %+v", w.Sim.Ledger())
				}
			})
		})
	}
}

// Whatever the vendor's documentation leaves open, the key keeps its Owner. Where the vendor does not tell whose it is,
// only the person who reads the warning can know; that has a test of its own.
func TestNothingReachesTheConsolesOwnKeyUnderAnyVariant(t *testing.T) {
	t.Parallel()
	variants := append(
		voxsim.AllVariants(),
		voxsim.NamedVariant{
			Name:     "parents hidden, and roles replaced",
			Variants: voxsim.Variants{RoleList: voxsim.RoleListLeaves, SetKeyRolesReplaces: true},
		},
		voxsim.NamedVariant{
			Name:     "children hidden, and roles replaced",
			Variants: voxsim.Variants{RoleList: voxsim.RoleListDirect, SetKeyRolesReplaces: true},
		},
	)
	acts := append(reaches(), reach{name: "giving it another role", try: func(t *testing.T, w *apptest.World) error {
		_, err := changeKey(t, w, w.ConsoleKey(), []string{"Payer"}, nil)
		return err
	}})
	for at, variant := range variants {
		if variant.Variants.KeySubuser == voxsim.KeySubuserAbsent {
			continue
		}
		t.Run(variant.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for i, r := range acts {
					if testing.Short() && i != at%len(acts) {
						continue // one for each variant, another each time
					}
					w := apptest.NewWorld(t, apptest.Options{Company: teamWithKeys(true), Variants: variant.Variants})
					_ = r.try(t, w) // what matters is what becomes of the key
					keepsOwner(t, w)
					w.Close()
				}
			})
		})
	}
}

// A run judges each row again when its turn comes: what became the console's own key after the preview is guarded too.
func TestAKeyThatBecameTheConsolesAfterThePreviewIsGuarded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := apptest.NewWorld(t, apptest.Options{Company: teamWithKeys(true)})
		defer w.Close()
		err := inRun(t, w, func(act operations.Act) (bulk.Change, error) {
			run, err := w.Bulk.PlanDelete(t.Context(), act, bulk.Targets{IDs: []int64{subuserID(t, w, "team_three")}})
			w.Operations.OwnKey = func() string { return wallboard }
			return run, err
		})
		if err != nil || len(w.Sim.Ledger()) != 0 {
			t.Errorf("%v; the vendor was asked: %+v", err, w.Sim.Ledger())
		}
	})
}

// What does not take Owner from it may be done to it, as to any key.
func TestTheOwnKeyIsAnOrdinaryKeyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := apptest.NewWorld(t, apptest.Options{Company: teamWithKeys(true)})
		defer w.Close()
		if out, err := changeKey(t, w, w.ConsoleKey(), []string{"Payer"}, nil); err != nil || !out.Confirmed {
			t.Errorf("granting: %+v, %v", out, err)
		}
		if out, err := changeKey(t, w, w.ConsoleKey(), nil, []string{"Payer"}); err != nil || !out.Confirmed {
			t.Errorf("revoking: %+v, %v", out, err)
		}
		c, err := command(t, w, "team_two", []string{"Payer"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if out, err := w.Operations.ChangeSubuserRoles(t.Context(), c); err != nil || !out.Confirmed {
			t.Errorf("changing whose it is: %+v, %v", out, err)
		}
	})
}

// When the vendor does not tell whose the key is, whoever goes may be the one: the page must have said so.
func TestAnUnknownOwnerOfTheOwnKeyMustBeWarnedOf(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := apptest.NewWorld(
			t,
			apptest.Options{Company: teamWithKeys(true), Variants: voxsim.Variants{KeySubuser: voxsim.KeySubuserAbsent}},
		)
		defer w.Close()
		id := subuserID(t, w, "team_one")
		form, err := w.Operations.DeleteSubuserForm(t.Context(), admin().Operator, w.Account, id)
		if err != nil || form.Blocked != "" || !strings.Contains(warnings(form), string(operations.WarnOwnKeyUnknown)) {
			t.Fatalf("%+v, %v", form, err)
		}
		c := operations.DeleteSubuser{Act: as(w), SubuserID: id, Base: form.Subuser.DirectRoleIDs(), Confirm: "team_one"}
		_, err = w.Operations.DeleteSubuser(t.Context(), c)
		if moved, ok := errors.AsType[*operations.Moved](err); !ok || len(moved.Subuser.Warnings) == 0 ||
			len(w.Sim.Ledger()) != 0 {
			t.Errorf("without the warning: %v, %+v", err, w.Sim.Ledger())
		}
		c.Act, c.Warned = as(w), form.Warnings
		if out, err := w.Operations.DeleteSubuser(t.Context(), c); err != nil || !out.Gone {
			t.Errorf("with it: %+v, %v", out, err)
		}
	})
}

func warnings(f operations.SubuserForm) string {
	var all []string
	for _, w := range f.Warnings {
		all = append(all, string(w))
	}
	return strings.Join(all, " ")
}
