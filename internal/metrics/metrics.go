// Package metrics exposes metrics for Prometheus: requests to the console and to the vendor, operations, the database
// and the log. Labels are routes, methods, codes and kinds; they contain no user input and no names of people.
package metrics

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// Metrics is the set of all metrics. It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	calls    *prometheus.HistogramVec
	codes    *prometheus.CounterVec
	failures *prometheus.CounterVec

	databaseErrors   *prometheus.CounterVec
	outcomesNotSaved prometheus.Counter
	reconcilePasses  *prometheus.CounterVec
}

// New returns empty metrics. version is the version of the program.
func New(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "voxwarden_request_seconds",
			Help:    "Requests to the console, by route and status.",
			Buckets: []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30},
		}, []string{"method", "route", "status"}),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "voxwarden_vendor_call_seconds",
			Help:    "Requests to the Management API, by method and outcome: ok, refused, not sent, unknown or unavailable.",
			Buckets: []float64{0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5},
		}, []string{"method", "outcome"}),
		codes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "voxwarden_vendor_codes_total",
			Help: "Error codes from the Management API, by method and code.",
		}, []string{"method", "code"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "voxwarden_vendor_failures_total",
			Help: "Requests to the Management API without a usable response, by failure.",
		}, []string{"failure"}),
		databaseErrors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "voxwarden_database_errors_total",
			Help: "Errors of writes to and searches of the database, by kind.",
		}, []string{"kind"}),
		outcomesNotSaved: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "voxwarden_outcomes_not_saved_total",
			Help: "Outcomes of operations that could not be written to the audit log.",
		}),
		reconcilePasses: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "voxwarden_reconcile_passes_total",
			Help: "Passes over the open operations, by result: done or failed.",
		}, []string{"result"}),
	}
	for _, result := range []string{passDone, passFailed} {
		m.reconcilePasses.WithLabelValues(result)
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "voxwarden_build_info",
		Help:        "Always 1, with the version of the program.",
		ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(
		m.requests,
		m.calls,
		m.codes,
		m.failures,
		m.databaseErrors,
		m.outcomesNotSaved,
		m.reconcilePasses,
		build,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

// RegisterOpenOperations adds the number of open operations. count is called for each scrape; if it fails, the metric
// is omitted. Call it once, before the first scrape.
func (m *Metrics) RegisterOpenOperations(count func(context.Context) (int, error)) {
	m.registry.MustRegister(newScrapedGauge(
		"voxwarden_operations_open",
		"Open operations: running, or with an unknown outcome.",
		func(ctx context.Context) (float64, bool, error) {
			n, err := count(ctx)
			return float64(n), true, err
		},
	))
}

// RegisterLastBackup adds the time of the newest backup. last is called for each scrape; the metric is omitted if it
// returns the zero time or an error. Call it once, before the first scrape.
func (m *Metrics) RegisterLastBackup(last func() (time.Time, error)) {
	m.registry.MustRegister(newScrapedGauge(
		"voxwarden_last_backup_timestamp_seconds",
		"Unix time of the newest copy that server backup made of a SQLite database.",
		func(context.Context) (float64, bool, error) {
			at, err := last()
			return float64(at.UnixMilli()) / 1000, !at.IsZero(), err
		},
	))
}

// RegisterChain adds the time of the last verification of the audit log's chain, and whether there is an alarm. Both
// are called for each scrape; the time is omitted while it is zero. Call it once, before the first scrape.
func (m *Metrics) RegisterChain(lastVerified func() time.Time, alarm func() bool) {
	m.registry.MustRegister(
		newScrapedGauge(
			"voxwarden_last_verify_timestamp_seconds",
			"Unix time of the last verification of the audit log's chain without a finding.",
			func(context.Context) (float64, bool, error) {
				at := lastVerified()
				return float64(at.UnixMilli()) / 1000, !at.IsZero(), nil
			},
		),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "voxwarden_audit_alarm",
			Help: "1 while nothing is written because the audit log lacks events or was changed, else 0.",
		}, func() float64 {
			if alarm() {
				return 1
			}
			return 0
		}),
	)
}

