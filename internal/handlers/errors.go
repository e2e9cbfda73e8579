package handlers

import (
	"context"
	"errors"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// statusGone is written to the log for a browser that went away before the answer; nobody reads it.
const statusGone = 499

// problem is the page for an error. bare says that nothing but the page itself can be relied upon to be drawn.
type problem struct {
	page.Problem
	bare bool
}

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
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		w.WriteHeader(statusGone)
		return
	}
	p := problemOf(r.Method, err)
	if _, denied := errors.AsType[*policy.Denied](err); denied && len(a.Policy.RolesOf(v.operator)) == 0 {
		p.Sentences = []string{"You are signed in, but you have no role in this console.", "Ask the people who run it to give you one, then sign in again."}
	}
	if lost, ok := errors.AsType[*lostForm](err); ok {
		p.Actions = []ui.Link{{Text: "Back to the form, with your ticks", Href: lost.href, Primary: true}}
	}
	p.RequestID = v.requestID
	if back := retryPath(r); p.Status >= http.StatusInternalServerError && back != "" {
		p.Actions = append([]ui.Link{{Text: "Try again", Href: back, Primary: true}}, p.Actions...)
	}
	frame := page.Frame{Heading: p.Title, RequestID: v.requestID, Version: a.Version}
	if !p.bare {
		frame = a.frame(w, r, page.NoSection, p.Title)
	}
	if drawn := a.render(w, r, p.Status, page.ProblemPage(frame, p.Problem)); drawn != nil {
		a.Logger.ErrorContext(r.Context(), "the error page could not be drawn", "error", drawn, "request_id", v.requestID)
		writeHTML(w, p.Status, a.fallback)
	}
}

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
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return ""
	}
	return localPath(r.URL.RequestURI())
}

// problemOf finds an error's page. An error that is not known here says nothing of itself: the log has it.
func problemOf(method string, err error) problem {
	if trouble, ok := errors.AsType[*directory.Trouble](err); ok {
		return troubleProblem(method, trouble)
	}
	if busy, ok := errors.AsType[*operations.Busy](err); ok {
		return busyProblem(busy)
	}
	if _, ok := errors.AsType[*policy.Denied](err); ok {
		return say(http.StatusForbidden, "You may not do this", "Your role in this console does not allow it. Nothing was changed.",
			"If you need it for your work, ask the people who run this console.")
	}
	if _, ok := errors.AsType[*operations.Foreign](err); ok {
		return say(http.StatusConflict, "This form cannot be used", "The form belongs to somebody else, or was made for something else. Nothing was changed.",
			"Open the page again and fill in the new form.")
	}
	if _, ok := errors.AsType[*operations.Conflict](err); ok {
		return say(http.StatusConflict, "This was changed in the meantime", "Somebody changed it since your form was drawn. Nothing was changed by yours.", "Open the page again and look at what holds now.")
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return say(http.StatusRequestEntityTooLarge, "This form is too large", "No form of this console is as large as what was sent. Nothing was changed.",
			"Go back and shorten what you typed.")
	}
	if _, ok := errors.AsType[*sessionTrouble](err); ok {
		p := say(http.StatusServiceUnavailable, "The console cannot reach its database",
			"Who is signed in cannot be told without it. Nothing was changed.", "Try again in a moment. If it stays like this, tell the people who run this console.")
		p.bare = true
		return p
	}
	if cold, ok := errors.AsType[*coldExport](err); ok {
		return say(http.StatusServiceUnavailable, "The list is still being read", "So far "+ui.Count(cold.loaded, "row was", "rows were")+" read from Voximplant. A file now would lack the others.",
			"Try again in a moment.")
	}
	for _, known := range knownProblems() {
		if errors.Is(err, known.err) {
			return say(known.status, known.title, known.sentences...)
		}
	}
	return unknownProblem(method)
}

// knownProblem is the page of an error that is always the same.
type knownProblem struct {
	err       error
	status    int
	title     string
	sentences []string
}

func knownProblems() []knownProblem {
	return []knownProblem{
		{errSignIn, http.StatusUnauthorized, "Sign in again", []string{"You are not signed in, or your session has ended. Nothing was changed.",
			"Sign in in a new tab, then come back here and send your form again: what you typed is still on the page you came from."}},
		{errCrossOrigin, http.StatusForbidden, "This form was sent from another site", []string{"The console takes forms from its own pages only. Nothing was changed.",
			"If you did not mean to change anything, there is nothing to do. Else open the page here and fill in its form."}},
		{errForm, http.StatusBadRequest, "This form cannot be read", []string{"What was sent is not a form of this console. Nothing was changed.",
			"Open the page again and fill in its form."}},
		{errMethod, http.StatusMethodNotAllowed, "This page cannot be used like that", []string{"The address exists, but not for what was asked of it. Nothing was changed."}},
		{errNoPage, http.StatusNotFound, "There is no such page", []string{"The address may be misspelt, or what it showed may be gone."}},
		{directory.ErrNotFound, http.StatusNotFound, "This is not in the account", []string{"Voximplant does not know it: it may have been deleted, or the address is misspelt. Nothing was changed."}},
		{audit.ErrNotFound, http.StatusNotFound, "There is no such operation", []string{"The record does not know it: the address may be misspelt."}},
		{operations.ErrRecord, http.StatusServiceUnavailable, "The record cannot be written", []string{"Nothing was sent to Voximplant, and nothing was changed: this console does nothing that it cannot write down first.",
			"Try again in a moment. If it stays like this, tell the people who run this console."}},
		{operations.ErrNoCatalogue, http.StatusServiceUnavailable, "The roles of the account are not known", []string{"The role catalogue could not be read from Voximplant, so roles can be neither shown nor changed. Nothing was changed.",
			"Try again in a moment."}},
		{context.DeadlineExceeded, http.StatusGatewayTimeout, "This took too long", []string{"The answer did not come in time.", "Before you send a form again, look at the overview for what was done."}},
	}
}

// say makes a problem's page.
func say(status int, title string, sentences ...string) problem {
	p := problem{Problem: page.Problem{Status: status, Title: title, Sentences: sentences}}
	switch status {
	case http.StatusUnauthorized:
		p.Actions = []ui.Link{{Text: "Sign in", Href: "/sign-in", NewTab: true, Primary: true}}
	default:
		p.Actions = []ui.Link{{Text: "Go to the overview", Href: "/"}}
	}
	return p
}

// unknownProblem is the page of an error that nobody thought of.
func unknownProblem(method string) problem {
	last := "Try again. If it happens again, tell the people who run this console the request id below."
	if method == http.MethodPost {
		last = "Before you try again, look at the overview for what was done. Tell the people who run this console the request id below."
	}
	p := say(http.StatusInternalServerError, "Something went wrong here", "The console has a fault; it is not you and not Voximplant.", last)
	p.bare = true
	return p
}

// busyProblem names the operation that is in the way.
func busyProblem(busy *operations.Busy) problem {
	p := say(http.StatusConflict, "Another operation is not finished yet",
		"An operation of "+busy.First.Actor.Display()+" on "+busy.First.Target.Name+" is not settled yet. Nothing was changed by yours.",
		"Look at that operation, and try again when it is settled.")
	p.Actions = append([]ui.Link{{Text: "Show the operation", Href: operationPath(busy.First.ID), Primary: true}}, p.Actions...)
	return p
}
