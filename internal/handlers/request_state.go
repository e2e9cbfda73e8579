package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/page"
)

// requestState is the state of one request, in the request's context.
type requestState struct {
	requestID    string
	basePath     string            // under which the console is served, "" for the root
	operator     operator.Operator // zero while not signed in
	form         form              // of a POST
	file         []byte            // of an upload
	failure      error             // why the request failed, for the log
	readBack     page.ReadBack     // roles read back by the operation before
	signInTooOld bool              // the form of this page needs a more recent sign-in
	unlimited    context.Context   // of the request, without its time limit
}

type requestStateKey struct{}

func withState(r *http.Request, v *requestState) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), requestStateKey{}, v))
}

// stateOf returns the state of a request. Every request has one: logRequests is the first middleware.
func stateOf(r *http.Request) *requestState {
	v, _ := r.Context().Value(requestStateKey{}).(*requestState)
	return v
}

// operationRequest returns the part of an operation that comes from the request and its form.
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
