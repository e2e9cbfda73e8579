package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// problem is the page for an error.
type problem struct {
	page.Problem
	bare   bool   // nothing but the page itself can be relied upon to be drawn
	onPost string // what whoever sent a form is told beside the first sentence; who only asked for a page changed nothing anyway
}

// What whoever sent a form wants to know first.
const (
	unchanged        = "Nothing was changed."
	unchangedByYours = "Nothing was changed by yours."
)

// posted sets what whoever sent a form is told as well.
func (p problem) posted(sentence string) problem {
	p.onPost = sentence
	return p
}

// knownProblem is the page of an error that is always the same.
type knownProblem struct {
	err       error
	status    int
	title     string
	sentences []string
	onPost    string // see problem
}

func knownProblems() []knownProblem {
	return []knownProblem{
		{errSignIn, http.StatusUnauthorized, "Sign in again", []string{"You are not signed in, or your session has ended.",
			"Sign in in a new tab, then come back here and send your form again: what you typed is still on the page you came from."}, unchanged},
		{errCrossOrigin, http.StatusForbidden, "This form was sent from another site", []string{"The console takes forms from its own pages only.",
			"If you did not mean to change anything, there is nothing to do. Else open the page here and fill in its form."}, unchanged},
		{errForm, http.StatusBadRequest, "This form cannot be read", []string{"What was sent is not a form of this console.",
			"Open the page again and fill in its form."}, unchanged},
		{errMethod, http.StatusMethodNotAllowed, "This page cannot be used like that", []string{"The address exists, but not for what was asked of it."}, unchanged},
		{errNoPage, http.StatusNotFound, "There is no such page", []string{"The address may be misspelt, or what it showed may be gone."}, unchanged},
		{directory.ErrNotFound, http.StatusNotFound, "This is not in the account", []string{"Voximplant does not know it: it may have been deleted, or the address is misspelt."}, unchanged},
		{audit.ErrNotFound, http.StatusNotFound, "There is no such operation", []string{"The record does not know it: the address may be misspelt."}, unchanged},
		{bulk.ErrNotFound, http.StatusNotFound, "There is no such run", []string{"It may have been a preview that was never started: those are forgotten after a day."}, unchanged},
		{operations.ErrRecord, http.StatusServiceUnavailable, "The record cannot be written", []string{"Nothing was sent to Voximplant, and nothing was changed: this console does nothing that it cannot write down first.",
			"Try again in a moment. If it stays like this, tell the people who run this console."}, ""},
		{operations.ErrNoCatalogue, http.StatusServiceUnavailable, "The roles of the account are not known", []string{"The role catalogue could not be read from Voximplant, so roles can be neither shown nor changed.",
			"Try again in a moment."}, unchanged},
		{context.DeadlineExceeded, http.StatusGatewayTimeout, "This took too long", []string{"The answer did not come in time.", "Before you send a form again, look at the overview for what was done."}, ""},
	}
}

// say makes a problem's page.
func say(status int, title string, sentences ...string) problem {
	p := problem{Problem: page.Problem{Status: status, Title: title, Sentences: sentences}}
	switch status {
	case http.StatusUnauthorized:
		p.Actions = []ui.Link{{Text: "Sign in", Href: "/sign-in", NewTab: true, Primary: true}}
	case http.StatusNotFound:
		p.Actions = []ui.Link{{Text: "Go to the list of subusers", Href: "/subusers", Primary: true}, {Text: "Go to the overview", Href: "/"}}
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
		"An operation of "+busy.First.Actor.Display()+" on "+busy.First.Target.Name+" is not settled yet.",
		"Look at that operation, and try again when it is settled.").posted(unchangedByYours)
	p.Actions = append([]ui.Link{{Text: "Show the operation", Href: operationPath(busy.First.ID), Primary: true}}, p.Actions...)
	return p
}

// foreignProblem is the page of a form whose operation id is not its own. form is the address of a new one.
func foreignProblem(foreign *operations.Foreign, form string) problem {
	anew := ui.Link{Text: "Open a new form", Href: form}
	if foreign.First.ID == "" {
		p := say(http.StatusConflict, "This form cannot be used", "The form belongs to somebody else, or was made for something else.").posted(unchanged)
		p.Actions = append([]ui.Link{anew}, p.Actions...)
		return p
	}
	p := say(http.StatusConflict, "This form was already sent", "This form was already sent once, for "+foreign.First.Target.Name+". Nothing was sent again.",
		"Look at what became of it. For anything else, open a new form.")
	p.Actions = []ui.Link{{Text: "See that operation", Href: operationPath(foreign.First.ID), Primary: true}, anew}
	return p
}
