package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/subusers"
)

// newFormReader returns the form for a new principal.
type newFormReader interface {
	NewForm(ctx context.Context, o operator.Operator, account int64, kind access.Kind) (operations.RolesForm, error)
}

// newSubuser shows the form for a new subuser. It may begin with the roles of another subuser (from=), with a deleted
// subuser (undo=), or with what a re-issue left to do (finish=).
func (a *App) newSubuser(s subuserCreator, d roleSourceReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		form, err := s.NewForm(r.Context(), stateOf(r).operator, a.Account, access.Subuser)
		if err != nil {
			return err
		}
		m, err := a.prefillNewSubuser(r, s, d, form)
		if err != nil {
			return err
		}
		return a.render(w, r, http.StatusOK, subusers.NewPage(m))
	}
}

// prefillNewSubuser fills in the form as the URL asks.
func (a *App) prefillNewSubuser(
	r *http.Request,
	s operationReader,
	d roleSourceReader,
	form operations.RolesForm,
) (subusers.New, error) {
	finish, reason, err := a.intentFromQuery(r, s, "finish", audit.ReissueSubuser)
	if err != nil {
		return subusers.New{}, err
	}
	undo, _, err := a.intentFromQuery(r, s, "undo", audit.DeleteSubuser)
	if err != nil {
		return subusers.New{}, err
	}
	again, againReason, err := a.intentFromQuery(r, s, "again", audit.CreateSubuser)
	if err != nil {
		return subusers.New{}, err
	}
	switch {
	case finish != nil:
		m := a.newSubuserPage(r, form, roleRefIDs(finish.Before))
		m.Login = finish.Login
		m.Description = finish.Description
		m.Reason = reason
		m.LoginFixed = true
		m.FinishOperationID = r.URL.Query().Get("finish")
		m.Frame.Heading = subusers.FinishHeading(finish.Login)
		return m, nil
	case undo != nil:
		m := a.newSubuserPage(r, form, roleRefIDs(undo.Before))
		m.Login, m.Description = undo.Login, undo.Description
		m.Frame.Banners = append(m.Frame.Banners, subusers.RecreateBanner(undo.Login))
		return m, nil
	case again != nil:
		m := a.newSubuserPage(r, form, roleRefIDs(again.Grant))
		m.Login, m.Description, m.Reason = again.Login, again.Description, againReason
		return m, nil
	}
	part, ticked, banners, err := a.rolesAsQueried(r, d, form)
	m := a.newSubuserPage(r, form, ticked)
	m.Login = r.URL.Query().Get("login")
	m.Copy.Fill(part)
	m.Frame.Banners = append(m.Frame.Banners, banners...)
	return m, err
}

// newSubuserPage returns the form with these roles ticked.
func (a *App) newSubuserPage(r *http.Request, f operations.RolesForm, ticked []int64) subusers.New {
	return subusers.New{
		Frame:               a.kindFrame(r, access.Subuser, subusers.NewHeading),
		OperationID:         f.ID,
		ReasonRequired:      a.RequireReason,
		Copy:                page.RoleCopy{Path: "/subusers/new", Kind: access.Subuser},
		Groups:              roleBoxes(f, ticked),
		RolesDisabledReason: rolesDisabledReason(f),
	}
}
