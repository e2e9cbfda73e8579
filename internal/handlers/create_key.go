package handlers

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/views/keys"
	"github.com/voxwarden/voxwarden/views/page"
)

// keyCreator creates keys.
type keyCreator interface {
	privilegedRolesReader
	operationReader
	newFormReader
	CreateKey(ctx context.Context, c operations.CreateKey) (operations.Outcome, error)
}

// newKey shows the form for a new key. It may begin with the roles of another key (from=), with a deleted key (undo=),
// with a key without its private key, which was lost (again=), or with these roles (grant=).
func (a *App) newKey(s keyCreator, d roleSourceReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		form, err := s.NewForm(r.Context(), stateOf(r).operator, a.Account, access.Key)
		if err != nil {
			return err
		}
		m, err := a.prefillNewKey(r, s, d, form)
		if err != nil {
			return err
		}
		return a.render(w, r, http.StatusOK, keys.NewPage(m))
	}
}

// prefillNewKey fills in the form as the URL asks.
func (a *App) prefillNewKey(
	r *http.Request,
	s operationReader,
	d roleSourceReader,
	form operations.RolesForm,
) (keys.New, error) {
	for _, begin := range []struct {
		param  string
		action audit.Action
	}{{"again", audit.CreateKey}, {"undo", audit.DeleteKey}} {
		intent, reason, err := a.intentFromQuery(r, s, begin.param, begin.action)
		if err != nil {
			return keys.New{}, err
		}
		if intent != nil {
			m := a.newKeyPage(r, form, append(roleRefIDs(intent.Before), roleRefIDs(intent.Grant)...))
			m.Name, m.Description = intent.Name, intent.Description
			m.Frame.Banners = append(m.Frame.Banners, keys.RecreateBanner())
			if begin.param == "again" {
				m.Reason = reason
			}
			return m, nil
		}
	}
	part, ticked, banners, err := a.rolesAsQueried(r, d, form)
	m := a.newKeyPage(r, form, ticked)
	m.Copy.Fill(part)
	m.Frame.Banners = append(m.Frame.Banners, banners...)
	return m, err
}

// newKeyPage returns the form with these roles ticked.
func (a *App) newKeyPage(r *http.Request, f operations.RolesForm, ticked []int64) keys.New {
	return keys.New{
		Frame:               a.kindFrame(r, access.Key, keys.NewHeading),
		OperationID:         f.ID,
		ReasonRequired:      a.RequireReason,
		Copy:                page.RoleCopy{Path: "/keys/new", Kind: access.Key},
		Groups:              roleBoxes(f, ticked),
		RolesDisabledReason: rolesDisabledReason(f),
	}
}

// createKey creates a key and shows its private key once.
func (a *App) createKey(s keyCreator, d roleSourceReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		c, err := a.readCreateKeyForm(r)
		if err != nil {
			return err
		}
		if asked, copying := postedCopy(stateOf(r).form, ""); copying {
			form, err := s.NewForm(r.Context(), c.Operator, a.Account, access.Key)
			if err != nil {
				return err
			}
			return a.copyPosted(w, r, d, form, asked, func(ticked []int64, feedback formFeedback) templ.Component {
				c.Roles = ticked
				return keys.NewPage(a.refilledKeyPage(r, form, c, feedback))
			})
		}
		if stateOf(r).form.text("step") == "code" {
			return a.rerenderKeyForm(w, r, s, c, a.codePreview(c.VendorCalls()))
		}
		if stateOf(r).form.text("step") != "" {
			return errInvalidForm
		}
		out, err := s.CreateKey(r.Context(), c)
		feedback, err := a.feedbackFor(r, out, err)
		switch {
		case err != nil:
			return err
		case feedback.status != 0:
			return a.rerenderKeyForm(w, r, s, c, feedback)
		default:
			return a.renderCredentials(w, r, s, out)
		}
	}
}

// readCreateKeyForm reads the form.
func (a *App) readCreateKeyForm(r *http.Request) (operations.CreateKey, error) {
	f := stateOf(r).form
	c := operations.CreateKey{Request: a.operationRequest(r), Name: f.text("name"), Description: f.text("description")}
	var err error
	if c.Roles, err = f.ids("role"); err != nil {
		return c, err
	}
	c.Offered, err = f.ids("offered")
	return c, err
}

// rerenderKeyForm shows the form again with what was typed.
func (a *App) rerenderKeyForm(
	w http.ResponseWriter,
	r *http.Request,
	s keyCreator,
	c operations.CreateKey,
	feedback formFeedback,
) error {
	form, err := s.NewForm(r.Context(), c.Operator, a.Account, access.Key)
	if err != nil {
		return err
	}
	return a.render(w, r, feedback.status, keys.NewPage(a.refilledKeyPage(r, form, c, feedback)))
}

// refilledKeyPage returns the form with what was typed.
func (a *App) refilledKeyPage(
	r *http.Request,
	form operations.RolesForm,
	c operations.CreateKey,
	feedback formFeedback,
) keys.New {
	m := a.newKeyPage(r, form, c.Roles)
	m.FormFeedback = feedback.FormFeedback
	m.Name = c.Name
	m.Description = c.Description
	m.Reason = c.Reason
	m.Copy.Fill(feedback.roleCopy(r))
	m.Frame.Failed = feedback.status != http.StatusOK
	if feedback.keepID {
		m.OperationID = c.ID
	}
	return m
}

// renderCredentials shows the private key, or that it was lost. No other page contains it.
func (a *App) renderCredentials(w http.ResponseWriter, r *http.Request, s keyCreator, out operations.Outcome) error {
	name := out.Operation.Target.Name
	m := keys.Created{
		Frame:       a.kindFrame(r, access.Key, keys.CreatedHeading(name, page.Result(out.Result))),
		ID:          out.Principal.ID,
		Name:        name,
		Credentials: out.Credentials.Reveal(),
		Snippets:    keys.Snippets(a.APIURL),
		Result:      page.Result(out.Result),
		Confirmed:   out.Confirmed,
		OperationID: out.Operation.ID,
		Unsaved:     out.Unsaved,
	}
	if out.ReadBack {
		catalogue := a.Directory.Catalogue(r.Context(), a.Account)
		m.RolesRead, m.Roles = true, roleAssignments(out.Principal.Roles, catalogue, s.PrivilegedRoles(catalogue))
	} else {
		for _, role := range intendedChange(out.Operation).Grant {
			m.Roles = append(m.Roles, page.RoleAssignment{Name: role})
		}
	}
	return a.render(w, r, http.StatusOK, keys.CreatedPage(m))
}
