package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/page"
)

// requestState is what is known of one request; it travels in the request's context.
type requestState struct {
	requestID    string
	basePath     string            // the path under which the console is served, "" for the root
	operator     operator.Operator // the zero one while nobody is known to be signed in
	form         form              // of a POST
	file         []byte            // of an upload
	failure      error             // why the request failed, for the log
	readBack     page.ReadBack     // what a reading showed after the act before
	signInTooOld bool              // what the page is for wants a more recent sign-in than this one
}

type requestStateKey struct{}

func withState(r *http.Request, v *requestState) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), requestStateKey{}, v))
}

// stateOf answers the request's visit. Every request has one: remember is the first in the chain.
func stateOf(r *http.Request) *requestState {
	v, _ := r.Context().Value(requestStateKey{}).(*requestState)
	return v
}

// operationRequest is what an act says of itself, from the request's form and visit.
func (a *App) operationRequest(r *http.Request) operations.Request {
	v := stateOf(r)
	address, from := addressAndSource(r)
	return operations.Request{
		ID:          v.form.text("operation"),
		Operator:    v.operator,
		Account:     a.Account,
		Reason:      v.form.text("reason"),
		RequestID:   v.requestID,
		SessionID:   a.Sessions.Hash(r),
		Address:     address,
		AddressFrom: from,
	}
}
