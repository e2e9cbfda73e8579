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

// operationResolver resolves open operations.
type operationResolver interface {
	Show(ctx context.Context, o operator.Operator, id string) (audit.Operation, []audit.Event, error)
	Resolve(ctx context.Context, act operations.Request, id string, result audit.Result) (audit.Operation, error)
}

// resolveOperation closes an open operation with the outcome that an admin states.
func (a *App) resolveOperation(s operationResolver) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathOperationID(r)
		if err != nil {
			return err
		}
		result := audit.Result(stateOf(r).form.text("result"))
		_, err = s.Resolve(r.Context(), a.operationRequest(r), id, result)
		if invalid, ok := errors.AsType[*operations.Invalid](err); ok {
			return a.rerenderResolveForm(w, r, s, id, invalid)
		}
		if err != nil {
			return err
		}
		if err := a.Sessions.SetFlash(r, session.Flash{
			Tone: string(ui.Done),
			Text: auditview.ResolvedMessage,
		}); err != nil {
			return &sessionError{cause: err}
		}
		return redirect(w, r, operationPath(id))
	}
}

// rerenderResolveForm shows the page of the operation with the errors of the form.
func (a *App) rerenderResolveForm(
	w http.ResponseWriter,
	r *http.Request,
	s operationResolver,
	id string,
	invalid *operations.Invalid,
) error {
	op, events, err := s.Show(r.Context(), stateOf(r).operator, id)
	if err != nil {
		return err
	}
	m := a.operationPage(r, op, events)
	m.Frame.Banners = append(m.Frame.Banners, a.nextStepBanners(stateOf(r).operator, op, events)...)
	m.Frame.Failed = true
	m.Resolve = auditview.ResolveForm{
		Result: stateOf(r).form.text("result"), Reason: stateOf(r).form.text("reason"), Errors: fieldErrors(invalid.Fields),
	}
	return a.render(w, r, http.StatusUnprocessableEntity, auditview.OperationPage(m))
}

// redirectToOperation leads from the path that the form posts to, to the page with that form.
func (a *App) redirectToOperation(w http.ResponseWriter, r *http.Request) error {
	id, err := pathOperationID(r)
	if err != nil {
		return err
	}
	return redirect(w, r, operationPath(id))
}
