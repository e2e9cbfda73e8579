package operations_test

import (
	"slices"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operations"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// The keys of the team, beside the console key.
const (
	wallboard = "11111111-1111-4111-8111-111111111111"
	dialler   = "22222222-2222-4222-8222-222222222222"
)

// adminRequestWithID returns a request of an admin with a new operation id.
func adminRequestWithID(w *apptest.World) operations.Request {
	request := adminRequest()
	request.Account, request.ID = w.Account, w.Operations.NewID()
	return request
}

func swapRoles(t *testing.T, w *apptest.World) (operations.Outcome, error) {
	return changeRoles(t, w, "team_one", []string{"Accountant"}, []string{"Support"})
}

// force revokes a role from team_three that its key has too.
func force(t *testing.T, w *apptest.World) (operations.Outcome, error) {
	c, err := changeRolesCommand(t, w, "team_three", nil, []string{"Supervisor"})
	if err != nil {
		return operations.Outcome{}, err
	}
	c.Force, c.Warned = true, allWarnings()
	return w.Operations.ChangeRoles(t.Context(), c)
}

// allWarnings returns every warning that a page can show.
func allWarnings() []operations.Warning {
	return []operations.Warning{operations.WarnKeys, operations.WarnLastOwner, operations.WarnConsoleKeyOwnerUnknown}
}

func edit(t *testing.T, w *apptest.World) (operations.Outcome, error) {
	return w.Operations.Edit(t.Context(), operations.Edit{
		Request:     adminRequestWithID(w),
		Ref:         access.SubuserRef(subuserID(t, w, "team_one")),
		Base:        operations.Texts{Description: "First of the team"},
		Description: "Leads the team",
	})
}

func password(t *testing.T, w *apptest.World) (operations.Outcome, error) {
	return w.Operations.ChangeSubuserPassword(t.Context(), operations.ChangeSubuserPassword{
		Request:   adminRequestWithID(w),
		SubuserID: subuserID(t, w, "team_one"),
		Current:   config.NewSecret(voxsim.SeedPassword),
	})
}

func deleteSubuser(t *testing.T, w *apptest.World) (operations.Outcome, error) {
	return deleteSubuserByLogin(t, w, "team_three")
}

func deleteSubuserByLogin(t *testing.T, w *apptest.World, login string) (operations.Outcome, error) {
	request, id := adminRequestWithID(w), subuserID(t, w, login)
	form, err := w.Operations.DeleteForm(t.Context(), request.Operator, w.Account, access.SubuserRef(id))
	if err != nil {
		return operations.Outcome{}, err
	}
	return w.Operations.Delete(t.Context(), operations.Delete{
		Request: request,
		Ref:     access.SubuserRef(id),
		Base:    form.Principal.DirectRoleIDs(),
		Confirm: " " + login + " ",
		Warned:  form.Warnings,
	})
}

func reissue(t *testing.T, w *apptest.World) (operations.Outcome, error) {
	return reissueSubuser(t, w, "team_one")
}

func reissueSubuser(t *testing.T, w *apptest.World, login string) (operations.Outcome, error) {
	request, id := adminRequestWithID(w), subuserID(t, w, login)
	form, err := w.Operations.ReissueSubuserForm(t.Context(), request.Operator, w.Account, id)
	if err != nil {
		return operations.Outcome{}, err
	}
	return w.Operations.ReissueSubuser(t.Context(), operations.ReissueSubuser{
		Request: request, SubuserID: id, Base: form.Principal.DirectRoleIDs(), Confirm: login, Warned: form.Warnings,
	})
}

func createKey(t *testing.T, w *apptest.World) (operations.Outcome, error) {
	request := adminRequestWithID(w)
	form, err := w.Operations.NewForm(t.Context(), request.Operator, w.Account, access.Key)
	if err != nil {
		return operations.Outcome{}, err
	}
	return w.Operations.CreateKey(t.Context(), operations.CreateKey{
		Request:     request,
		Name:        "robot",
		Description: "Counts calls",
		Roles:       roleIDs(form.Catalogue, []string{"CallHistory"}),
		Offered:     form.Offered(),
	})
}

func editKey(t *testing.T, w *apptest.World) (operations.Outcome, error) {
	return w.Operations.Edit(t.Context(), operations.Edit{
		Request:     adminRequestWithID(w),
		Ref:         access.KeyRef(wallboard),
		Base:        operations.Texts{Name: "wallboard", Description: "The wallboard in the hall"},
		Name:        "wallboard 2",
		Description: "The wallboard upstairs",
	})
}

func swapKeyRoles(t *testing.T, w *apptest.World) (operations.Outcome, error) {
	return changeKeyRoles(t, w, dialler, []string{"CallHistory"}, []string{"Support"})
}

func changeKeyRoles(t *testing.T, w *apptest.World, id string, grant, revoke []string) (operations.Outcome, error) {
	request := adminRequestWithID(w)
	form, err := w.Operations.RolesForm(t.Context(), request.Operator, w.Account, access.KeyRef(id))
	if err != nil {
		return operations.Outcome{}, err
	}
	c := operations.ChangeRoles{Request: request, Ref: access.KeyRef(id), Base: form.Base, Offered: form.Offered()}
	revoked := roleIDs(form.Catalogue, revoke)
	for _, role := range append(form.Base, roleIDs(form.Catalogue, grant)...) {
		if !slices.Contains(revoked, role) {
			c.Ticked = append(c.Ticked, role)
		}
	}
	return w.Operations.ChangeRoles(t.Context(), c)
}

func deleteKey(t *testing.T, w *apptest.World) (operations.Outcome, error) {
	return deleteKeyByID(t, w, dialler)
}

func deleteKeyByID(t *testing.T, w *apptest.World, id string) (operations.Outcome, error) {
	request := adminRequestWithID(w)
	form, err := w.Operations.DeleteForm(t.Context(), request.Operator, w.Account, access.KeyRef(id))
	if err != nil {
		return operations.Outcome{}, err
	}
	return w.Operations.Delete(t.Context(), operations.Delete{
		Request: request,
		Ref:     access.KeyRef(id),
		Base:    form.Principal.DirectRoleIDs(),
		Confirm: operations.Confirmation(form.Principal),
	})
}
