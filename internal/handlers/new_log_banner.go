package handlers

import (
	"context"
	"net/http"
	"time"

	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// newLogReader returns the beginning of an audit log that is new.
type newLogReader interface {
	NewSince(ctx context.Context) (at time.Time, isNew bool, err error)
}

// newLogBanners returns the banner about a new audit log, for auditors and admins. The page is shown without it when
// the database cannot be read.
func (a *App) newLogBanners(r *http.Request) []ui.Banner {
	if !a.Policy.May(stateOf(r).operator, policy.AuditView) {
		return nil
	}
	at, isNew, err := a.AuditLog.NewSince(r.Context())
	if err != nil {
		a.Logger.ErrorContext(r.Context(), "genesis event not read", "error", err, "request_id", stateOf(r).requestID)
		return nil
	}
	if !isNew {
		return nil
	}
	return []ui.Banner{page.NewAuditLogBanner(at)}
}
