package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/keys"
)

// keyEditor changes what is said of a key.
type keyEditor interface {
	EditKeyForm(ctx context.Context, o operator.Operator, account int64, id string) (operations.KeyForm, error)
	EditKey(ctx context.Context, c operations.EditKey) (operations.Outcome, error)
}

// showKeyEdit shows the form for name and description; with undo=, it is filled with what an operation replaced.
func (a *App) showKeyEdit(s keyEditor, record operationReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := keyInPath(r)
		if err != nil {
			return err
		}
		form, err := s.EditKeyForm(r.Context(), visitOf(r).operator, a.Account, id)
		if err != nil {
			return err
		}
		m := a.keyEditPage(w, r, form)
		if was, err := a.replacedBy(r, record, audit.EditKey, id); err != nil {
			return err
		} else if was != nil {
			m.Name, m.Description = was.Name, was.Description
		}
		return a.render(w, r, http.StatusOK, keys.EditPage(m))
	}
}

// keyEditPage is the form with what holds now.
func (a *App) keyEditPage(w http.ResponseWriter, r *http.Request, f operations.KeyForm) keys.Edit {
	holder := keyHolder(f.Key)
	return keys.Edit{
		Frame: a.holderFrame(
			w,
			r,
			holder,
			keys.EditHeading(holder.Name),
		), Principal: holder, OperationID: f.ID, BaseName: f.Key.Name, BaseDescription: f.Key.Description,
		Name: f.Key.Name, Description: f.Key.Description, ReasonRequired: a.RequireReason,
	}
}

// editKey changes name and description.
func (a *App) editKey(s keyEditor) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := keyInPath(r)
		if err != nil {
			return err
		}
		f := visitOf(r).form
		c := operations.EditKey{
			Act: a.act(
				r,
			), KeyID: id, Base: operations.Texts{Name: f.exact("base_name"), Description: f.exact("base_description")},
			Name: f.text("name"), Description: f.text("description"),
		}
		again := func(why stopped) error {
			form, err := s.EditKeyForm(r.Context(), c.Operator, a.Account, id)
			if err != nil {
				return err
			}
			m := a.keyEditPage(w, r, form)
			m.FormFeedback = why.FormFeedback
			m.Name = c.Name
			m.Description = c.Description
			m.Reason = c.Reason
			m.Frame.Failed = why.status != http.StatusOK
			if why.sameID {
				m.OperationID, m.BaseName, m.BaseDescription = c.ID, c.Base.Name, c.Base.Description
			}
			return a.render(w, r, why.status, keys.EditPage(m))
		}
		if f.text("step") == "code" {
			return again(a.asCode(c.Code()))
		}
		out, err := s.EditKey(r.Context(), c)
		why, err := a.stop(r, out, err)
		switch {
		case err != nil:
			return err
		case why.status != 0:
			return again(why)
		default:
			return a.done(w, r, out, keys.EditedMessage(keyName(out.Key)))
		}
	}
}
