package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
)

// serveMetrics serves /metrics, and nothing else, at an address of its own, "" for none. stop ends it at once: a
// scrape that is cut off is made again.
func (c *console) serveMetrics(ctx context.Context, listen string) (stop func(), err error) {
	if listen == "" {
		return func() {}, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("listening for metrics: %w", err)
	}
	pages := http.NewServeMux()
	pages.Handle("GET /metrics", c.metrics.Handler(c.logger))
	server := newServer(pages, c.logger)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			c.logger.Error("metrics are not served any more", "error", err)
		}
	}()
	c.logger.Info("metrics are served", "address", listener.Addr().String())
	return func() { _ = server.Close() }, nil
}
