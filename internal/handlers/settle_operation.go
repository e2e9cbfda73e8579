package handlers

import (
	"context"
	"errors"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
	auditview "github.com/voxwarden/voxwarden/views/audit"
	"github.com/voxwarden/voxwarden/views/ui"
)

// operationSettler closes an open operation with a person's word.
type operationSettler interface {
	Show(ctx context.Context, o operator.Operator, id string) (audit.Operation, []audit.Event, error)
	SettleByHand(ctx context.Context, act operations.Act, id string, result audit.Result) (audit.Operation, error)
}

// settleOperation settles an operation by hand.
func (a *App) settleOperation(s operationSettler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathOperation(r)
		if err != nil {
			return err
		}
		result := audit.Result(visitOf(r).form.text("result"))
		_, err = s.SettleByHand(r.Context(), a.act(r), id, result)
		if invalid, ok := errors.AsType[*operations.Invalid](err); ok {
			return a.settleAgain(w, r, s, id, invalid)
		}
		if err != nil {
			return err
		}
		if err := a.Sessions.SetFlash(w, r, session.Flash{
			Tone: string(ui.Done),
			Text: auditview.ResolvedMessage,
		}); err != nil {
			return &sessionTrouble{cause: err}
		}
		return redirect(w, r, operationPath(id))
	}
}

// settleAgain shows the operation's page with what is wrong with the form on it.
func (a *App) settleAgain(
	w http.ResponseWriter,
	r *http.Request,
	s operationSettler,
	id string,
	invalid *operations.Invalid,
) error {
	op, events, err := s.Show(r.Context(), visitOf(r).operator, id)
	if err != nil {
		return err
	}
	m := a.operationPage(w, r, op, events)
	m.Frame.Failed = true
	m.Resolve = auditview.ResolveForm{
		Result: visitOf(r).form.text("result"), Reason: visitOf(r).form.text("reason"), Errors: fieldErrors(invalid.Fields),
	}
	return a.render(w, r, http.StatusUnprocessableEntity, auditview.OperationPage(m))
}

// backToOperation leads from the form's address, which is only posted to, to the page that the form is on.
func (a *App) backToOperation(w http.ResponseWriter, r *http.Request) error {
	id, err := pathOperation(r)
	if err != nil {
		return err
	}
	return redirect(w, r, operationPath(id))
}
