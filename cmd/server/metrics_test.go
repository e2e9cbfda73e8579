package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// metricsAddress returns the address of the metrics from the demo's log, or "".
func (d *demo) metricsAddress() string {
	later := d.log.await(`"path":"/sign-in"`)
	d.open("/sign-in")
	<-later
	for line := range strings.Lines(d.log.String()) {
		var entry struct{ Msg, Address string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "serving metrics" {
			return entry.Address
		}
	}
	return ""
}

func TestMetricsListen(t *testing.T) {
	t.Parallel()
	d := startDemoIn(t, []string{"VOXWARDEN_METRICS_LISTEN=localhost:0"})
	address := d.metricsAddress()
	if address == "" {
		t.Fatalf("no address of metrics in the log:\n%s", d.log.String())
	}
	read := func(url string) (int, string) {
		t.Helper()
		answer, err := http.Get(url) //nolint:noctx // the test's own server
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(text)
	}
	if status, _ := read(d.url + "/healthz"); status != http.StatusOK {
		t.Fatalf("the console is not healthy: %d", status)
	}
	status, text := read("http://" + address + "/metrics")
	for _, want := range []string{
		`voxwarden_request_seconds_count{method="GET",route="/healthz",status="200"} 1`,
		"voxwarden_operations_open 0",
		"voxwarden_audit_head_seq ",
		"voxwarden_database_free_bytes ",
		`voxwarden_database_errors_total{kind="disk_full"} 0`,
		"voxwarden_outcomes_not_saved_total 0",
		`voxwarden_reconcile_passes_total{result="done"}`,
		"voxwarden_build_info{version=",
		"go_goroutines",
	} {
		if status != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("status %d, want 200 with %s", status, want)
		}
	}
	if status, _ := read("http://" + address + "/subusers"); status != http.StatusNotFound {
		t.Errorf("pages on the address of the metrics: status %d", status)
	}
	if status, _ := read(d.url + "/metrics"); status != http.StatusNotFound {
		t.Errorf("metrics on the address of the console: status %d", status)
	}
	if none := startDemo(t); none.metricsAddress() != "" {
		t.Error("metrics without METRICS_LISTEN")
	}
}
