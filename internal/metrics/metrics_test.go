package metrics_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/metrics"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// scrape returns the metrics and the log of a scrape.
func scrape(t *testing.T, m *metrics.Metrics) (text, log string) {
	t.Helper()
	var logged strings.Builder
	w := httptest.NewRecorder()
	m.Handler(slog.New(slog.NewTextHandler(&logged, nil))).
		ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Errorf("status of a scrape: %d", w.Code)
	}
	return w.Body.String(), logged.String()
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	m := metrics.New("v1.2.3")
	m.RegisterOpenOperations(func(context.Context) (int, error) { return 3, nil })
	m.RegisterLastBackup(func() (time.Time, error) { return time.Unix(1_790_000_000, 0), nil })
	m.RegisterLogs(func() metrics.LogCounts {
		return metrics.LogCounts{DroppedLines: 7, WaitingCopies: 2, LostCopies: 1}
	})
	m.RegisterChain(func() time.Time { return time.Unix(1_780_000_000, 0) }, func() bool { return true })
	m.RegisterAuditHead(func(context.Context) (int64, error) { return 41, nil })
	m.RegisterFreeBytes(func() (uint64, bool, error) { return 5 << 20, true, nil })
	m.RegisterDatabaseErrors("disk_full", "locked")
	m.DatabaseError("locked")
	m.OutcomeNotSaved()
	m.ReconcilePass(false)
	m.Request("GET", "/subusers/{id}", 200, 30*time.Millisecond)
	m.Request("BREW", "", 405, time.Millisecond)
	m.Call(voxapi.CallInfo{Method: "GetSubUsers", Outcome: "ok", Duration: 80 * time.Millisecond})
	m.Call(voxapi.CallInfo{Method: "AddSubUser", Outcome: "refused", Code: 436, Duration: time.Second})
	m.Call(voxapi.CallInfo{Method: "AddSubUser", Outcome: "not sent", Failure: "unknown_authority"})
	text, log := scrape(t, m)
	for _, want := range []string{
		`voxwarden_build_info{version="v1.2.3"} 1`,
		`voxwarden_request_seconds_bucket{method="GET",route="/subusers/{id}",status="200",le="0.05"} 1`,
		`voxwarden_request_seconds_count{method="other",route="",status="405"} 1`,
		`voxwarden_vendor_call_seconds_sum{method="GetSubUsers",outcome="ok"} 0.08`,
		`voxwarden_vendor_call_seconds_count{method="AddSubUser",outcome="refused"} 1`,
		`voxwarden_vendor_codes_total{code="436",method="AddSubUser"} 1`,
		`voxwarden_vendor_failures_total{failure="unknown_authority"} 1`,
		`voxwarden_operations_open 3`,
		`voxwarden_last_backup_timestamp_seconds 1.79e+09`,
		`voxwarden_log_lines_dropped_total 7`,
		`voxwarden_last_verify_timestamp_seconds 1.78e+09`,
		`voxwarden_audit_alarm 1`,
		`voxwarden_audit_copies_lost_total 1`,
		`voxwarden_audit_copies_waiting 2`,
		`voxwarden_audit_head_seq 41`,
		`voxwarden_database_free_bytes 5.24288e+06`,
		`voxwarden_database_errors_total{kind="disk_full"} 0`,
		`voxwarden_database_errors_total{kind="locked"} 1`,
		`voxwarden_outcomes_not_saved_total 1`,
		`voxwarden_reconcile_passes_total{result="done"} 1`,
		`voxwarden_reconcile_passes_total{result="failed"} 0`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %s in:\n%s", want, text)
		}
	}
	if log != "" {
		t.Errorf("log of a scrape: %s", log)
	}
}

// If the database is unavailable, only the number of open operations is missing.
func TestFailedCountIsOmitted(t *testing.T) {
	t.Parallel()
	m := metrics.New("v1")
	m.RegisterOpenOperations(func(context.Context) (int, error) { return 0, errors.New("no database") })
	m.RegisterLastBackup(func() (time.Time, error) { return time.Time{}, nil })
	m.RegisterChain(func() time.Time { return time.Time{} }, func() bool { return false })
	m.RegisterAuditHead(func(context.Context) (int64, error) { return 0, errors.New("no database") })
	m.RegisterFreeBytes(func() (uint64, bool, error) { return 0, false, nil })
	text, log := scrape(t, m)
	if strings.Contains(text, "voxwarden_operations_open") || strings.Contains(text, "last_backup") ||
		strings.Contains(text, "audit_head") || strings.Contains(text, "free_bytes") ||
		strings.Contains(text, "last_verify") || !strings.Contains(text, "voxwarden_audit_alarm 0") ||
		!strings.Contains(text, "voxwarden_build_info") ||
		!strings.Contains(log, "no database") {
		t.Errorf("metrics:\n%s\nlog: %s", text, log)
	}
}
