package handlers

import (
	"context"
	"io"
	"net/http"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// readinessChecker returns an error while a part of the console cannot work.
type readinessChecker interface {
	Ready(ctx context.Context) error
}

// healthz responds while the process runs.
func (a *App) healthz(w http.ResponseWriter, _ *http.Request) { writePlainText(w, http.StatusOK, "ok") }

// readyz reports whether the audit log and the sessions can be used, and the console is not about to stop. The vendor
// does not count: during its outage the console shows what is wrong. With the query verbose it also reports what is
// wrong without making the console unready.
func (a *App) readyz(checkers ...readinessChecker) http.HandlerFunc {
	probe := &readinessProbe{checkers: checkers}
	return func(w http.ResponseWriter, r *http.Request) {
		more := ""
		if r.URL.Query().Has("verbose") {
			more = "\n" + a.auditCopies().verboseText()
		}
		if a.Stopping != nil && a.Stopping() {
			writePlainText(w, http.StatusServiceUnavailable, "not ready: the console is stopping"+more)
			return
		}
		if err := probe.check(r.Context()); err != nil {
			stateOf(r).failure = err
			status := "not ready: the database cannot be used"
			if audit.SchemaChanged(err) {
				status = "not ready: another version has changed the tables of the database"
			}
			writePlainText(w, http.StatusServiceUnavailable, status+more)
			return
		}
		writePlainText(w, http.StatusOK, "ready"+more)
	}
}

const (
	readinessMaxAge  = time.Second     // how long a result is used
	readinessTimeout = 5 * time.Second // of a check
)

// readinessProbe checks whether the console is ready. Anyone can ask, so it checks at most once a second and all
// callers share the result. It is safe for concurrent use.
type readinessProbe struct {
	checkers []readinessChecker
	flight   singleflight.Group

	// Of the last check. Only the call in flight uses them.
	err       error
	checkedAt time.Time
}

// check returns the result of a check that is at most a second old, or the error of the context.
func (p *readinessProbe) check(ctx context.Context) error {
	detached := context.WithoutCancel(ctx) // others wait for the same result
	done := p.flight.DoChan("", func() (any, error) { return nil, p.checkOnce(detached) })
	select {
	case result := <-done:
		return result.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// checkOnce runs the checks unless the last result is new enough. Only one call runs at a time.
func (p *readinessProbe) checkOnce(ctx context.Context) error {
	if !p.checkedAt.IsZero() && time.Since(p.checkedAt) < readinessMaxAge {
		return p.err
	}
	ctx, cancel := context.WithTimeout(ctx, readinessTimeout)
	defer cancel()
	p.err = nil
	for _, part := range p.checkers {
		if p.err = part.Ready(ctx); p.err != nil {
			break
		}
	}
	p.checkedAt = time.Now()
	return p.err
}

func writePlainText(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // fails only when the client is gone
}
