package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
)

// serveMetrics serves only /metrics on its own address; "" means no metrics. stop closes it without waiting for
// requests, because Prometheus repeats a failed scrape.
func (c *console) serveMetrics(ctx context.Context, listen string) (stop func(), err error) {
	if listen == "" {
		return func() {}, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("listening for metrics: %w", listenAdvice(err, "VOXWARDEN_METRICS_LISTEN"))
	}
	pages := http.NewServeMux()
	pages.Handle("GET /metrics", c.metrics.Handler(c.logger))
	server := newServer(pages, c.logger)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			c.logger.Error("serving metrics failed", "error", err)
		}
	}()
	c.logger.Info("serving metrics", "address", listener.Addr().String())
	return func() { _ = server.Close() }, nil
}
