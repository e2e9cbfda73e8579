package handlers

import (
	"context"
	"io"
	"net/http"
)

// readinessChecker returns an error while a part of the console cannot work.
type readinessChecker interface {
	Ready(ctx context.Context) error
}

// healthz responds while the process runs.
func (a *App) healthz(w http.ResponseWriter, _ *http.Request) { writePlainText(w, http.StatusOK, "ok") }

// readyz reports whether the audit log and the sessions can be used, and the console is not about to stop. The vendor
// does not count: during its outage the console shows what is wrong.
func (a *App) readyz(checkers ...readinessChecker) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if a.Stopping != nil && a.Stopping() {
			writePlainText(w, http.StatusServiceUnavailable, "not ready: the console is stopping")
			return
		}
		for _, part := range checkers {
			if err := part.Ready(r.Context()); err != nil {
				stateOf(r).failure = err
				writePlainText(w, http.StatusServiceUnavailable, "not ready: the database cannot be used")
				return
			}
		}
		writePlainText(w, http.StatusOK, "ready")
	}
}

func writePlainText(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // fails only when the client is gone
}
