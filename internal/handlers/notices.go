package handlers

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// noticeWriter writes into the record what is no part of an operation.
type noticeWriter interface {
	Note(ctx context.Context, n audit.Notice) error
}

// errSignInNotLogged is the error of a sign-in that could not be written down.
var errSignInNotLogged = errors.New("the sign-in could not be written down")

// maxRouteBytes is how much of a path is noted.
const maxRouteBytes = 200

// actor is who makes a request, as the record has it.
func (a *App) actor(r *http.Request) audit.Actor { return a.operationRequest(r).Actor() }

// writeNotice writes a notice. Who only reads is answered all the same when that fails, and the log says so loudly.
func (a *App) writeNotice(r *http.Request, n audit.Notice) {
	if err := a.AuditLog.Note(context.WithoutCancel(r.Context()), n); err != nil {
		a.Logger.ErrorContext(r.Context(), "the record lacks an event", "error", err, "request_id", stateOf(r).requestID)
	}
}

// writeExportNotice notes that a list leaves the console.
func (a *App) writeExportNotice(r *http.Request, what string, rows int, query, role string) {
	var words []string
	if query != "" {
		words = append(words, "search: "+query)
	}
	if role != "" {
		words = append(words, "role: "+role)
	}
	a.writeNotice(
		r,
		audit.Exported{
			Actor:     a.actor(r),
			Resource:  what,
			Rows:      rows,
			Filter:    strings.Join(words, "; "),
			RequestID: stateOf(r).requestID,
		},
	)
}

// writeRefusalNotice notes what was refused to somebody, if an error is of that kind.
func (a *App) writeRefusalNotice(r *http.Request, err error) {
	v := stateOf(r)
	if denied, ok := errors.AsType[*policy.Denied](err); ok {
		route := r.Method + " " + r.URL.Path
		a.writeNotice(
			r,
			audit.Denied{
				Actor:      a.actor(r),
				Permission: string(denied.Permission),
				Route:      strings.ToValidUTF8(route[:min(len(route), maxRouteBytes)], ""),
				RequestID:  v.requestID,
			},
		)
	}
	if refused, ok := errors.AsType[*identity.Refused](err); ok {
		address, from := addressAndSource(r)
		a.writeNotice(r, audit.SignInRefused{
			Address:     address,
			AddressFrom: from,
			Reason:      refused.Reason,
			RequestID:   v.requestID,
		})
	}
}
