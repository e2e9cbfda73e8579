package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/internal/session"
	auditview "github.com/voxwarden/voxwarden/views/audit"
	"github.com/voxwarden/voxwarden/views/ui"
)

// checkOperation asks the vendor now about an open operation, and goes back to its page.
func (a *App) checkOperation(s operationShower) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathOperation(r)
		if err != nil {
			return err
		}
		op, seen, err := s.SettleNow(r.Context(), visitOf(r).operator, id)
		if err != nil {
			return err
		}
		flash := session.Flash{Tone: string(ui.Done), Text: auditview.ReconciledMessage}
		if op.Open {
			flash = session.Flash{Tone: string(ui.Info), Text: auditview.StillUnresolvedMessage(seen)}
		}
		if err := a.Sessions.SetFlash(w, r, flash); err != nil {
			return &sessionTrouble{cause: err}
		}
		return redirect(w, r, operationPath(id))
	}
}
