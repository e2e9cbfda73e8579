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

// What the server allows a connection.
const (
	readHeaderTimeout = 5 * time.Second  // a browser sends its head in one go
	readTimeout       = 15 * time.Second // forms are small
	// reading first, 30 s of calls, the outcome; the answer may hold a password that is nowhere else
	writeTimeout   = 90 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 32 << 10
	drainTimeout   = 45 * time.Second // every request that may still run, with its outcome written
)

// newServer makes a server that lets nobody hold a connection for longer than that.
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

// serve serves until ctx ends, then lets what was begun come to its end. metrics is where those are served, "" for
// nowhere.
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
