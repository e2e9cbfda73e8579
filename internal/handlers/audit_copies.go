package handlers

import (
	"fmt"
	"net/http"
	"time"

	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// AuditCopies are the audit events without a copy in the log.
type AuditCopies struct {
	Waiting  int // for a log that does not accept them
	Lost     int // since the start
	LastLost time.Time
}

// lostCopiesShown is how long admins see a banner about lost copies.
const lostCopiesShown = 24 * time.Hour

// auditCopies returns the audit events without a copy in the log.
func (a *App) auditCopies() AuditCopies {
	if a.AuditCopies == nil {
		return AuditCopies{}
	}
	return a.AuditCopies()
}

// auditCopiesBanners returns the banner about audit events without a copy in the log, for admins only.
func (a *App) auditCopiesBanners(r *http.Request) []ui.Banner {
	copies := a.auditCopies()
	if a.Now().Sub(copies.LastLost) > lostCopiesShown {
		copies.Lost = 0
	}
	if copies.Waiting+copies.Lost == 0 || !a.Policy.May(stateOf(r).operator, policy.SessionsEnd) {
		return nil
	}
	return []ui.Banner{page.AuditCopiesBanner(copies.Waiting, copies.Lost)}
}

// verboseText returns the state for /readyz?verbose. Missing copies do not make the console unready: refusing changes
// because of a log would let its reader stop all work.
func (c AuditCopies) verboseText() string {
	if c.Waiting+c.Lost == 0 {
		return "copies of audit events: complete"
	}
	return fmt.Sprintf(
		"copies of audit events: %s waiting, %s lost since the start",
		ui.Count(c.Waiting, "is", "are"),
		ui.Count(c.Lost, "was", "were"),
	)
}
