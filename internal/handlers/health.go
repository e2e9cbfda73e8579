package handlers

import (
	"context"
	"io"
	"net/http"
)

// readinessChecker says whether a part of the console can work.
type readinessChecker interface {
	Ready(ctx context.Context) error
}

// healthz answers as long as the process does.
func (a *App) healthz(w http.ResponseWriter, _ *http.Request) { writePlainText(w, http.StatusOK, "ok") }

// readyz answers whether requests can be served: whether the record and the sessions can be used. The vendor is left
// out: its outage must not take the console away, which is where one sees it.
func (a *App) readyz(checkers ...readinessChecker) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
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
	_, _ = io.WriteString(w, text+"\n") // the asker may have gone
}
