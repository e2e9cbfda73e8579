package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/principals"
)

// principalEditor changes the name and the description of principals.
type principalEditor interface {
	operationReader
	EditForm(ctx context.Context, o operator.Operator, account int64, ref access.Ref) (operations.Form, error)
	Edit(ctx context.Context, c operations.Edit) (operations.Outcome, error)
}

// showEdit shows the form for name and description. With undo= it contains the texts that an operation replaced.
func (a *App) showEdit(kind access.Kind, s principalEditor) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ref, err := pathRef(r, kind)
		if err != nil {
			return err
		}
		form, err := s.EditForm(r.Context(), stateOf(r).operator, a.Account, ref)
		if err != nil {
			return err
		}
		m := a.editPage(r, form)
		texts, reason, err := a.textsFromQuery(r, s, ref)
		if err != nil {
			return err
		}
		if texts != nil {
			m.Name, m.Description, m.Reason = texts.Name, texts.Description, reason
		}
		return a.render(w, r, http.StatusOK, principals.EditPage(m))
	}
}

// editPage returns the form with the current texts.
func (a *App) editPage(r *http.Request, f operations.Form) principals.Edit {
	p := f.Principal
	return principals.Edit{
		Frame:           a.principalFrame(r, p, principals.EditHeading(page.Name(p))),
		Principal:       p,
		OperationID:     f.ID,
		NameFixed:       !describe(p.Kind, operations.VerbEdit).SetsName,
		BaseName:        p.Name,
		BaseDescription: p.Description,
		Name:            p.Name,
		Description:     p.Description,
		ReasonRequired:  a.RequireReason,
	}
}

// edit changes name and description.
func (a *App) edit(kind access.Kind, s principalEditor) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ref, err := pathRef(r, kind)
		if err != nil {
			return err
		}
		f := stateOf(r).form
		c := operations.Edit{
			Request:     a.operationRequest(r),
			Ref:         ref,
			Base:        operations.Texts{Name: f.exact("base_name"), Description: f.exact("base_description")},
			Name:        f.text("name"),
			Description: f.text("description"),
		}
		rerender := func(feedback formFeedback) error {
			form, err := s.EditForm(r.Context(), c.Operator, a.Account, ref)
			if err != nil {
				return err
			}
			m := a.editPage(r, form)
			m.FormFeedback = feedback.FormFeedback
			m.Name, m.Description, m.Reason = c.Name, c.Description, c.Reason
			m.Frame.Failed = feedback.status != http.StatusOK
			if feedback.keepID {
				m.OperationID, m.BaseName, m.BaseDescription = c.ID, c.Base.Name, c.Base.Description
			}
			return a.render(w, r, feedback.status, principals.EditPage(m))
		}
		if f.text("step") == "code" {
			return rerender(a.codePreview(c.VendorCalls()))
		}
		out, err := s.Edit(r.Context(), c)
		feedback, err := a.feedbackFor(r, out, err)
		switch {
		case err != nil:
			return err
		case feedback.status != 0:
			return rerender(feedback)
		default:
			return a.redirectToResult(w, r, out, page.EditedMessage(kind, page.Name(out.Principal)))
		}
	}
}
