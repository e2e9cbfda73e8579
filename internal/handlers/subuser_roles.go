package handlers

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

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
func (a *App) showSubuserRoles(s rolesFormer) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		form, err := s.SubuserRolesForm(r.Context(), visitOf(r).operator, a.Account, id)
		if err != nil {
			return err
		}
		q := r.URL.Query()
		m := a.rolesPage(w, r, form, prefilled(q, form.Base))
		m.Finish = q.Get("finish") == "1"
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

// prefilled applies the change that an address carries to the roles that are held. It is a change and not a list of
// ticks, so that what others did in the meantime is not undone. What makes no sense is left out.
func prefilled(q url.Values, base []int64) []int64 {
	ticked := slices.Clone(base)
	for _, text := range q["grant"] {
		if id, ok := parseID(text); ok {
			ticked = append(ticked, id)
		}
	}
	return slices.DeleteFunc(ticked, func(id int64) bool { return slices.Contains(q["revoke"], strconv.FormatInt(id, 10)) })
}

// prefilledPath is the address of the form with a change to begin with.
func prefilledPath(id int64, grant, revoke []int64, finish bool) string {
	q := url.Values{}
	for _, role := range grant {
		q.Add("grant", strconv.FormatInt(role, 10))
	}
	for _, role := range revoke {
		q.Add("revoke", strconv.FormatInt(role, 10))
	}
	if finish {
		q.Set("finish", "1")
	}
	if len(q) == 0 {
		return subuserRolesPath(id)
	}
	return subuserRolesPath(id) + "?" + q.Encode()
}
