package operations_test

import (
	"slices"
	"testing"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// The keys of the team that are not the console's own.
const (
	wallboard = "11111111-1111-4111-8111-111111111111"
	dialler   = "22222222-2222-4222-8222-222222222222"
)

// as is an admin's act with an id of its own.
func as(w *apptest.World) operations.Act {
	act := admin()
	act.Account, act.ID = w.Account, w.Operations.NewID()
	return act
}

func swapRoles(t *testing.T, w *apptest.World) (operations.Outcome, error) {
	return change(t, w, "team_one", []string{"Accountant"}, []string{"Support"})
}

// force takes a role from team_three that their key holds too.
func force(t *testing.T, w *apptest.World) (operations.Outcome, error) {
	c, err := command(t, w, "team_three", nil, []string{"Supervisor"})
	if err != nil {
		return operations.Outcome{}, err
	}
	c.Force, c.Warned = true, everyWarning()
	return w.Operations.ChangeSubuserRoles(t.Context(), c)
}

// everyWarning is what a page says that says all there is to say.
func everyWarning() []operations.Warning {
	return []operations.Warning{operations.WarnKeys, operations.WarnLastOwner, operations.WarnOwnKeyUnknown}
}

func edit(t *testing.T, w *apptest.World) (operations.Outcome, error) {
	return w.Operations.EditSubuser(t.Context(), operations.EditSubuser{
		Act: as(w), SubuserID: subuserID(t, w, "team_one"), Base: "First of the team", Description: "Leads the team",
	})
}

func password(t *testing.T, w *apptest.World) (operations.Outcome, error) {
	return w.Operations.ChangeSubuserPassword(t.Context(), operations.ChangeSubuserPassword{
		Act: as(w), SubuserID: subuserID(t, w, "team_one"), Current: config.NewSecret(voxsim.SeedPassword),
	})
}

func remove(t *testing.T, w *apptest.World) (operations.Outcome, error) {
	return removeSubuser(t, w, "team_three")
}

func removeSubuser(t *testing.T, w *apptest.World, login string) (operations.Outcome, error) {
	act, id := as(w), subuserID(t, w, login)
	form, err := w.Operations.DeleteSubuserForm(t.Context(), act.Operator, w.Account, id)
	if err != nil {
		return operations.Outcome{}, err
	}
	return w.Operations.DeleteSubuser(t.Context(), operations.DeleteSubuser{
		Act: act, SubuserID: id, Base: form.Subuser.DirectRoleIDs(), Confirm: " " + login + " ", Warned: form.Warnings,
	})
}

func reissue(t *testing.T, w *apptest.World) (operations.Outcome, error) {
	return reissueSubuser(t, w, "team_one")
}

func reissueSubuser(t *testing.T, w *apptest.World, login string) (operations.Outcome, error) {
	act, id := as(w), subuserID(t, w, login)
	form, err := w.Operations.ReissueSubuserForm(t.Context(), act.Operator, w.Account, id)
	if err != nil {
		return operations.Outcome{}, err
	}
	return w.Operations.ReissueSubuser(t.Context(), operations.ReissueSubuser{
		Act: act, SubuserID: id, Base: form.Subuser.DirectRoleIDs(), Confirm: login, Warned: form.Warnings,
	})
}

func createKey(t *testing.T, w *apptest.World) (operations.Outcome, error) {
	act := as(w)
	form, err := w.Operations.NewKeyForm(t.Context(), act.Operator, w.Account)
	if err != nil {
		return operations.Outcome{}, err
	}
	return w.Operations.CreateKey(t.Context(), operations.CreateKey{
		Act:         act,
		Name:        "robot",
		Description: "Counts calls",
		Roles:       ids(form.Catalogue, []string{"CallHistory"}),
		Offered:     form.Offered(),
	})
}

func editKey(t *testing.T, w *apptest.World) (operations.Outcome, error) {
	return w.Operations.EditKey(t.Context(), operations.EditKey{
		Act: as(w), KeyID: wallboard, Base: operations.Texts{Name: "wallboard", Description: "The wallboard in the hall"},
		Name: "wallboard 2", Description: "The wallboard upstairs",
	})
}

func swapKeyRoles(t *testing.T, w *apptest.World) (operations.Outcome, error) {
	return changeKey(t, w, dialler, []string{"CallHistory"}, []string{"Support"})
}

func changeKey(t *testing.T, w *apptest.World, id string, grant, revoke []string) (operations.Outcome, error) {
	act := as(w)
	form, err := w.Operations.KeyRolesForm(t.Context(), act.Operator, w.Account, id)
	if err != nil {
		return operations.Outcome{}, err
	}
	c := operations.ChangeKeyRoles{Act: act, KeyID: id, Base: form.Base, Offered: form.Offered()}
	taken := ids(form.Catalogue, revoke)
	for _, role := range append(form.Base, ids(form.Catalogue, grant)...) {
		if !slices.Contains(taken, role) {
			c.Ticked = append(c.Ticked, role)
		}
	}
	return w.Operations.ChangeKeyRoles(t.Context(), c)
}

func removeKey(t *testing.T, w *apptest.World) (operations.Outcome, error) {
	return removeKeyOf(t, w, dialler)
}

func removeKeyOf(t *testing.T, w *apptest.World, id string) (operations.Outcome, error) {
	act := as(w)
	form, err := w.Operations.DeleteKeyForm(t.Context(), act.Operator, w.Account, id)
	if err != nil {
		return operations.Outcome{}, err
	}
	return w.Operations.DeleteKey(t.Context(), operations.DeleteKey{
		Act: act, KeyID: id, Base: form.Key.DirectRoleIDs(), Confirm: operations.KeyConfirmation(form.Key),
	})
}
