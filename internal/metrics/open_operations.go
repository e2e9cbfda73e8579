package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// countLimit limits the time for counting, because a scrape waits for it.
const countLimit = 3 * time.Second

// openOperations is a metric that is counted for each scrape.
type openOperations struct {
	count func(context.Context) (int, error)
}

func openDesc() *prometheus.Desc {
	return prometheus.NewDesc(
		"voxwarden_operations_open",
		"Open operations: running, or with an unknown outcome.",
		nil,
		nil,
	)
}

// Describe implements prometheus.Collector.
func (o openOperations) Describe(to chan<- *prometheus.Desc) { to <- openDesc() }

// Collect implements prometheus.Collector.
func (o openOperations) Collect(to chan<- prometheus.Metric) {
	ctx, done := context.WithTimeout(context.Background(), countLimit)
	defer done()
	n, err := o.count(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(openDesc(), err)
		return
	}
	to <- prometheus.MustNewConstMetric(openDesc(), prometheus.GaugeValue, float64(n))
}
