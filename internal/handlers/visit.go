package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/page"
)

// visit is what is known of one request; it travels in the request's context.
type visit struct {
	requestID string
	base      string            // the path under which the console is served, "" for the root
	operator  operator.Operator // the zero one while nobody is known to be signed in
	form      form              // of a POST
	file      []byte            // of an upload
	problem   error             // why the request failed, for the log
	proof     page.ReadBack     // what a reading showed after the act before
	stale     bool              // what the page is for wants a more recent sign-in than this one
}

type visitKey struct{}

func withVisit(r *http.Request, v *visit) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
}

// visitOf answers the request's visit. Every request has one: remember is the first in the chain.
func visitOf(r *http.Request) *visit {
	v, _ := r.Context().Value(visitKey{}).(*visit)
	return v
}

// act is what an act says of itself, from the request's form and visit.
func (a *App) act(r *http.Request) operations.Act {
	v := visitOf(r)
	address, from := addressOf(r)
	return operations.Act{
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
