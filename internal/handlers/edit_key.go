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

// keyEditor changes what is said of a key.
type keyEditor interface {
	EditKeyForm(ctx context.Context, o operator.Operator, account int64, id string) (operations.KeyForm, error)
	EditKey(ctx context.Context, c operations.EditKey) (operations.Outcome, error)
}

// showKeyEdit shows the form for name and description; with undo=, it is filled with what an operation replaced.
func (a *App) showKeyEdit(s keyEditor, reader operationReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathKeyID(r)
		if err != nil {
			return err
		}
		form, err := s.EditKeyForm(r.Context(), stateOf(r).operator, a.Account, id)
		if err != nil {
			return err
		}
		m := a.keyEditPage(w, r, form)
		if previous, err := a.textsToRestore(r, reader, audit.EditKey, id); err != nil {
			return err
		} else if previous != nil {
			m.Name, m.Description = previous.Name, previous.Description
		}
		return a.render(w, r, http.StatusOK, keys.EditPage(m))
	}
}

// keyEditPage is the form with what holds now.
func (a *App) keyEditPage(w http.ResponseWriter, r *http.Request, f operations.KeyForm) keys.Edit {
	principal := f.Key.Principal()
	return keys.Edit{
		Frame: a.principalFrame(w, r, principal,
			keys.EditHeading(page.Name(principal)),
		), Principal: page.RefOf(principal), OperationID: f.ID, BaseName: f.Key.Name, BaseDescription: f.Key.Description,
		Name: f.Key.Name, Description: f.Key.Description, ReasonRequired: a.RequireReason,
	}
}

// editKey changes name and description.
func (a *App) editKey(s keyEditor) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathKeyID(r)
		if err != nil {
			return err
		}
		f := stateOf(r).form
		c := operations.EditKey{
			Request: a.operationRequest(
				r,
			), KeyID: id, Base: operations.Texts{Name: f.exact("base_name"), Description: f.exact("base_description")},
			Name: f.text("name"), Description: f.text("description"),
		}
		rerender := func(feedback formFeedback) error {
			form, err := s.EditKeyForm(r.Context(), c.Operator, a.Account, id)
			if err != nil {
				return err
			}
			m := a.keyEditPage(w, r, form)
			m.FormFeedback = feedback.FormFeedback
			m.Name = c.Name
			m.Description = c.Description
			m.Reason = c.Reason
			m.Frame.Failed = feedback.status != http.StatusOK
			if feedback.keepID {
				m.OperationID, m.BaseName, m.BaseDescription = c.ID, c.Base.Name, c.Base.Description
			}
			return a.render(w, r, feedback.status, keys.EditPage(m))
		}
		if f.text("step") == "code" {
			return rerender(a.codePreview(c.VendorCalls()))
		}
		out, err := s.EditKey(r.Context(), c)
		feedback, err := a.feedbackFor(r, out, err)
		switch {
		case err != nil:
			return err
		case feedback.status != 0:
			return rerender(feedback)
		default:
			return a.redirectToResult(w, r, out, keys.EditedMessage(page.Name(out.Key.Principal())))
		}
	}
}
