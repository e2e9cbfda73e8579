package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/voxapi"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// simulated is the address by which the client calls the simulator. Nothing listens there: the calls do not leave the
// process.
const simulated = "http://127.0.0.1/platform_api"

// serveDemo serves the console over a simulated account until ctx ends.
func serveDemo(ctx context.Context, cfg config.Config, f flags, stdout, stderr io.Writer) (err error) {
	sim, err := voxsim.New(voxsim.Options{Company: f.company, Variants: f.variant, Latency: f.latency})
	if err != nil {
		return fmt.Errorf("starting the simulated account: %w", err)
	}
	defer sim.Close()
	credentials, err := voxapi.ParseCredentials(sim.Credentials())
	if err != nil {
		return fmt.Errorf("reading the simulated account's credentials: %w", err)
	}
	if cfg.Database.Empty() {
		dir, err := os.MkdirTemp("", "voxwarden-demo-")
		if err != nil {
			return fmt.Errorf("making a place for the demo's database: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		cfg.Database = config.NewSecret("sqlite:" + filepath.Join(dir, "voxwarden.db"))
	}
	c, err := assemble(ctx, cfg, upstream{url: simulated, transport: sim.Transport(), credentials: credentials, environment: "Demo"}, newLogger(cfg, stderr))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	return c.serve(ctx, cfg.Listen, stdout)
}
