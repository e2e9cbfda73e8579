package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/keys"
	"github.com/voxwarden/voxwarden/views/page"
)

// keyDeleter takes keys out of the account.
type keyDeleter interface {
	privilegedRolesReader
	DeleteKeyForm(ctx context.Context, o operator.Operator, account int64, id string) (operations.KeyForm, error)
	DeleteKey(ctx context.Context, c operations.DeleteKey) (operations.Outcome, error)
}

// showKeyDelete shows what stops working without a key, and asks for the last word.
func (a *App) showKeyDelete(s keyDeleter) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathKeyID(r)
		if err != nil {
			return err
		}
		form, err := s.DeleteKeyForm(r.Context(), stateOf(r).operator, a.Account, id)
		if err != nil {
			return err
		}
		return a.render(w, r, http.StatusOK, keys.DeletePage(a.keyDeletePage(w, r, s, form)))
	}
}

func (a *App) keyDeletePage(
	w http.ResponseWriter,
	r *http.Request,
	p privilegedRolesReader,
	f operations.KeyForm,
) keys.Delete {
	principal := f.Key.Principal()
	m := keys.Delete{
		Frame: a.principalFrame(w, r, principal,
			keys.DeleteHeading(page.Name(principal)),
		),
		Principal:      page.RefOf(principal),
		ID:             f.Key.ID,
		Description:    f.Key.Description,
		OperationID:    f.ID,
		Base:           f.Key.DirectRoleIDs(),
		Roles:          roleAssignments(f.Key.Roles, f.Catalogue, p.PrivilegedRoles(f.Catalogue)),
		Key:            principal,
		Expected:       operations.KeyConfirmation(f.Key),
		Blocked:        f.BlockedReason,
		ReasonRequired: a.RequireReason,
	}
	m.Code = a.curlCommands(operations.DeleteKey{KeyID: f.Key.ID}.VendorCalls())
	return m
}

// deleteKey deletes the key.
func (a *App) deleteKey(s keyDeleter) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathKeyID(r)
		if err != nil {
			return err
		}
		c := operations.DeleteKey{Request: a.operationRequest(r), KeyID: id, Confirm: stateOf(r).form.text("confirm")}
		if c.Base, err = stateOf(r).form.ids("base"); err != nil {
			return err
		}
		out, err := s.DeleteKey(r.Context(), c)
		feedback, err := a.feedbackFor(r, out, err)
		switch {
		case err != nil:
			return err
		case feedback.status != 0:
			form, err := s.DeleteKeyForm(r.Context(), c.Operator, a.Account, id)
			if err != nil {
				return a.redirectToOutcome(w, r, out, err)
			}
			m := a.keyDeletePage(w, r, s, form)
			feedback.Code = m.Code
			m.FormFeedback, m.Reason, m.Confirm, m.Frame.Failed = feedback.FormFeedback, c.Reason, c.Confirm, true
			if feedback.keepID {
				m.OperationID = c.ID
			}
			return a.render(w, r, feedback.status, keys.DeletePage(m))
		default:
			return a.redirectToResult(w, r, out, keys.DeletedMessage(out.Operation.Target.Name))
		}
	}
}
