package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// TestAuditAlarmBanner looks for the banner about an audit log that is not written any more on pages of all sections.
func TestAuditAlarmBanner(t *testing.T) {
	t.Parallel()
	for problem, text := range map[audit.AlarmProblem]string{
		"":                "",
		audit.LostEvents:  "The audit log lacks events that it had: nothing is changed",
		audit.BrokenChain: "The audit log was changed outside Voxwarden: nothing is changed",
		audit.NoWitness:   "The witness of the audit log cannot be used: nothing is changed",
	} {
		for _, path := range []string{"/", "/subusers", "/keys", "/roles", "/audit", "/drift", "/bulk", "/me", "/sessions"} {
			for _, operator := range []string{"admin", "auditor"} {
				s := newSite(t)
				if problem != "" {
					s.auditLog.alarm = &audit.Alarm{Problem: problem}
				}
				shown := s.get(operator, path).doc.Text()
				want := operator == "admin" && problem != ""
				if got := strings.Contains(shown, "server audit accept"); got != want || !strings.Contains(shown, text) && want {
					t.Errorf("%s, %s, %s: the banner is shown: %v", problem, path, operator, got)
				}
			}
		}
	}
}

// The overview shows when the chain was last verified to those who may see the audit log.
func TestOverviewShowsLastVerification(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		operator   string
		verifiedAt time.Time
		want       string // "" for nothing
	}{
		{"admin", time.Time{}, "not yet"},
		{"auditor", noon, "12:00:00 UTC"},
		{"editor", noon, ""},
		{"viewer", noon, ""},
	} {
		s := newSite(t)
		s.auditLog.verifiedAt = test.verifiedAt
		facts := s.get(test.operator, "/").hasStatus(t, http.StatusOK).doc.Find("dt:contains('Audit log verified')")
		if text := facts.Next().Text(); facts.Length() > 0 != (test.want != "") || !strings.Contains(text, test.want) {
			t.Errorf("%s: %q", test.operator, text)
		}
	}
}
