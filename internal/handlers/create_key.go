package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/keys"
	"github.com/voxwarden/voxwarden/views/page"
)

// keyCreator makes keys.
type keyCreator interface {
	privilegedTeller
	operationReader
	NewKeyForm(ctx context.Context, o operator.Operator, account int64) (operations.RolesForm, error)
	CreateKey(ctx context.Context, c operations.CreateKey) (operations.Outcome, error)
}

// newKey shows the form for a new key. It may begin with the roles of another (from=), or with what a key had that was
// deleted (undo=) or whose private key was lost (again=).
func (a *App) newKey(s keyCreator, d keyShower) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		form, err := s.NewKeyForm(r.Context(), visitOf(r).operator, a.Account)
		if err != nil {
			return err
		}
		m, err := a.newKeyBegun(w, r, s, d, form)
		if err != nil {
			return err
		}
		return a.render(w, r, http.StatusOK, keys.NewPage(m))
	}
}

// newKeyBegun fills the form as the address asks for it.
func (a *App) newKeyBegun(
	w http.ResponseWriter,
	r *http.Request,
	s operationReader,
	d keyShower,
	form operations.RolesForm,
) (keys.New, error) {
	for _, begin := range []struct {
		param  string
		action audit.Action
	}{{"again", audit.CreateKey}, {"undo", audit.DeleteKey}} {
		intent, err := a.remembered(r, s, begin.param, begin.action)
		if err != nil {
			return keys.New{}, err
		}
		if intent != nil {
			m := a.newKeyPage(w, r, form, append(refIDs(intent.Before), refIDs(intent.Grant)...))
			m.Name, m.Description = intent.Name, intent.Description
			m.CopiedMessage = keys.RecreateNote
			return m, nil
		}
	}
	from := r.URL.Query().Get("from")
	if !isKeyID(from) {
		return a.newKeyPage(w, r, form, nil), nil
	}
	other, err := d.KeyByID(r.Context(), a.Account, from)
	if err != nil {
		return keys.New{}, err
	}
	m := a.newKeyPage(w, r, form, other.DirectRoleIDs())
	m.CopiedMessage = copied(form, keyName(other), other.DirectRoleIDs())
	return m, nil
}

// newKeyPage is the form with these roles ticked.
func (a *App) newKeyPage(w http.ResponseWriter, r *http.Request, f operations.RolesForm, ticked []int64) keys.New {
	return keys.New{
		Frame: a.keyFrame(
			w,
			r,
			keys.NewHeading,
		), OperationID: f.ID, ReasonRequired: a.RequireReason, Groups: boxes(f, ticked), RolesDisabledReason: rolesWhy(f),
	}
}

// createKey makes a key and shows its private key, once.
func (a *App) createKey(s keyCreator) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		c, err := a.createKeyForm(r)
		if err != nil {
			return err
		}
		if visitOf(r).form.text("step") == "code" {
			return a.createKeyAgain(w, r, s, c, a.asCode(c.Code()))
		}
		out, err := s.CreateKey(r.Context(), c)
		why, err := a.stop(r, out, err)
		switch {
		case err != nil:
			return err
		case why.status != 0:
			return a.createKeyAgain(w, r, s, c, why)
		default:
			return a.handKeyOver(w, r, s, out)
		}
	}
}

// createKeyForm reads the form.
func (a *App) createKeyForm(r *http.Request) (operations.CreateKey, error) {
	f := visitOf(r).form
	c := operations.CreateKey{Act: a.act(r), Name: f.text("name"), Description: f.text("description")}
	var err error
	if c.Roles, err = f.ids("role"); err != nil {
		return c, err
	}
	c.Offered, err = f.ids("offered")
	return c, err
}

// createKeyAgain shows the form again with what was typed.
func (a *App) createKeyAgain(
	w http.ResponseWriter,
	r *http.Request,
	s keyCreator,
	c operations.CreateKey,
	why stopped,
) error {
	form, err := s.NewKeyForm(r.Context(), c.Operator, a.Account)
	if err != nil {
		return err
	}
	m := a.newKeyPage(w, r, form, c.Roles)
	m.FormFeedback = why.FormFeedback
	m.Name = c.Name
	m.Description = c.Description
	m.Reason = c.Reason
	m.Frame.Failed = why.status != http.StatusOK
	if why.sameID {
		m.OperationID = c.ID
	}
	return a.render(w, r, why.status, keys.NewPage(m))
}

// handKeyOver shows the private key, or says that it is lost. It is on this page and nowhere else.
func (a *App) handKeyOver(w http.ResponseWriter, r *http.Request, s keyCreator, out operations.Outcome) error {
	name := out.Operation.Target.Name
	m := keys.Created{
		Frame: a.keyFrame(
			w,
			r,
			keys.CreatedHeading(name, page.Result(out.Result)),
		), ID: out.Key.ID, Name: name, Credentials: out.Credentials.Reveal(), Snippets: keys.Snippets(a.APIURL),
		Result: page.Result(out.Result), Confirmed: out.Confirmed, OperationID: out.Operation.ID, Unsaved: out.Unsaved,
	}
	if out.Read {
		catalogue := a.Directory.Catalogue(r.Context(), a.Account)
		m.RolesRead, m.Roles = true, heldRoles(out.Key.Roles, catalogue, s.PrivilegedRoles(catalogue))
	} else {
		for _, role := range changeOf(out.Operation).Grant {
			m.Roles = append(m.Roles, page.RoleAssignment{Name: role})
		}
	}
	return a.render(w, r, http.StatusOK, keys.CreatedPage(m))
}
