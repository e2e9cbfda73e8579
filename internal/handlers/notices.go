package handlers

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
)

// noticeWriter writes events to the audit log that belong to no operation.
type noticeWriter interface {
	Note(ctx context.Context, n audit.Notice) error
	NoteWith(ctx context.Context, change func(tx *sql.Tx) (audit.Notice, error)) error
}

// errSignInNotLogged is the error of a sign-in that could not be written to the audit log.
var errSignInNotLogged = errors.New("sign-in not written to the audit log")

// maxRouteBytes limits the path in a notice and in the log.
const maxRouteBytes = 200

// actor returns the operator of a request as the audit log stores it.
func (a *App) actor(r *http.Request) audit.Actor { return a.operationRequest(r).Actor() }

// writeNotice writes a notice. A failure does not fail the request, and is logged as an error.
func (a *App) writeNotice(r *http.Request, n audit.Notice) {
	if err := a.AuditLog.Note(r.Context(), n); err != nil {
		a.Logger.ErrorContext(r.Context(), "audit event not written", "error", err, "request_id", stateOf(r).requestID)
	}
}

// writeExportNotice writes that a list was exported.
func (a *App) writeExportNotice(r *http.Request, what string, rows int, f directory.Filter) {
	var words []string
	if f.Query != "" {
		words = append(words, "search: "+f.Query)
	}
	if f.Role != "" {
		words = append(words, "role: "+f.Role)
	}
	if f.OutlivedOwner {
		words = append(words, "owner: "+page.OwnerGone)
	}
	if f.OwnerUnknown {
		words = append(words, "owner: "+page.OwnerUnknown)
	}
	if f.Privileged {
		words = append(words, page.PrivilegedFilter)
	}
	if f.WithoutDescription {
		words = append(words, page.NoDescriptionFilter)
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

// writeRefusalNotice writes that a request was refused, for errors of that kind.
func (a *App) writeRefusalNotice(r *http.Request, err error) {
	v := stateOf(r)
	if denied, ok := errors.AsType[*policy.Denied](err); ok {
		a.writeNotice(
			r,
			audit.Denied{
				Actor:      a.actor(r),
				Permission: string(denied.Permission),
				Route:      identity.Printable(r.Method+" "+r.URL.Path, maxRouteBytes),
				RequestID:  v.requestID,
			},
		)
	}
	if refused, ok := errors.AsType[*identity.Refused](err); ok {
		address, from := addressAndSource(r)
		a.writeNotice(r, audit.SignInRefused{
			Address:     address,
			AddressFrom: from,
			Reason:      string(refused.Reason),
			RequestID:   v.requestID,
		})
	}
}
