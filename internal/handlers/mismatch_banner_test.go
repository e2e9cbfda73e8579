package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestMismatchBanner looks for the banner on the pages about what the console does by itself.
func TestMismatchBanner(t *testing.T) {
	t.Parallel()
	const text = "The database was changed outside Voxwarden"
	for _, path := range []string{"/", "/audit", "/drift", "/bulk"} {
		for _, test := range []struct {
			operator string
			days     int // since the mismatch, 0 for none
			want     bool
		}{
			{"admin", 0, false},
			{"admin", 29, true},
			{"admin", 31, false},
			{"auditor", 29, false},
		} {
			s := newSite(t)
			if test.days > 0 {
				s.auditLog.mismatchAt = noon.Add(-time.Duration(test.days) * 24 * time.Hour)
			}
			page := s.get(test.operator, path).hasStatus(t, http.StatusOK)
			if got := strings.Contains(page.doc.Text(), text); got != test.want {
				t.Errorf("%s, %s, after %d days: the banner is shown: %v", path, test.operator, test.days, got)
			}
		}
	}
}
