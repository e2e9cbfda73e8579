package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
)

// serveAccount serves the console for a real account until ctx ends.
func serveAccount(
	ctx context.Context,
	cfg config.Config,
	settings []config.SettingValue,
	stdout, stderr io.Writer,
) (err error) {
	logs := newLogs(cfg, stdout, stderr)
	defer logs.close()
	logger := logs.logger
	key, err := readCredentials(cfg.CredentialsFile, logger, time.Now)
	if err != nil {
		return err
	}
	if err := canWriteFiles(cfg); err != nil {
		return err
	}
	up := upstream{url: cfg.APIURL, publicURL: cfg.APIURL, credentials: key, witness: witnessPath(cfg)}
	c, err := assemble(ctx, cfg, up, logs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	logger.Info(
		"starting",
		"version", version(),
		"account", key.account(),
		"base_url", cfg.BaseURL.String(),
		"sign_in", cfg.Auth,
	)
	for _, warning := range cfg.Warnings() {
		logger.Warn("configuration", "warning", warning)
	}
	if err := c.warnIfNew(ctx); err != nil {
		return err
	}
	listener, err := listen(ctx, cfg.Listen, listenTimeout, logs.logger)
	if err != nil {
		return err
	}
	// After listening: a start that fails because the address is in use is none.
	if err := c.writeStartEvent(ctx, key.account(), settings); err != nil {
		return errors.Join(err, listener.Close())
	}
	return c.serve(ctx, cfg, listener, func(address string) {
		if err := notifyReady(os.Getenv("NOTIFY_SOCKET")); err != nil {
			logger.Warn("systemd was not notified", "error", err)
		}
		if isTerminal(stdout) {
			fmt.Fprintf(logs.stdout, "Voxwarden is at %s\n", cfg.BaseURL)
			return
		}
		logger.Info("Voxwarden is at "+cfg.BaseURL.String(), "address", address)
	})
}

// notifyReady reports to systemd that the console serves, if it runs in a unit of Type=notify: then systemd has set the
// variable NOTIFY_SOCKET. See sd_notify(3).
func notifyReady(socket string) (err error) {
	if socket == "" {
		return nil
	}
	connection, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return err
	}
	_, err = connection.Write([]byte("READY=1"))
	return errors.Join(err, connection.Close())
}
