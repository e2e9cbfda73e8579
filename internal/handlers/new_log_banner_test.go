package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestNewLogBanner looks for the banner about a new audit log on pages of all sections.
func TestNewLogBanner(t *testing.T) {
	t.Parallel()
	const text = "The audit log is new: it begins at 2026-11-23 12:00:00 UTC"
	for _, path := range []string{"/", "/subusers", "/keys", "/roles", "/audit", "/drift", "/bulk"} {
		for _, test := range []struct {
			operator string
			since    time.Time
			want     bool
		}{
			{"admin", time.Time{}, false},
			{"admin", noon, true},
			{"auditor", noon, true},
			{"viewer", noon, false},
		} {
			s := newSite(t)
			s.auditLog.newSince = test.since
			page := s.get(test.operator, path)
			if test.operator != "viewer" {
				page.hasStatus(t, http.StatusOK)
			}
			if got := strings.Contains(page.doc.Text(), text); got != test.want {
				t.Errorf("%s, %s: the banner is shown: %v", path, test.operator, got)
			}
		}
	}
}
