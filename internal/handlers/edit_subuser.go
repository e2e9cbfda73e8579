package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/subusers"
)

// subuserEditor changes what is said of a subuser.
type subuserEditor interface {
	EditSubuserForm(ctx context.Context, o operator.Operator, account, id int64) (operations.SubuserForm, error)
	EditSubuser(ctx context.Context, c operations.EditSubuser) (operations.Outcome, error)
}

// showSubuserEdit shows the form for the description; with undo=, it is filled with what an operation replaced.
func (a *App) showSubuserEdit(s subuserEditor, record operationReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		form, err := s.EditSubuserForm(r.Context(), visitOf(r).operator, a.Account, id)
		if err != nil {
			return err
		}
		m := a.subuserEditPage(w, r, form)
		if was, err := a.replacedBy(r, record, audit.EditSubuser, formatID(id)); err != nil {
			return err
		} else if was != nil {
			m.Description = was.Description
		}
		return a.render(w, r, http.StatusOK, subusers.EditPage(m))
	}
}

// subuserEditPage is the form with what holds now.
func (a *App) subuserEditPage(w http.ResponseWriter, r *http.Request, f operations.SubuserForm) subusers.Edit {
	holder := subuserHolder(f.Subuser)
	return subusers.Edit{
		Frame: a.holderFrame(w, r, holder, subusers.EditHeading(holder.Name)), Principal: holder, OperationID: f.ID,
		Base: f.Subuser.Description, Description: f.Subuser.Description, ReasonRequired: a.RequireReason,
	}
}

// editSubuser changes the description.
func (a *App) editSubuser(s subuserEditor) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		f := visitOf(r).form
		c := operations.EditSubuser{Act: a.act(r), SubuserID: id, Base: f.exact("base"), Description: f.text("description")}
		again := func(why stopped) error {
			form, err := s.EditSubuserForm(r.Context(), c.Operator, a.Account, id)
			if err != nil {
				return err
			}
			m := a.subuserEditPage(w, r, form)
			m.FormFeedback = why.FormFeedback
			m.Description = c.Description
			m.Reason = c.Reason
			m.Frame.Failed = why.status != http.StatusOK
			if why.sameID {
				m.OperationID, m.Base = c.ID, c.Base
			}
			return a.render(w, r, why.status, subusers.EditPage(m))
		}
		if f.text("step") == "code" {
			return again(a.asCode(c.Code()))
		}
		out, err := s.EditSubuser(r.Context(), c)
		why, err := a.stop(r, out, err)
		switch {
		case err != nil:
			return err
		case why.status != 0:
			return again(why)
		default:
			return a.done(w, r, out, subusers.EditedMessage(out.Subuser.Login))
		}
	}
}
