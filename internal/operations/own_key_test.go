package operations_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// The table of every act that could reach the key that the console runs on, by every path. In each world the key is
// team_two's, who is the only Owner.
func TestNothingReachesTheConsolesOwnKey(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]func(t *testing.T, w *apptest.World) error{
		"deleting the key": func(t *testing.T, w *apptest.World) error {
			_, err := removeKeyOf(t, w, w.OwnKey())
			return err
		},
		"taking its Owner": func(t *testing.T, w *apptest.World) error {
			_, err := changeKey(t, w, w.OwnKey(), nil, []string{"Owner"})
			return err
		},
		"taking its Owner and giving others": func(t *testing.T, w *apptest.World) error {
			_, err := changeKey(t, w, w.OwnKey(), []string{"Admin", "Support"}, []string{"Owner"})
			return err
		},
		"deleting whose it is": func(t *testing.T, w *apptest.World) error {
			_, err := removeSubuser(t, w, "team_two")
			return err
		},
		"issuing their access again": func(t *testing.T, w *apptest.World) error {
			_, err := reissueSubuser(t, w, "team_two")
			return err
		},
		"taking Owner from whose it is by force": func(t *testing.T, w *apptest.World) error {
			c, err := command(t, w, "team_two", nil, []string{"Owner"})
			if err != nil {
				return err
			}
			c.Force, c.Warned = true, everyWarning()
			_, err = w.Operations.ChangeSubuserRoles(t.Context(), c)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := apptest.NewWorld(t, apptest.Options{Company: teamWithKeys(true)})
				defer w.Close()
				err := try(t, w)
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

// What does not take Owner from it may be done to it, as to any key.
func TestTheOwnKeyIsAnOrdinaryKeyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := apptest.NewWorld(t, apptest.Options{Company: teamWithKeys(true)})
		defer w.Close()
		if out, err := changeKey(t, w, w.OwnKey(), []string{"Payer"}, nil); err != nil || !out.Confirmed {
			t.Errorf("granting: %+v, %v", out, err)
		}
		if out, err := changeKey(t, w, w.OwnKey(), nil, []string{"Payer"}); err != nil || !out.Confirmed {
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
		w := apptest.NewWorld(t, apptest.Options{Company: teamWithKeys(true), Variants: voxsim.Variants{KeySubuser: voxsim.KeySubuserAbsent}})
		defer w.Close()
		id := subuserID(t, w, "team_one")
		form, err := w.Operations.DeleteSubuserForm(t.Context(), admin().Operator, w.Account, id)
		if err != nil || form.Blocked != "" || !strings.Contains(warnings(form), string(operations.WarnOwnKeyUnknown)) {
			t.Fatalf("%+v, %v", form, err)
		}
		c := operations.DeleteSubuser{Act: as(w), SubuserID: id, Base: form.Subuser.DirectIDs(), Confirm: "team_one"}
		_, err = w.Operations.DeleteSubuser(t.Context(), c)
		if moved, ok := errors.AsType[*operations.Moved](err); !ok || len(moved.Subuser.Warnings) == 0 || len(w.Sim.Ledger()) != 0 {
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
