package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/subusers"
	"github.com/voxwarden/voxwarden/views/ui"
)

// rolesFormer draws the form for a subuser's roles.
type rolesFormer interface {
	SubuserRolesForm(ctx context.Context, o operator.Operator, account, id int64) (operations.RolesForm, error)
}

// showSubuserRoles shows the form for a subuser's roles. The address may carry a change to begin with, by which an
// operation that was left half done is finished, or a form that was lost is filled in again.
func (a *App) showSubuserRoles(s rolesFinisher) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		change, err := a.changeBegun(r, s, id)
		if err != nil {
			return err
		}
		form, err := s.SubuserRolesForm(r.Context(), visitOf(r).operator, a.Account, id)
		if err != nil {
			return err
		}
		m := a.rolesPage(w, r, form, change.ticks(form.Base))
		m.Finish, m.Frame.Banners = change.finish, change.banners()
		return a.render(w, r, http.StatusOK, subusers.RolesFormPage(m))
	}
}

// rolesPage is the form with these roles ticked.
func (a *App) rolesPage(w http.ResponseWriter, r *http.Request, f operations.RolesForm, ticked []int64) subusers.RolesForm {
	return subusers.RolesForm{
		Frame:          a.rolesFrame(w, r, f.Subuser.ID, f.Subuser.Login, "Roles of "+f.Subuser.Login),
		ID:             f.Subuser.ID,
		Login:          f.Subuser.Login,
		Description:    f.Subuser.Description,
		OperationID:    f.ID,
		Base:           f.Base,
		Groups:         boxes(f, ticked),
		RolesWhy:       rolesWhy(f),
		ReasonRequired: a.RequireReason,
	}
}

// rolesFrame is the frame of a page on the way to a change of roles.
func (a *App) rolesFrame(w http.ResponseWriter, r *http.Request, id int64, login, heading string) page.Frame {
	f := a.subuserFrame(w, r, heading)
	f.Crumbs = append(f.Crumbs, ui.Link{Text: login, Href: subuserPath(id)})
	return f
}
