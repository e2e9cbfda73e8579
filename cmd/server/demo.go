package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// simulatorURL is the client's address of the simulator. Nothing listens there: requests do not leave the process.
const simulatorURL = "http://127.0.0.1/platform_api"

// publicAPIURL is the vendor's address. The demo shows it in code examples, so that they work when copied.
const publicAPIURL = "https://api.voximplant.com/platform_api"

// rsaBits is the length of the keys of the simulated account, as the vendor's.
const rsaBits = 2048

// serveDemo serves the console for a simulated account until ctx ends.
func serveDemo(
	ctx context.Context,
	cfg config.Config,
	settings []config.SettingValue,
	f startFlags,
	stdout, stderr io.Writer,
) (err error) {
	clock := &movedClock{}
	pair, err := rsa.GenerateKey(rand.Reader, rsaBits)
	if err != nil {
		return fmt.Errorf("generating the key pair of the demo: %w", err)
	}
	sim, err := voxsim.New(voxsim.Options{
		Company:  f.company,
		Variants: f.variant,
		Latency:  f.latency,
		Now:      clock.now,
		OwnerKey: pair,
		NewKey: func() (*rsa.PrivateKey, error) {
			if clock.isMoved() { // generating is slow, and the credentials of these keys are given to no operator
				return pair, nil
			}
			return rsa.GenerateKey(rand.Reader, rsaBits)
		},
	})
	if err != nil {
		return fmt.Errorf("starting the simulated account: %w", err)
	}
	defer sim.Close()
	dir, err := os.MkdirTemp("", "voxwarden-demo-")
	if err != nil {
		return fmt.Errorf("creating a folder for the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if cfg.Database.Empty() {
		cfg.Database = config.NewSecret("sqlite:" + filepath.Join(dir, "voxwarden.db"))
	}
	logs := newLogs(cfg, stdout, stderr)
	defer logs.close()
	key, err := demoKey(dir, sim.Credentials(), logs.logger)
	if err != nil {
		return err
	}
	up := upstream{
		url:         simulatorURL,
		publicURL:   publicAPIURL,
		transport:   sim.Transport(),
		credentials: key,
		environment: "Demo",
		mayBeNew:    true,
	}
	if f.history {
		if len(cfg.AuditKeys) == 0 { // the history and the console continue one chain
			cfg.AuditKeys = []config.Secret{config.NewSecret(rand.Text() + rand.Text())}
		}
		if err := writeHistory(ctx, cfg, up, sim, clock); err != nil {
			return err
		}
	}
	c, err := assemble(ctx, cfg, up, logs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	listener, err := listen(ctx, cfg.Listen, 0, logs.logger)
	if err != nil {
		return err
	}
	// After listening: a start that fails because the address is in use is none.
	if err := c.writeStartEvent(ctx, key.account(), settings); err != nil {
		return errors.Join(err, listener.Close())
	}
	return c.serve(ctx, cfg, listener, func(address string) {
		fmt.Fprintf(logs.stdout, "Voxwarden is at http://%s\n", address)
	})
}

// demoKey writes the key of the simulated account to a file, so that it can be replaced while the demo runs.
func demoKey(dir string, content []byte, logger *slog.Logger) (*credentials, error) {
	path := filepath.Join(dir, "credentials.json")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return nil, fmt.Errorf("writing the demo's console key: %w", err)
	}
	logger.Info("demo console key written, replace the file to try another key", "file", path)
	return readCredentials(path, logger, time.Now)
}
