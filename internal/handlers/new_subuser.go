package handlers

import (
	"context"
	"net/http"
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/subusers"
	"github.com/voxwarden/voxwarden/views/ui"
)

// newFormReader returns the form for a new principal.
type newFormReader interface {
	NewForm(ctx context.Context, o operator.Operator, account int64, kind access.Kind) (operations.RolesForm, error)
}

// newSubuser shows the form for a new subuser. It may begin with the roles of another subuser (from=), with a deleted
// subuser (undo=), or with what a re-issue left to do (finish=).
func (a *App) newSubuser(s subuserCreator, d principalFinder) handler {
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
	d principalFinder,
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
	from, notCopied := access.ParseRef(access.Subuser, r.URL.Query().Get("from"))
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
	case notCopied == nil:
		source, err := d.ByID(r.Context(), a.Account, from)
		if err != nil {
			return subusers.New{}, err
		}
		m := a.newSubuserPage(r, form, source.DirectRoleIDs())
		m.CopyFrom = source.Name
		m.CopiedFrom = source.Name
		m.CopiedMessage = copiedRolesText(form, source.Name, source.DirectRoleIDs())
		return m, nil
	default:
		b := initialChange{Difference: access.Difference{Grant: parseIDs(r.URL.Query()["grant"])}}
		m := a.newSubuserPage(r, form, b.Grant)
		m.Login = r.URL.Query().Get("login")
		m.Frame.Banners = append(m.Frame.Banners, b.banners(nil)...)
		return m, nil
	}
}

// newSubuserPage returns the form with these roles ticked.
func (a *App) newSubuserPage(r *http.Request, f operations.RolesForm, ticked []int64) subusers.New {
	return subusers.New{
		Frame:               a.kindFrame(r, access.Subuser, subusers.NewHeading),
		OperationID:         f.ID,
		ReasonRequired:      a.RequireReason,
		Groups:              roleBoxes(f, ticked),
		RolesDisabledReason: rolesDisabledReason(f),
	}
}

// copyRoles shows the form again with the roles of another subuser ticked.
func (a *App) copyRoles(
	w http.ResponseWriter,
	r *http.Request,
	s newFormReader,
	d principalFinder,
	c operations.CreateSubuser,
) error {
	login := stateOf(r).form.text("copy_from")
	problem := func(text string) error {
		return a.rerenderSubuserForm(w, r, s, c, formFeedback{
			FormFeedback: page.FormFeedback{Errors: []ui.FieldError{{Field: "copy_from", Text: text}}},
			status:       http.StatusUnprocessableEntity,
			keepID:       true,
		})
	}
	if login == "" {
		return problem(subusers.CopyFromRequired)
	}
	ref, notFound, err := a.subuserByLogin(r.Context(), d, login)
	if err != nil {
		return err
	}
	if notFound != "" {
		return problem(notFound)
	}
	source, err := d.ByID(r.Context(), a.Account, ref)
	if err != nil {
		return err
	}
	form, err := s.NewForm(r.Context(), c.Operator, a.Account, access.Subuser)
	if err != nil {
		return err
	}
	c.Roles = source.DirectRoleIDs()
	m := a.refilledSubuserPage(r, form, c, formFeedback{status: http.StatusOK, keepID: true})
	m.CopiedFrom, m.CopiedMessage = login, copiedRolesText(form, source.Name, c.Roles)
	return a.render(w, r, http.StatusOK, subusers.NewPage(m))
}

// copiedRolesText returns which roles were ticked, and which could not be.
func copiedRolesText(form operations.RolesForm, login string, roles []int64) string {
	offered := form.Offered()
	var skipped []int64
	for _, id := range roles {
		if !slices.Contains(offered, id) {
			skipped = append(skipped, id)
		}
	}
	return page.CopiedRolesText(login, len(roles), form.Catalogue.Names(skipped))
}
