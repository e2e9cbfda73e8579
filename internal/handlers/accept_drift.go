package handlers

import (
	"context"
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/voxwarden/voxwarden/internal/drift"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/session"
	driftview "github.com/voxwarden/voxwarden/views/drift"
	"github.com/voxwarden/voxwarden/views/ui"
)

// driftAccepter reads drift findings and accepts them as the expected state.
type driftAccepter interface {
	Finding(ctx context.Context, account int64, id string) (drift.Finding, error)
	Accept(ctx context.Context, request operations.Request, id string) (drift.Finding, error)
}

// showDriftAccept shows the form that asks for the reason.
func (a *App) showDriftAccept(d driftAccepter) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return a.renderDriftAccept(w, r, d, http.StatusOK, "", nil)
	}
}

// acceptDrift accepts a finding.
func (a *App) acceptDrift(d driftAccepter) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v := stateOf(r)
		if err := policy.RequireRecentSignIn(v.operator, true, a.Now()); err != nil {
			return err
		}
		_, err := d.Accept(r.Context(), a.operationRequest(r), chi.URLParam(r, "finding"))
		if invalid, ok := errors.AsType[*operations.Invalid](err); ok {
			reason := stateOf(r).form.text("reason")
			return a.renderDriftAccept(w, r, d, http.StatusUnprocessableEntity, reason, fieldErrors(invalid.Fields))
		}
		if errors.Is(err, drift.ErrEnded) {
			return a.driftFindingEnded(w, r)
		}
		if err != nil {
			return err
		}
		return a.redirectToDrift(w, r, session.Flash{Tone: string(ui.Done), Text: driftview.AcceptedMessage})
	}
}

// renderDriftAccept shows the form, or leads to the list when the finding has ended.
func (a *App) renderDriftAccept(
	w http.ResponseWriter,
	r *http.Request,
	d driftAccepter,
	status int,
	reason string,
	problems []ui.FieldError,
) error {
	f, err := d.Finding(r.Context(), a.Account, chi.URLParam(r, "finding"))
	if errors.Is(err, drift.ErrEnded) {
		return a.driftFindingEnded(w, r)
	}
	if err != nil {
		return err
	}
	frame := a.driftFrame(r, driftview.AcceptHeading)
	frame.Crumbs = append(frame.Crumbs, driftview.ListLink())
	frame.Failed = len(problems) > 0
	return a.render(w, r, status, driftview.AcceptPage(driftview.Accept{
		Frame:   frame,
		Action:  driftAcceptPath(f.ID),
		Name:    driftTargetName(f),
		Finding: a.driftFinding(stateOf(r).operator, f),
		Reason:  reason,
		Errors:  problems,
	}))
}

// driftFindingEnded leads to the list with the message that the finding has ended.
func (a *App) driftFindingEnded(w http.ResponseWriter, r *http.Request) error {
	return a.redirectToDrift(w, r, session.Flash{Tone: string(ui.Info), Text: driftview.NotAcceptedMessage})
}

func (a *App) redirectToDrift(w http.ResponseWriter, r *http.Request, f session.Flash) error {
	if err := a.Sessions.SetFlash(r, f); err != nil {
		return &sessionError{cause: err}
	}
	return redirect(w, r, "/drift")
}
