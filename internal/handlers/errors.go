package handlers

import (
	"context"
	"errors"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// statusClientClosedRequest is the status in the log for a browser that closed the connection before the response.
const statusClientClosedRequest = 499

// handleError writes the page of an error. It is the only place where an error becomes a page. Pages show no text of an
// error except the quoted words of the vendor.
func (a *App) handleError(w http.ResponseWriter, r *http.Request, err error) {
	v := stateOf(r)
	if repeated, ok := errors.AsType[*operations.Repeated](err); ok {
		_ = redirect(w, r, operationPath(repeated.Operation.ID))
		return
	}
	if errors.Is(err, errNotSignedIn) && r.Method != http.MethodPost && r.Header.Get("HX-Request") == "" {
		_ = redirect(w, r, signInPath(r))
		return
	}
	v.failure = err
	a.writeRefusalNotice(r, err)
	if errors.Is(err, context.Canceled) && errors.Is(r.Context().Err(), context.Canceled) {
		w.WriteHeader(statusClientClosedRequest)
		return
	}
	p := problemOf(r, err)
	if limited, ok := errors.AsType[*tooManyRequestsError](err); ok && limited.atOnce {
		w.Header().Set("Retry-After", retryAfterSeconds)
	}
	if _, denied := errors.AsType[*policy.Denied](err); denied && len(a.Policy.RolesOf(v.operator)) == 0 {
		p = newProblem(http.StatusForbidden, page.NoRole())
	}
	if stale, ok := errors.AsType[*policy.StaleSignIn](err); ok && stale.Reauthenticate {
		w.Header().Set(signInAgainHeader, "again")
	}
	if lost, ok := errors.AsType[*formUnavailableError](err); ok {
		p.Actions = []ui.Link{page.BackToFormLink(lost.href)}
	}
	p.RequestID = v.requestID
	p.addRetry(retryPath(r), err)
	frame := page.Frame{Heading: p.Title, RequestID: v.requestID, Version: a.Version}
	if !p.withoutFrame {
		frame = a.frame(r, page.NoSection, p.Title)
	}
	if drawn := a.render(w, r, p.Status, page.ProblemPage(frame, p.Problem)); drawn != nil {
		a.Logger.ErrorContext(r.Context(), "error page not rendered", "error", drawn, "request_id", v.requestID)
		writeHTML(w, p.Status, a.fallback)
	}
}

// retryAfterSeconds is when a request beyond a concurrency limit may be sent again.
const retryAfterSeconds = "10"

// signInAgainHeader tells the script that a 401 asks a signed-in operator to authenticate again.
const signInAgainHeader = "X-Voxwarden-Sign-In"

// formUnavailableError is an error in place of a form. href is the form with its ticks.
type formUnavailableError struct {
	error
	href string
}

// Unwrap returns the cause.
func (e *formUnavailableError) Unwrap() error { return e.error }

// retryPath returns the path of the same page. It returns "" for a form, which a link would show empty.
func retryPath(r *http.Request) string {
	switch {
	case r.Method != http.MethodGet:
		return ""
	case r.URL.Path == callbackPath:
		return "/sign-in" // the code of the provider works once
	}
	return localPath(r.URL.RequestURI())
}

// addRetry offers to load the page at a path again, "" for none. After an error of the vendor the account is read
// again: the directory waits for a while after a failure, so that a link would only show the same error.
func (p *problem) addRetry(path string, err error) {
	_, vendor := errors.AsType[*directory.ReadError](err)
	_, unfinished := errors.AsType[*identity.Unfinished](err)
	switch {
	case path == "", unfinished: // the page of an unfinished sign-in has a link of its own
	case vendor:
		p.Refresh = path
	case p.Status >= http.StatusInternalServerError:
		p.Actions = append([]ui.Link{page.TryAgainLink(path)}, p.Actions...)
	}
}

// problemOf returns the page of an error. The page of an unknown error does not contain its text, which is only in the
// log.
func problemOf(r *http.Request, err error) problem {
	p := problemOfError(r, err)
	if r.Method == http.MethodPost {
		p.Problem = p.ForPost()
	}
	return p
}

func problemOfError(r *http.Request, err error) problem {
	for _, lost := range []struct {
		is   func(error) bool
		page func() page.Problem
	}{{audit.DatabaseFileGone, page.DatabaseFileGone}, {audit.SchemaChanged, page.SchemaChanged}} {
		if lost.is(err) {
			p := newProblem(http.StatusServiceUnavailable, lost.page())
			_, p.withoutFrame = errors.AsType[*sessionError](err)
			return p
		}
	}
	if alarm, ok := errors.AsType[*audit.Alarm](err); ok {
		return newProblem(http.StatusServiceUnavailable, page.AuditLogStopped(pageAlarm(alarm)))
	}
	if _, ok := errors.AsType[*operations.PrivilegeUnknown](err); ok {
		return newProblem(http.StatusServiceUnavailable, page.PrivilegeUnknown())
	}
	if trouble, ok := errors.AsType[*directory.ReadError](err); ok {
		return readErrorProblem(trouble)
	}
	if busy, ok := errors.AsType[*operations.Busy](err); ok {
		return busyProblem(busy)
	}
	if foreign, ok := errors.AsType[*operations.IDMismatch](err); ok {
		return unusableFormProblem(foreign, localPath(r.URL.Path))
	}
	if cold, ok := errors.AsType[*exportNotReadyError](err); ok {
		return newProblem(http.StatusServiceUnavailable, page.ExportNotReady(cold.loadedRows))
	}
	if cold, ok := errors.AsType[*bulk.NotLoaded](err); ok {
		return newProblem(http.StatusServiceUnavailable, page.BulkPreviewNotReady(cold.Loaded))
	}
	if p, ok := problemOfType(err); ok {
		return p
	}
	for _, known := range knownProblems() {
		if errors.Is(err, known.err) {
			return newProblem(known.status, known.problem)
		}
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(r.Context().Err(), context.DeadlineExceeded):
		return unframedProblem(http.StatusServiceUnavailable, page.ResponseTimeout())
	case audit.DatabaseUnavailable(err):
		return unframedProblem(http.StatusServiceUnavailable, page.DatabaseNotUsable())
	}
	return internalErrorProblem(r.Method)
}

// problemOfType returns the page of an error that its type identifies.
func problemOfType(err error) (problem, bool) {
	if _, ok := errors.AsType[*policy.Denied](err); ok {
		return newProblem(http.StatusForbidden, page.NotAllowed()), true
	}
	if stale, ok := errors.AsType[*policy.StaleSignIn](err); ok {
		return signInTooOldProblem(stale), true
	}
	if unfinished, ok := errors.AsType[*identity.Unfinished](err); ok {
		return unfinishedSignInProblem(unfinished), true
	}
	if _, ok := errors.AsType[*identity.NoUsableKeyError](err); ok {
		return newProblem(http.StatusServiceUnavailable, page.SignInKeysUnusable()), true
	}
	if refused, ok := errors.AsType[*identity.Refused](err); ok && refused.Reason == identity.ClientNotAccepted {
		return newProblem(http.StatusServiceUnavailable, page.SignInClientNotAccepted()), true
	} else if ok {
		return newProblem(http.StatusUnauthorized, page.SignInRefused()), true
	}
	if limited, ok := errors.AsType[*tooManyRequestsError](err); ok && limited.atOnce {
		return newProblem(http.StatusTooManyRequests, page.TooManyAtOnce()), true
	} else if ok {
		return newProblem(http.StatusTooManyRequests, page.TooManyRequests()), true
	}
	if _, ok := errors.AsType[*operations.Conflict](err); ok {
		return newProblem(http.StatusConflict, page.ChangedMeanwhile()), true
	}
	if _, ok := errors.AsType[*audit.Mismatch](err); ok {
		return newProblem(http.StatusConflict, page.RowMismatch()), true
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return newProblem(http.StatusRequestEntityTooLarge, page.FormTooLarge()), true
	}
	if _, ok := errors.AsType[*sessionError](err); ok {
		return unframedProblem(http.StatusServiceUnavailable, page.DatabaseUnavailable()), true
	}
	return problem{}, false
}
