package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/keys"
)

// keyDeleter takes keys out of the account.
type keyDeleter interface {
	privilegedTeller
	DeleteKeyForm(ctx context.Context, o operator.Operator, account int64, id string) (operations.KeyForm, error)
	DeleteKey(ctx context.Context, c operations.DeleteKey) (operations.Outcome, error)
}

// showKeyDelete shows what stops working without a key, and asks for the last word.
func (a *App) showKeyDelete(s keyDeleter) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := keyInPath(r)
		if err != nil {
			return err
		}
		form, err := s.DeleteKeyForm(r.Context(), visitOf(r).operator, a.Account, id)
		if err != nil {
			return err
		}
		return a.render(w, r, http.StatusOK, keys.DeletePage(a.keyDeletePage(w, r, s, form)))
	}
}

func (a *App) keyDeletePage(
	w http.ResponseWriter,
	r *http.Request,
	p privilegedTeller,
	f operations.KeyForm,
) keys.Delete {
	holder := keyHolder(f.Key)
	m := keys.Delete{
		Frame: a.holderFrame(
			w,
			r,
			holder,
			keys.DeleteHeading(holder.Name),
		),
		Principal:      holder,
		ID:             f.Key.ID,
		Description:    f.Key.Description,
		OperationID:    f.ID,
		Base:           f.Key.DirectRoleIDs(),
		Roles:          heldRoles(f.Key.Roles, f.Catalogue, p.PrivilegedRoles(f.Catalogue)),
		BelongsTo:      ownerOf(f.Key),
		Expected:       operations.KeyConfirmation(f.Key),
		Blocked:        f.Blocked,
		ReasonRequired: a.RequireReason,
	}
	m.Code = a.code(operations.DeleteKey{KeyID: f.Key.ID}.Code())
	return m
}

// deleteKey deletes the key.
func (a *App) deleteKey(s keyDeleter) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := keyInPath(r)
		if err != nil {
			return err
		}
		c := operations.DeleteKey{Act: a.act(r), KeyID: id, Confirm: visitOf(r).form.text("confirm")}
		if c.Base, err = visitOf(r).form.ids("base"); err != nil {
			return err
		}
		out, err := s.DeleteKey(r.Context(), c)
		why, err := a.stop(r, out, err)
		switch {
		case err != nil:
			return err
		case why.status != 0:
			form, err := s.DeleteKeyForm(r.Context(), c.Operator, a.Account, id)
			if err != nil {
				return a.afterwards(w, r, out, err)
			}
			m := a.keyDeletePage(w, r, s, form)
			why.Code = m.Code
			m.FormFeedback, m.Reason, m.Confirm, m.Frame.Failed = why.FormFeedback, c.Reason, c.Confirm, true
			if why.sameID {
				m.OperationID = c.ID
			}
			return a.render(w, r, why.status, keys.DeletePage(m))
		default:
			return a.done(w, r, out, keys.DeletedMessage(out.Operation.Target.Name))
		}
	}
}
