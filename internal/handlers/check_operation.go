package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/internal/session"
	auditview "github.com/voxwarden/voxwarden/views/audit"
	"github.com/voxwarden/voxwarden/views/ui"
)

// checkOperation reconciles an open operation now, and leads back to its page.
func (a *App) checkOperation(s operationViewer) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathOperationID(r)
		if err != nil {
			return err
		}
		op, evidence, err := s.ReconcileNow(r.Context(), stateOf(r).operator, id)
		if err != nil {
			return err
		}
		flash := session.Flash{Tone: string(ui.Done), Text: auditview.ReconciledMessage}
		if op.Open {
			flash = session.Flash{Tone: string(ui.Info), Text: auditview.StillUnresolvedMessage(evidence)}
		}
		if err := a.Sessions.SetFlash(r, flash); err != nil {
			return &sessionError{cause: err}
		}
		return redirect(w, r, operationPath(id))
	}
}
