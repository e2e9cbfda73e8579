package main

import (
	"context"
	"errors"
	"fmt"
	"io"
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
		if isTerminal(stdout) {
			fmt.Fprintf(logs.stdout, "Voxwarden is at %s\n", cfg.BaseURL)
			return
		}
		logger.Info("Voxwarden is at "+cfg.BaseURL.String(), "address", address)
	})
}
