package metrics_test

import (
	"cmp"
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/metrics"
	"github.com/voxwarden/voxwarden/internal/testkit/golden"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// TestMetricsAreAsPinned compares the names, types and label names of the metrics with the golden file, as a scrape
// shows them. Those of the Go runtime and of the process belong to the client library and are left out.
func TestMetricsAreAsPinned(t *testing.T) {
	t.Parallel()
	m := metrics.New("v1")
	m.RegisterOpenOperations(func(context.Context) (int, error) { return 1, nil })
	m.RegisterLastBackup(func() (time.Time, error) { return time.Unix(1, 0), nil })
	m.RegisterLogs(func() metrics.LogCounts { return metrics.LogCounts{} })
	m.RegisterChain(func() time.Time { return time.Unix(1, 0) }, func() bool { return true })
	m.RegisterAuditHead(func(context.Context) (int64, error) { return 41, nil })
	m.RegisterFreeBytes(func() (uint64, bool, error) { return 5 << 20, true, nil })
	m.RegisterDatabaseErrors("disk_full", "locked")
	m.DatabaseError("locked")
	m.OutcomeNotSaved()
	m.ReconcilePass(false)
	m.Request("GET", "/", 200, time.Second)
	m.Call(voxapi.CallInfo{Method: "AddSubUser", Outcome: "refused", Code: 436, Duration: time.Second})
	m.Call(voxapi.CallInfo{Method: "AddSubUser", Outcome: "not sent", Failure: "unknown_authority"})
	text, _ := scrape(t, m)

	family := regexp.MustCompile(`^# TYPE (\S+) (\S+)$`)
	sample := regexp.MustCompile(`^[a-z_]+\{(.*)\} \S+$`)
	label := regexp.MustCompile(`([a-z_]+)="[^"]*"`)
	labels := map[string]map[string]bool{} // by name and type of the metric
	current := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if found := family.FindStringSubmatch(line); found != nil {
			current = found[1] + " | " + found[2]
			labels[current] = map[string]bool{}
		}
		if found := sample.FindStringSubmatch(line); found != nil {
			for _, name := range label.FindAllStringSubmatch(found[1], -1) {
				labels[current][name[1]] = true
			}
		}
	}
	var out strings.Builder
	for _, metric := range slices.Sorted(maps.Keys(labels)) {
		if !strings.HasPrefix(metric, "go_") && !strings.HasPrefix(metric, "process_") {
			names := strings.Join(slices.Sorted(maps.Keys(labels[metric])), ", ")
			out.WriteString(metric + " | " + cmp.Or(names, "no labels") + "\n")
		}
	}
	golden.Equal(t, "testdata/metrics.txt", out.String())
}
