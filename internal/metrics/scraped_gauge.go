package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// readLimit limits the time for reading a value, because a scrape waits for it.
const readLimit = 3 * time.Second

// scrapedGauge is a metric that is read for each scrape.
type scrapedGauge struct {
	desc *prometheus.Desc
	read func(context.Context) (value float64, known bool, err error) // a value that is not known is omitted
}

func newScrapedGauge(name, help string, read func(context.Context) (float64, bool, error)) scrapedGauge {
	return scrapedGauge{desc: prometheus.NewDesc(name, help, nil, nil), read: read}
}

// Describe implements prometheus.Collector.
func (g scrapedGauge) Describe(to chan<- *prometheus.Desc) { to <- g.desc }

// Collect implements prometheus.Collector.
func (g scrapedGauge) Collect(to chan<- prometheus.Metric) {
	ctx, done := context.WithTimeout(context.Background(), readLimit)
	defer done()
	value, known, err := g.read(ctx)
	switch {
	case err != nil:
		to <- prometheus.NewInvalidMetric(g.desc, err)
	case known:
		to <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, value)
	}
}
