package handlers

import (
	"context"
	"errors"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/subusers"
)

// subuserCreator makes subusers.
type subuserCreator interface {
	newFormReader
	privilegedRolesReader
	operationReader
	CreateSubuser(ctx context.Context, c operations.CreateSubuser) (operations.Outcome, error)
}

// createSubuser lets a colleague in. What stops it before anything is sent shows the form again, with all that was
// typed but the password.
func (a *App) createSubuser(s subuserCreator, d principalFinder) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		c, err := a.readCreateSubuserForm(r)
		if err != nil {
			return err
		}
		switch f := stateOf(r).form; {
		case f.text("step") == "copy", f.text("step") == "" && needsRoleCopy(f):
			return a.copyRoles(w, r, s, d, c)
		case f.text("step") == "code":
			return a.rerenderSubuserForm(
				w,
				r,
				s,
				c,
				http.StatusOK,
				func(m *subusers.New) { m.OperationID, m.Code = c.ID, a.curlCommands(c.VendorCalls()) },
			)
		}
		out, err := s.CreateSubuser(r.Context(), c)
		if err != nil {
			return a.handleCreateError(w, r, s, c, err)
		}
		switch {
		case !out.Password.Empty():
			return a.renderNewPassword(w, r, s, out)
		case out.Result == audit.Refused:
			return a.rerenderSubuserForm(w, r, s, c, http.StatusUnprocessableEntity, func(m *subusers.New) {
				m.Vendor, m.Advice = vendorQuote(out.Call.Method, out.Call.Code, out.Call.VendorMessage), out.Advice
			})
		case out.Result == audit.NotSent:
			status, text := notSentMessage(out)
			return a.rerenderSubuserForm(w, r, s, c, status, func(m *subusers.New) { m.NotSent = text })
		default:
			return a.redirectToResult(w, r, out, subusers.CreatedMessage(out.Principal.Name))
		}
	}
}

// needsRoleCopy says whether somebody is named whose roles were not copied yet. Nobody names them to create a subuser
// without these roles, so the roles are shown ticked first.
func needsRoleCopy(f form) bool {
	from := f.text("copy_from")
	return from != "" && from != f.text("copied_from")
}

// readCreateSubuserForm reads the form.
func (a *App) readCreateSubuserForm(r *http.Request) (operations.CreateSubuser, error) {
	f := stateOf(r).form
	c := operations.CreateSubuser{
		Request: a.operationRequest(
			r,
		), Login: f.text("login"), Password: config.NewSecret(f.exact("password")), Description: f.text("description"),
		Finishes: f.text("finish"),
	}
	var err error
	if c.Roles, err = f.ids("role"); err != nil {
		return c, err
	}
	c.Offered, err = f.ids("offered")
	return c, err
}

// handleCreateError answers a create that was stopped before anything was sent.
func (a *App) handleCreateError(
	w http.ResponseWriter,
	r *http.Request,
	s subuserCreator,
	c operations.CreateSubuser,
	err error,
) error {
	if invalid, ok := errors.AsType[*operations.Invalid](err); ok {
		return a.rerenderSubuserForm(w, r, s, c, http.StatusUnprocessableEntity, func(m *subusers.New) {
			m.OperationID, m.Errors = c.ID, fieldErrors(invalid.Fields)
		})
	}
	if busy, ok := errors.AsType[*operations.Busy](err); ok {
		return a.rerenderSubuserForm(w, r, s, c, http.StatusConflict, func(m *subusers.New) {
			first := a.operationView(c.Operator, busy.Operation)
			m.Busy = &first
		})
	}
	if errors.Is(err, operations.ErrAuditLogUnavailable) {
		stateOf(r).failure = err
		return a.rerenderSubuserForm(
			w,
			r,
			s,
			c,
			http.StatusServiceUnavailable,
			func(m *subusers.New) { m.NotSent = page.AuditLogUnavailable },
		)
	}
	return err
}

// rerenderSubuserForm shows the form again with what was typed. Its operation id is a new one unless change puts the
// old one back: an id that was written to the record cannot be used twice.
func (a *App) rerenderSubuserForm(
	w http.ResponseWriter,
	r *http.Request,
	s newFormReader,
	c operations.CreateSubuser,
	status int,
	update func(*subusers.New),
) error {
	form, err := s.NewForm(r.Context(), c.Operator, a.Account, access.Subuser)
	if err != nil {
		return err
	}
	m := a.newSubuserPage(w, r, form, c.Roles)
	m.Login, m.Description, m.Reason = c.Login, c.Description, c.Reason
	m.LoginFixed, m.FinishOperationID, m.CopyFrom = c.Finishes != "", c.Finishes, stateOf(r).form.text("copy_from")
	m.CopiedFrom = stateOf(r).form.text("copied_from")
	m.PasswordDropped = !c.Password.Empty()
	m.Frame.Failed = status != http.StatusOK
	update(&m)
	return a.render(w, r, status, subusers.NewPage(m))
}

// renderNewPassword shows a generated password, once. It is on this page and nowhere else, also when nobody knows yet
// whether the subuser exists: if they do, this is their password.
func (a *App) renderNewPassword(
	w http.ResponseWriter,
	r *http.Request,
	s subuserCreator,
	out operations.Outcome,
) error {
	m := a.newPasswordPage(w, r, out, subusers.OriginCreate)
	a.addRoles(r, s, &m, out)
	return a.render(w, r, http.StatusOK, subusers.CreatedPage(m))
}

// newPasswordPage is the page that shows a password.
func (a *App) newPasswordPage(
	w http.ResponseWriter,
	r *http.Request,
	out operations.Outcome,
	origin subusers.PasswordOrigin,
) subusers.Created {
	heading := subusers.CreatedHeading(origin, out.Principal.Name, page.Result(out.Result))
	return subusers.Created{
		Frame:       a.kindFrame(w, r, access.Subuser, heading),
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

// addRoles adds the roles to such a page: as read, or as they were asked for.
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
