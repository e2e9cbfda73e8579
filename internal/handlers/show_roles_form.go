package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/views/grants"
)

// showRoles shows the form for somebody's roles. The address may carry a change to begin with, by which an operation
// that was left half done is finished, one is undone, or a form that was lost is filled in again.
func (a *App) showRoles(of rolesOf, s operationReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := of.pathID(r)
		if err != nil {
			return err
		}
		change, err := a.changeBegun(r, s, of, id)
		if err != nil {
			return err
		}
		form, err := of.form(r.Context(), visitOf(r).operator, id)
		if err != nil {
			return err
		}
		m := a.rolesPage(w, r, form, change.ticks(form.Base))
		m.FinishesPartial, m.Frame.Banners = change.finish, append(m.Frame.Banners, change.banners()...)
		return a.render(w, r, http.StatusOK, grants.RolesFormPage(m))
	}
}

// rolesPage is the form with these roles ticked.
func (a *App) rolesPage(
	w http.ResponseWriter,
	r *http.Request,
	f operations.RolesForm,
	ticked []int64,
) grants.RolesForm {
	holder := holderOf(f.Subuser, f.Key)
	return grants.RolesForm{
		Frame:               a.holderFrame(w, r, holder, grants.RolesFormHeading(holder.Name)),
		Principal:           holder,
		Description:         f.Subuser.Description + f.Key.Description,
		OperationID:         f.ID,
		Base:                f.Base,
		Groups:              boxes(f, ticked),
		RolesDisabledReason: rolesWhy(f),
		ReasonRequired:      a.RequireReason,
	}
}
