package handlers

import (
	"context"
	"errors"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// statusGone is written to the log for a browser that went away before the answer; nobody reads it.
const statusGone = 499

// fail answers a request that failed. It is the only place where an error becomes a page. No text of an error is
// shown but the vendor's own words, as the vendor's.
func (a *App) fail(w http.ResponseWriter, r *http.Request, err error) {
	v := visitOf(r)
	if repeated, ok := errors.AsType[*operations.Repeated](err); ok {
		_ = redirect(w, r, operationPath(repeated.Operation.ID))
		return
	}
	if errors.Is(err, errSignIn) && r.Method != http.MethodPost && r.Header.Get("HX-Request") == "" {
		_ = redirect(w, r, signInPath(r))
		return
	}
	v.problem = err
	a.noteFailure(r, err)
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		w.WriteHeader(statusGone)
		return
	}
	p := problemOf(r, err)
	if _, denied := errors.AsType[*policy.Denied](err); denied && len(a.Policy.RolesOf(v.operator)) == 0 {
		p = say(http.StatusForbidden, page.NoRole())
	}
	if stale, ok := errors.AsType[*policy.StaleSignIn](err); ok && stale.Reauthenticate {
		w.Header().Set(signInHeader, "again")
	}
	if lost, ok := errors.AsType[*lostForm](err); ok {
		p.Actions = []ui.Link{page.BackToFormLink(lost.href)}
	}
	p.RequestID = v.requestID
	p.tryAgain(retryPath(r), err)
	frame := page.Frame{Heading: p.Title, RequestID: v.requestID, Version: a.Version}
	if !p.bare {
		frame = a.frame(w, r, page.NoSection, p.Title)
	}
	if drawn := a.render(w, r, p.Status, page.ProblemPage(frame, p.Problem)); drawn != nil {
		a.Logger.ErrorContext(r.Context(), "the error page could not be drawn", "error", drawn, "request_id", v.requestID)
		writeHTML(w, p.Status, a.fallback)
	}
}

// signInHeader tells the script that an answer 401 wants a person to prove anew who they are, who is signed in all the
// same.
const signInHeader = "X-Voxwarden-Sign-In"

// lostForm is an error that took a form's page away. href draws the form anew with what was ticked.
type lostForm struct {
	error
	href string
}

// Unwrap returns the error behind it.
func (e *lostForm) Unwrap() error { return e.error }

// retryPath is where to try again: the page itself. A form cannot be tried again by a link, and its page has the
// same address, so that a link would show it empty.
func retryPath(r *http.Request) string {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return ""
	case r.URL.Path == callbackPath:
		return "/sign-in" // what the sign-in service sent along is good for one try
	}
	return localPath(r.URL.RequestURI())
}

// tryAgain offers to ask once more for the page at a path, "" for none. After the vendor's failure the account is
// asked for anew: the directory leaves the vendor alone for a while, and a link would only show the same failure.
func (p *problem) tryAgain(path string, err error) {
	_, vendor := errors.AsType[*directory.ReadError](err)
	switch {
	case path == "":
	case vendor:
		p.Refresh = path
	case p.Status >= http.StatusInternalServerError:
		p.Actions = append([]ui.Link{page.TryAgainLink(path)}, p.Actions...)
	}
}

// problemOf finds an error's page. An error that is not known here says nothing of itself: the log has it.
func problemOf(r *http.Request, err error) problem {
	p := problemOfError(r, err)
	if r.Method == http.MethodPost {
		p.Problem = p.ForPost()
	}
	return p
}

func problemOfError(r *http.Request, err error) problem {
	if trouble, ok := errors.AsType[*directory.ReadError](err); ok {
		return troubleProblem(trouble)
	}
	if busy, ok := errors.AsType[*operations.Busy](err); ok {
		return busyProblem(busy)
	}
	if foreign, ok := errors.AsType[*operations.Foreign](err); ok {
		return foreignProblem(foreign, localPath(r.URL.Path))
	}
	if cold, ok := errors.AsType[*coldExport](err); ok {
		return say(http.StatusServiceUnavailable, page.ExportNotReady(cold.loaded))
	}
	if cold, ok := errors.AsType[*bulk.NotLoaded](err); ok {
		return say(http.StatusServiceUnavailable, page.BulkPreviewNotReady(cold.Loaded))
	}
	if p, ok := problemOfType(err); ok {
		return p
	}
	for _, known := range knownProblems() {
		if errors.Is(err, known.err) {
			return say(known.status, known.words)
		}
	}
	return unknownProblem(r.Method)
}

// problemOfType finds the page of an error that is told by its type alone.
func problemOfType(err error) (problem, bool) {
	if _, ok := errors.AsType[*policy.Denied](err); ok {
		return say(http.StatusForbidden, page.NotAllowed()), true
	}
	if stale, ok := errors.AsType[*policy.StaleSignIn](err); ok {
		return staleProblem(stale), true
	}
	if _, ok := errors.AsType[*identity.Refused](err); ok {
		return say(http.StatusUnauthorized, page.SignInRefused()), true
	}
	if _, ok := errors.AsType[*tooMany](err); ok {
		return say(http.StatusTooManyRequests, page.TooManyRequests()), true
	}
	if _, ok := errors.AsType[*operations.Conflict](err); ok {
		return say(http.StatusConflict, page.ChangedMeanwhile()), true
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return say(http.StatusRequestEntityTooLarge, page.FormTooLarge()), true
	}
	if _, ok := errors.AsType[*sessionTrouble](err); ok {
		p := say(http.StatusServiceUnavailable, page.DatabaseUnavailable())
		p.bare = true
		return p, true
	}
	return problem{}, false
}
