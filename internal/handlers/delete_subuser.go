package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/subusers"
)

// subuserDeleter takes subusers out of the account.
type subuserDeleter interface {
	privilegedRolesReader
	DeleteSubuserForm(ctx context.Context, o operator.Operator, account, id int64) (operations.SubuserForm, error)
	DeleteSubuser(ctx context.Context, c operations.DeleteSubuser) (operations.Outcome, error)
}

// showSubuserDelete shows what goes with a subuser, and asks for the last word.
func (a *App) showSubuserDelete(s subuserDeleter) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		form, err := s.DeleteSubuserForm(r.Context(), stateOf(r).operator, a.Account, id)
		if err != nil {
			return err
		}
		return a.render(w, r, http.StatusOK, subusers.DeletePage(a.subuserDeletePage(w, r, s, form)))
	}
}

func (a *App) subuserDeletePage(
	w http.ResponseWriter,
	r *http.Request,
	s privilegedRolesReader,
	f operations.SubuserForm,
) subusers.DeletionForm {
	m := a.deletionPage(w, r, s, f, subusers.DeleteHeading(f.Subuser.Login))
	m.Code = a.curlCommands(operations.DeleteSubuser{SubuserID: f.Subuser.ID}.VendorCalls())
	return m
}

// deleteSubuser deletes the subuser.
func (a *App) deleteSubuser(s subuserDeleter) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		f := stateOf(r).form
		c := operations.DeleteSubuser{
			Request:   a.operationRequest(r),
			SubuserID: id,
			Confirm:   f.text("confirm"),
			Warned:    shownWarnings(f),
		}
		if c.Base, err = f.ids("base"); err != nil {
			return err
		}
		out, err := s.DeleteSubuser(r.Context(), c)
		feedback, err := a.feedbackFor(r, out, err)
		switch {
		case err != nil:
			return err
		case feedback.status != 0:
			form, err := s.DeleteSubuserForm(r.Context(), c.Operator, a.Account, id)
			if err != nil {
				return a.redirectToOutcome(w, r, out, err)
			}
			m := refillDeletionPage(a.subuserDeletePage(w, r, s, form), feedback, c.Request, c.Confirm)
			return a.render(w, r, feedback.status, subusers.DeletePage(m))
		case out.Result == audit.Applied && len(out.RemainingKeys) == 0:
			return a.redirectToResult(w, r, out, subusers.DeletedMessage(out.Operation.Target.Name))
		default:
			return a.renderDeletionResult(w, r, out)
		}
	}
}

// redirectToOutcome leads to the operation when the form cannot be drawn again, but what came of it is known.
func (a *App) redirectToOutcome(w http.ResponseWriter, r *http.Request, out operations.Outcome, err error) error {
	if out.Operation.ID == "" {
		return err
	}
	return redirect(w, r, operationPath(out.Operation.ID))
}
