package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/subusers"
)

// subuserEditor changes what is said of a subuser.
type subuserEditor interface {
	EditSubuserForm(ctx context.Context, o operator.Operator, account, id int64) (operations.SubuserForm, error)
	EditSubuser(ctx context.Context, c operations.EditSubuser) (operations.Outcome, error)
}

// showSubuserEdit shows the form for the description; with undo=, it is filled with what an operation replaced.
func (a *App) showSubuserEdit(s subuserEditor, reader operationReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		form, err := s.EditSubuserForm(r.Context(), stateOf(r).operator, a.Account, id)
		if err != nil {
			return err
		}
		m := a.subuserEditPage(w, r, form)
		if previous, err := a.textsToRestore(r, reader, audit.EditSubuser, formatID(id)); err != nil {
			return err
		} else if previous != nil {
			m.Description = previous.Description
		}
		return a.render(w, r, http.StatusOK, subusers.EditPage(m))
	}
}

// subuserEditPage is the form with what holds now.
func (a *App) subuserEditPage(w http.ResponseWriter, r *http.Request, f operations.SubuserForm) subusers.Edit {
	principal := f.Subuser.Principal()
	return subusers.Edit{
		Frame:          a.principalFrame(w, r, principal, subusers.EditHeading(principal.Name)),
		Principal:      page.RefOf(principal),
		OperationID:    f.ID,
		Base:           f.Subuser.Description,
		Description:    f.Subuser.Description,
		ReasonRequired: a.RequireReason,
	}
}

// editSubuser changes the description.
func (a *App) editSubuser(s subuserEditor) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		f := stateOf(r).form
		c := operations.EditSubuser{
			Request:     a.operationRequest(r),
			SubuserID:   id,
			Base:        f.exact("base"),
			Description: f.text("description"),
		}
		rerender := func(feedback formFeedback) error {
			form, err := s.EditSubuserForm(r.Context(), c.Operator, a.Account, id)
			if err != nil {
				return err
			}
			m := a.subuserEditPage(w, r, form)
			m.FormFeedback = feedback.FormFeedback
			m.Description = c.Description
			m.Reason = c.Reason
			m.Frame.Failed = feedback.status != http.StatusOK
			if feedback.keepID {
				m.OperationID, m.Base = c.ID, c.Base
			}
			return a.render(w, r, feedback.status, subusers.EditPage(m))
		}
		if f.text("step") == "code" {
			return rerender(a.codePreview(c.VendorCalls()))
		}
		out, err := s.EditSubuser(r.Context(), c)
		feedback, err := a.feedbackFor(r, out, err)
		switch {
		case err != nil:
			return err
		case feedback.status != 0:
			return rerender(feedback)
		default:
			return a.redirectToResult(w, r, out, subusers.EditedMessage(out.Subuser.Login))
		}
	}
}
