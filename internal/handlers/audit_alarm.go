package handlers

import (
	"net/http"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// chainWatcher returns why nothing is written to the audit log, nil while that is possible, and when its chain was last
// verified.
type chainWatcher interface {
	Alarm() *audit.Alarm
	LastVerified() time.Time
}

// auditAlarmBanners returns the banner about an audit log that is not written any more, for admins only.
func (a *App) auditAlarmBanners(r *http.Request) []ui.Banner {
	alarm := a.AuditLog.Alarm()
	if alarm == nil || !a.Policy.May(stateOf(r).operator, policy.SessionsEnd) {
		return nil
	}
	return []ui.Banner{page.AuditAlarmBanner(pageAlarm(alarm))}
}

// pageAlarm returns an alarm as pages show it.
func pageAlarm(alarm *audit.Alarm) page.AuditAlarm {
	switch alarm.Problem {
	case audit.BrokenChain:
		return page.AuditChanged
	case audit.NoWitness:
		return page.AuditWithoutWitness
	default:
		return page.AuditLostEvents
	}
}
