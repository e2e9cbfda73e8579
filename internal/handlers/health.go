package handlers

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// readinessChecker has checks of what the console needs to record a change.
type readinessChecker interface {
	ReadinessChecks() []audit.ReadinessCheck
}

// healthz responds while the process runs.
func (a *App) healthz(w http.ResponseWriter, _ *http.Request) { writePlainText(w, http.StatusOK, "ok") }

// readyz reports whether a change can be recorded now, and the console is not about to stop. The vendor does not count:
// during its outage the console shows what is wrong. With the query verbose it names each check, and reports what is
// wrong without making the console unready. It gives no error texts and no paths, because anyone can ask.
func (a *App) readyz(checkers ...readinessChecker) http.HandlerFunc {
	probe := newReadinessProbe(checkers...)
	return func(w http.ResponseWriter, r *http.Request) {
		results, err := probe.results(r.Context())
		if err != nil {
			stateOf(r).failure = err
			return // the client is gone
		}
		status, text := http.StatusOK, "ready"
		if err := results.err(); err != nil {
			stateOf(r).failure = err
			status, text = http.StatusServiceUnavailable, "not ready: no change can be recorded"
			if audit.SchemaChanged(err) {
				text = "not ready: another version has changed the tables of the database"
			}
		}
		if a.Stopping != nil && a.Stopping() {
			status, text = http.StatusServiceUnavailable, "not ready: the console is stopping"
		}
		if r.URL.Query().Has("verbose") {
			text += "\n" + results.verboseText() + a.auditCopies().verboseText()
		}
		writePlainText(w, status, text)
	}
}

const (
	readinessMaxAge = time.Second // how long a result is used

	// readinessTimeout is how long all checks may take together. Callers get their answer within two seconds.
	readinessTimeout = 1800 * time.Millisecond
)

var (
	errCheckTimeout = errors.New("the check did not finish in time")
	errNotChecked   = errors.New("not checked")
)

// readinessProbe checks whether the console is ready. Anyone can ask, so it checks at most once a second and all
// callers share the result. While a check hangs, callers get what is known, and no second one begins. It is safe for
// concurrent use.
type readinessProbe struct {
	checks []audit.ReadinessCheck

	mu  sync.Mutex
	run *readinessRun // the newest one, nil before the first
}

func newReadinessProbe(checkers ...readinessChecker) *readinessProbe {
	probe := &readinessProbe{}
	for _, checker := range checkers {
		probe.checks = append(probe.checks, checker.ReadinessChecks()...)
	}
	return probe
}

// results returns the results of checks that are at most a second old, or the error of the context.
func (p *readinessProbe) results(ctx context.Context) (readinessResults, error) {
	run := p.current()
	select {
	case <-run.finished:
	case <-run.limit.Done():
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return run.results(), nil
}

// current returns the run to wait for. It begins one when the last result is too old, or came too late to be used.
func (p *readinessProbe) current() *readinessRun {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run == nil || p.run.isOver() {
		p.run = startReadinessRun(p.checks)
	}
	return p.run
}

// readinessRun is one run of all checks.
type readinessRun struct {
	checks   []audit.ReadinessCheck
	limit    context.Context // ends with the time for all checks
	finished chan struct{}   // closed after the last check

	mu         sync.Mutex
	errs       []error // of the checks that have finished
	finishedAt time.Time
}

// startReadinessRun runs the checks, independently of the caller that began: others wait for the same result.
func startReadinessRun(checks []audit.ReadinessCheck) *readinessRun {
	limit, cancel := context.WithTimeout(context.Background(), readinessTimeout)
	run := &readinessRun{checks: checks, limit: limit, finished: make(chan struct{})}
	go func() {
		defer cancel()
		defer close(run.finished)
		for _, check := range checks {
			run.add(check.Run(limit))
		}
	}()
	return run
}

// add adds the result of the next check.
func (run *readinessRun) add(err error) {
	run.mu.Lock()
	defer run.mu.Unlock()
	run.errs = append(run.errs, err)
	run.finishedAt = time.Now()
}

// isOver reports whether the run has finished and its result is not to be used any more.
func (run *readinessRun) isOver() bool {
	select {
	case <-run.finished:
	default:
		return false
	}
	run.mu.Lock()
	defer run.mu.Unlock()
	late := errors.Is(run.limit.Err(), context.DeadlineExceeded)
	return late || time.Since(run.finishedAt) >= readinessMaxAge
}

// results returns the results so far. A check that has not finished counts as failed.
func (run *readinessRun) results() readinessResults {
	run.mu.Lock()
	defer run.mu.Unlock()
	results := make(readinessResults, 0, len(run.checks))
	for i, check := range run.checks {
		result := readinessResult{name: check.Name}
		switch {
		case i < len(run.errs):
			result.err = run.errs[i]
		case i == len(run.errs):
			result.err = errCheckTimeout
		default:
			result.err = errNotChecked
		}
		results = append(results, result)
	}
	return results
}

type readinessResult struct {
	name string
	err  error
}

type readinessResults []readinessResult

// err returns what makes the console unready, nil for nothing.
func (rs readinessResults) err() error {
	var errs []error
	for _, result := range rs {
		if result.err != nil && !errors.Is(result.err, errNotChecked) {
			errs = append(errs, result.err)
		}
	}
	return errors.Join(errs...)
}

// verboseText returns a line for each check.
func (rs readinessResults) verboseText() string {
	var text strings.Builder
	for _, result := range rs {
		reason := "ok"
		switch {
		case errors.Is(result.err, errNotChecked), errors.Is(result.err, errCheckTimeout):
			reason = result.err.Error()
		case result.err != nil:
			reason = audit.DatabaseProblem(result.err)
		}
		text.WriteString(result.name + ": " + reason + "\n")
	}
	return text.String()
}

func writePlainText(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // fails only when the client is gone
}