// RegisterAuditHead adds the number of the newest event. newest is called for each scrape; if it fails, the metric is
// omitted. Call it once, before the first scrape.
func (m *Metrics) RegisterAuditHead(newest func(context.Context) (seq int64, err error)) {
	m.registry.MustRegister(newScrapedGauge(
		"voxwarden_audit_head_seq",
		"Number of the newest event of the audit log. It never decreases.",
		func(ctx context.Context) (float64, bool, error) {
			seq, err := newest(ctx)
			return float64(seq), true, err
		},
	))
}

// RegisterFreeBytes adds the free space on the disk of a SQLite database. free is called for each scrape; the metric is
// omitted if the space is not known. Call it once, before the first scrape.
func (m *Metrics) RegisterFreeBytes(free func() (bytes uint64, known bool, err error)) {
	m.registry.MustRegister(newScrapedGauge(
		"voxwarden_database_free_bytes",
		"Free bytes on the disk of a SQLite database.",
		func(context.Context) (float64, bool, error) {
			bytes, known, err := free()
			return float64(bytes), known, err
		},
	))
}

// RegisterDatabaseErrors adds a counter for each kind of errors of the database, from 0. DatabaseError increments it.
func (m *Metrics) RegisterDatabaseErrors(kinds ...string) {
	for _, kind := range kinds {
		m.databaseErrors.WithLabelValues(kind)
	}
}

// LogCounts are the lines that the log did not get.
type LogCounts struct {
	DroppedLines  int
	WaitingCopies int // of audit events
	LostCopies    int
}

// RegisterLogs adds the lines that the log did not get. counts is called for each scrape. Call it once, before the
// first scrape.
func (m *Metrics) RegisterLogs(counts func() LogCounts) {
	m.registry.MustRegister(
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "voxwarden_log_lines_dropped_total",
			Help: "Lines that were dropped because the log did not accept them, without copies of audit events.",
		}, func() float64 { return float64(counts().DroppedLines) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "voxwarden_audit_copies_lost_total",
			Help: "Copies of audit events that were lost because the log or the file for them did not accept them.",
		}, func() float64 { return float64(counts().LostCopies) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "voxwarden_audit_copies_waiting",
			Help: "Copies of audit events that wait for a log or a file that does not accept them.",
		}, func() float64 { return float64(counts().WaitingCopies) }),
	)
}

// Request counts a request to the console. route is its pattern, such as /subusers/{id}, or "" for none.
func (m *Metrics) Request(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(knownMethod(method), route, strconv.Itoa(status)).Observe(took.Seconds())
}

// Call counts a request to the vendor.
func (m *Metrics) Call(info voxapi.CallInfo) {
	m.calls.WithLabelValues(info.Method, info.Outcome).Observe(info.Duration.Seconds())
	if info.Code != 0 {
		m.codes.WithLabelValues(info.Method, strconv.Itoa(info.Code)).Inc()
	}
	if info.Failure != "" {
		m.failures.WithLabelValues(info.Failure).Inc()
	}
}

// DatabaseError counts an error of the database. The kinds must be few.
func (m *Metrics) DatabaseError(kind string) { m.databaseErrors.WithLabelValues(kind).Inc() }

// OutcomeNotSaved counts an outcome that could not be written to the audit log.
func (m *Metrics) OutcomeNotSaved() { m.outcomesNotSaved.Inc() }

// The results of a pass over the open operations.
const (
	passDone   = "done"
	passFailed = "failed"
)

// ReconcilePass counts a pass over the open operations.
func (m *Metrics) ReconcilePass(failed bool) {
	result := passDone
	if failed {
		result = passFailed
	}
	m.reconcilePasses.WithLabelValues(result).Inc()
}

// Handler serves the metrics at any path. It logs and omits metrics that cannot be collected.
func (m *Metrics) Handler(logger *slog.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError,
		ErrorLog:      slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	})
}

// knownMethod limits the methods, so that requests cannot create any number of series.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
		return method
	default:
		return "other"
	}
}
