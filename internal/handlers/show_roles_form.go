package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/principals"
)

// showRolesForm shows the form for somebody's roles. The address may carry a change to begin with, by which an
// operation that was left half done is finished, one is undone, or a form that was lost is filled in again.
func (a *App) showRolesForm(kind principalKind, s operationReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ref, err := pathRef(r, kind.kind)
		if err != nil {
			return err
		}
		id := ref.ID
		change, err := a.readInitialChange(r, s, kind, id)
		if err != nil {
			return err
		}
		form, err := kind.form(r.Context(), stateOf(r).operator, id)
		if err != nil {
			return err
		}
		m := a.rolesPage(w, r, form, change.tickedRoles(form.Base))
		m.FinishesPartial, m.Frame.Banners = change.finish, append(m.Frame.Banners, change.banners()...)
		return a.render(w, r, http.StatusOK, principals.RolesFormPage(m))
	}
}

// rolesPage is the form with these roles ticked.
func (a *App) rolesPage(
	w http.ResponseWriter,
	r *http.Request,
	f operations.RolesForm,
	ticked []int64,
) principals.RolesForm {
	principal := principalOf(f.Subuser, f.Key)
	return principals.RolesForm{
		Frame:               a.principalFrame(w, r, principal, principals.RolesFormHeading(page.Name(principal))),
		Principal:           page.RefOf(principal),
		Description:         f.Subuser.Description + f.Key.Description,
		OperationID:         f.ID,
		Base:                f.Base,
		Groups:              roleBoxes(f, ticked),
		RolesDisabledReason: rolesDisabledReason(f),
		ReasonRequired:      a.RequireReason,
	}
}
