package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
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
	drainTimeout   = 35 * time.Second // on shutdown, for running requests to write their outcome
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

// listenTimeout is how long listen waits for an address that is in use: a console that stops keeps it for its shutdown
// delay.
const listenTimeout = 10 * time.Second

// listenPause is the time between two attempts to listen.
const listenPause = 100 * time.Millisecond

// listen listens on an address. While another process uses the address, it tries again until the timeout.
func listen(ctx context.Context, address string, timeout time.Duration, logger *slog.Logger) (net.Listener, error) {
	deadline := time.Now().Add(timeout)
	for logged := false; ; logged = true {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
		if err == nil {
			return listener, nil
		}
		if !errors.Is(err, syscall.EADDRINUSE) || time.Now().After(deadline) {
			return nil, fmt.Errorf("listening: %w", listenAdvice(err, "VOXWARDEN_LISTEN"))
		}
		if !logged {
			logger.Warn("the address is in use, trying again", "address", address, "timeout_ms", timeout.Milliseconds())
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("listening: %w", ctx.Err())
		case <-time.After(listenPause):
		}
	}
}

// listenAdvice adds what to do to an error of listening, if the address is in use.
func listenAdvice(err error, setting string) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w. End the program that uses it, or change %s", err, setting)
	}
	return err
}

// serve serves until ctx ends. Then it reports that it is not ready and goes on for the shutdown delay, stops accepting
// connections, and waits for running requests. It closes the listener. announce is called with the address when
// connections are accepted.
func (c *console) serve(
	ctx context.Context,
	cfg config.Config,
	listener net.Listener,
	announce func(address string),
) error {
	stopMetrics, err := c.serveMetrics(ctx, cfg.Metrics)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer stopMetrics()
	server := newServer(c.handler, c.logger)
	backgroundCtx, stopBackground := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBackground()
	c.background.Go(func() { c.auditLog.Run(backgroundCtx) }) // also counts refusals of the last requests
	c.background.Go(func() { c.auditLog.Watch(backgroundCtx) })
	c.background.Go(func() { c.auditLog.VerifyPeriodically(backgroundCtx) })
	c.background.Go(func() { c.db.KeepPresent(backgroundCtx) })
	workCtx, stopWork := context.WithCancel(backgroundCtx)
	defer stopWork()
	c.background.Go(func() { c.operations.Run(workCtx) })
	c.background.Go(func() { c.bulk.Run(workCtx) })
	c.background.Go(func() { c.lifecycle.Run(workCtx) })

	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	announce(listener.Addr().String())
	select {
	case err := <-stopped:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	if err := c.waitForBalancers(cfg.ShutdownDelay, stopped); err != nil {
		return fmt.Errorf("serving: %w", err)
	}
	c.logger.Info("shutting down")
	stopWork()
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		return errors.Join(fmt.Errorf("shutting down: %w", err), server.Close())
	}
	return nil
}

// waitForBalancers reports on /readyz that the console is not ready, and waits for the delay, so that balancers find
// out before connections are refused. An error of the server ends the wait.
func (c *console) waitForBalancers(delay time.Duration, failed <-chan error) error {
	c.stopping.Store(true)
	if delay == 0 {
		return nil
	}
	c.logger.Info("stopping", "delay_ms", delay.Milliseconds())
	select {
	case <-time.After(delay):
	case err := <-failed:
		return err
	}
	return nil
}
