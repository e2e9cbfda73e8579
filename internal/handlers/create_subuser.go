package handlers

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/subusers"
)

// subuserCreator creates subusers.
type subuserCreator interface {
	newFormReader
	privilegedRolesReader
	operationReader
	CreateSubuser(ctx context.Context, c operations.CreateSubuser) (operations.Outcome, error)
}

// createSubuser creates a subuser. An error before anything was sent shows the form again, with everything typed except
// the password.
func (a *App) createSubuser(s subuserCreator, d roleSourceReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		c, err := a.readCreateSubuserForm(r)
		if err != nil {
			return err
		}
		f := stateOf(r).form
		if asked, copying := postedCopy(f, ""); copying {
			form, err := s.NewForm(r.Context(), c.Operator, a.Account, access.Subuser)
			if err != nil {
				return err
			}
			return a.copyPosted(w, r, d, form, asked, func(ticked []int64, feedback formFeedback) templ.Component {
				c.Roles = ticked
				return subusers.NewPage(a.refilledSubuserPage(r, form, c, feedback))
			})
		}
		if f.text("step") == "code" {
			return a.rerenderSubuserForm(w, r, s, c, a.codePreview(c.VendorCalls()))
		}
		if f.text("step") != "" {
			return errInvalidForm
		}
		out, err := s.CreateSubuser(r.Context(), c)
		feedback, err := a.feedbackFor(r, out, err)
		switch {
		case err != nil:
			return err
		case feedback.status != 0:
			return a.rerenderSubuserForm(w, r, s, c, feedback)
		case !out.Password.Empty():
			return a.renderNewPassword(w, r, s, out)
		default:
			return a.redirectToResult(w, r, out, subusers.CreatedMessage(out.Principal.Name))
		}
	}
}

// readCreateSubuserForm reads the form.
func (a *App) readCreateSubuserForm(r *http.Request) (operations.CreateSubuser, error) {
	f := stateOf(r).form
	c := operations.CreateSubuser{
		Request:     a.operationRequest(r),
		Login:       f.text("login"),
		Password:    config.NewSecret(f.exact("password")),
		Description: f.text("description"),
		Finishes:    f.text("finish"),
	}
	var err error
	if c.Roles, err = f.ids("role"); err != nil {
		return c, err
	}
	c.Offered, err = f.ids("offered")
	return c, err
}

// rerenderSubuserForm shows the form again with what was typed.
func (a *App) rerenderSubuserForm(
	w http.ResponseWriter,
	r *http.Request,
	s newFormReader,
	c operations.CreateSubuser,
	feedback formFeedback,
) error {
	form, err := s.NewForm(r.Context(), c.Operator, a.Account, access.Subuser)
	if err != nil {
		return err
	}
	return a.render(w, r, feedback.status, subusers.NewPage(a.refilledSubuserPage(r, form, c, feedback)))
}

// refilledSubuserPage returns the form with what was typed. It has a new operation id unless the feedback keeps the old
// one: an id in the audit log cannot be used twice.
func (a *App) refilledSubuserPage(
	r *http.Request,
	form operations.RolesForm,
	c operations.CreateSubuser,
	feedback formFeedback,
) subusers.New {
	m := a.newSubuserPage(r, form, c.Roles)
	m.FormFeedback = feedback.FormFeedback
	m.Login, m.Description, m.Reason = c.Login, c.Description, c.Reason
	m.LoginFixed, m.FinishOperationID = c.Finishes != "", c.Finishes
	m.Copy.Fill(feedback.roleCopy(r))
	m.PasswordDropped = !c.Password.Empty()
	m.Frame.Failed = feedback.status != http.StatusOK
	if feedback.keepID {
		m.OperationID = c.ID
	}
	return m
}

// renderNewPassword shows a generated password once. No other page contains it. It is shown also while the outcome is
// unknown: if the subuser exists, this is its password.
func (a *App) renderNewPassword(
	w http.ResponseWriter,
	r *http.Request,
	s subuserCreator,
	out operations.Outcome,
) error {
	m := a.newPasswordPage(r, out, subusers.OriginCreate)
	a.addRoles(r, s, &m, out)
	return a.render(w, r, http.StatusOK, subusers.CreatedPage(m))
}

// newPasswordPage returns the page that shows a password.
func (a *App) newPasswordPage(
	r *http.Request,
	out operations.Outcome,
	origin subusers.PasswordOrigin,
) subusers.Created {
	heading := subusers.CreatedHeading(origin, out.Principal.Name, page.Result(out.Result))
	return subusers.Created{
		Frame:       a.kindFrame(r, access.Subuser, heading),
		Origin:      origin,
		ID:          out.Principal.SubuserID(),
		Login:       out.Principal.Name,
		Password:    out.Password.Reveal(),
		PanelURL:    a.PanelLoginURL,
		Result:      page.Result(out.Result),
		Confirmed:   out.Confirmed,
		OperationID: out.Operation.ID,
		Unsaved:     out.Unsaved,
	}
}

// addRoles adds the roles to that page: as read back, otherwise as asked for.
func (a *App) addRoles(r *http.Request, p privilegedRolesReader, m *subusers.Created, out operations.Outcome) {
	if out.ReadBack {
		catalogue := a.Directory.Catalogue(r.Context(), a.Account)
		m.RolesRead, m.Roles = true, roleAssignments(out.Principal.Roles, catalogue, p.PrivilegedRoles(catalogue))
		return
	}
	intent, err := operations.ReadIntent(out.Operation)
	if err != nil {
		return
	}
	for _, name := range roleRefNames(intent.Grant) {
		m.Roles = append(m.Roles, page.RoleAssignment{Name: name})
	}
}
