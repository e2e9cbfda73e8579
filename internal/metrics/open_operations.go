package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// countLimit bounds the reading of the count, which a scrape waits for.
const countLimit = 3 * time.Second

// openOperations is a metric that is counted when it is asked for.
type openOperations struct {
	count func(context.Context) (int, error)
}

func openDesc() *prometheus.Desc {
	return prometheus.NewDesc(
		"voxwarden_operations_open",
		"Operations that are under way, or of which it is not known yet what became.",
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
