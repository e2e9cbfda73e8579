package handlers

import (
	"context"
	"net/http"
	"time"

	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// mismatchReader returns when the console last refused to act on rows that do not agree with the audit log.
type mismatchReader interface {
	NewestMismatch(ctx context.Context) (at time.Time, found bool, err error)
}

// mismatchShown is how long admins see a banner about such rows.
const mismatchShown = 30 * 24 * time.Hour

// mismatchBanners returns the banner about rows that do not agree with the audit log, for admins only. The page is
// shown without it when the database cannot be read.
func (a *App) mismatchBanners(r *http.Request) []ui.Banner {
	if !a.Policy.May(stateOf(r).operator, policy.SessionsEnd) {
		return nil
	}
	at, err := a.memories.mismatchAt.get(a.momentOf(r), func() (time.Time, error) {
		at, _, err := a.AuditLog.NewestMismatch(r.Context())
		return at, err
	})
	if err != nil {
		a.Logger.ErrorContext(r.Context(), "newest mismatch not read", "error", err, "request_id", stateOf(r).requestID)
		return nil
	}
	if at.IsZero() || a.Now().Sub(at) > mismatchShown {
		return nil
	}
	return []ui.Banner{page.RowMismatchBanner()}
}
