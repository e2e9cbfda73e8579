package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// Admins see that the log lacks copies of audit events, and /readyz?verbose reports it. The console stays ready.
func TestMissingAuditCopies(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name           string
		copies         AuditCopies
		title, verbose string // "" for no banner
	}{
		{"complete", AuditCopies{}, "", "copies of audit events: complete"},
		{
			"waiting",
			AuditCopies{Waiting: 2, Lost: 1, LastLost: noon},
			"Copies of audit events cannot be written",
			"copies of audit events: 2 are waiting, 1 was lost since the start",
		},
		{
			"lost",
			AuditCopies{Lost: 3, LastLost: noon.Add(-23 * time.Hour)},
			"3 copies of audit events were lost",
			"copies of audit events: 0 are waiting, 3 were lost since the start",
		},
		{
			"lost long ago",
			AuditCopies{Lost: 3, LastLost: noon.Add(-25 * time.Hour)},
			"",
			"copies of audit events: 0 are waiting, 3 were lost since the start",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(o *Options) { o.AuditCopies = func() AuditCopies { return tc.copies } })
			for _, path := range []string{"/", "/audit"} {
				for _, operator := range []string{"admin", "auditor"} {
					text := s.get(operator, path).hasStatus(t, http.StatusOK).doc.Text()
					shown := strings.Contains(text, "copies of audit events") || strings.Contains(text, "Copies of audit events")
					if want := operator == "admin" && tc.title != ""; shown != want || want && !strings.Contains(text, tc.title) {
						t.Errorf("%s, %s: the banner is shown: %v", operator, path, shown)
					}
				}
			}
			if got := s.get(anonymous, "/readyz").hasStatus(t, http.StatusOK).Body.String(); got != "ready\n" {
				t.Errorf("/readyz: %q", got)
			}
			got := s.get(anonymous, "/readyz?verbose").hasStatus(t, http.StatusOK).Body.String()
			if got != "ready\nwriting: ok\nsessions: ok\n"+tc.verbose+"\n" {
				t.Errorf("/readyz?verbose: %q", got)
			}
		})
	}
}
