// Package metrics counts what the console does, for Prometheus: requests, calls to the vendor, and operations that
// are not closed. Labels are names of routes, methods and codes: nothing that people typed, and nobody's name.
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

// Metrics are all that is counted. It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	calls    *prometheus.HistogramVec
	codes    *prometheus.CounterVec
}

// New makes metrics of which nothing has been counted. version is the program's.
func New(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "voxwarden_request_seconds", Help: "Requests to the console, by route and status.",
			Buckets: []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30},
		}, []string{"method", "route", "status"}),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "voxwarden_vendor_call_seconds",
			Help: "Requests to the Management API, by method and what came of them: ok, refused, not sent, unknown or " +
				"unavailable.",
			Buckets: []float64{0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5},
		}, []string{"method", "outcome"}),
		codes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "voxwarden_vendor_codes_total", Help: "Error codes that the Management API answered with.",
		}, []string{"method", "code"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "voxwarden_build_info",
		Help:        "1, with the version of the program.",
		ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.calls, m.codes, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// RegisterOpenOperations has the operations counted that are not closed, at each scrape. While they cannot be counted
// the metric is left out. It must be called once, before the first scrape.
func (m *Metrics) RegisterOpenOperations(count func(context.Context) (int, error)) {
	m.registry.MustRegister(openOperations{count: count})
}

// Request counts a request that was answered. route is its pattern, such as /subusers/{id}, "" for none.
func (m *Metrics) Request(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(knownMethod(method), route, strconv.Itoa(status)).Observe(took.Seconds())
}

// Call counts a request to the vendor.
func (m *Metrics) Call(info voxapi.CallInfo) {
	m.calls.WithLabelValues(info.Method, info.Outcome).Observe(info.Duration.Seconds())
	if info.Code != 0 {
		m.codes.WithLabelValues(info.Method, strconv.Itoa(info.Code)).Inc()
	}
}

// Handler answers a scrape, at any path. What cannot be counted is logged and left out.
func (m *Metrics) Handler(logger *slog.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	})
}

// knownMethod keeps strangers from making up new series.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
		return method
	default:
		return "other"
	}
}
