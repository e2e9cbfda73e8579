package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Limits of a connection.
const (
	readHeaderTimeout = 5 * time.Second  // browsers send the header at once
	readTimeout       = 15 * time.Second // forms are small
	// A change reads first, calls the vendor for up to 30 s and writes its outcome. The response may be the only copy of
	// a password.
	writeTimeout   = 90 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 128 << 10        // a proxy may send 1,500 groups
	drainTimeout   = 45 * time.Second // on shutdown, for running requests to write their outcome
)

// newServer returns a server with these limits, so that slow clients cannot keep connections open.
func newServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
}

// serve serves until ctx ends, and then waits for running requests. metrics is the address of /metrics, or "".
func (c *console) serve(ctx context.Context, listen, metrics string, stdout io.Writer) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	stopMetrics, err := c.serveMetrics(ctx, metrics)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer stopMetrics()
	server := newServer(c.handler, c.logger)
	backgroundCtx, stopBackground := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBackground()
	c.background.Go(func() { c.operations.Run(backgroundCtx) })
	c.background.Go(func() { c.bulk.Run(backgroundCtx) })

	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	fmt.Fprintf(stdout, "Voxwarden is at http://%s\n", listener.Addr())
	select {
	case err := <-stopped:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	c.logger.Info("shutting down")
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		return errors.Join(fmt.Errorf("shutting down: %w", err), server.Close())
	}
	return nil
}
