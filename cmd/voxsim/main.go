// Command voxsim serves a simulated Voximplant Management API on this machine, for development, for tests, and for
// trying the vendor's own clients, which speak to it over TLS:
//
//	voxsim -listen 127.0.0.1:9091 -credentials owner.json
//	voxsim -tls -ca ca.pem -credentials owner.json -company large -subusers 10000 \
//	    -variant set_key_roles=replace,page_cap=10
//
// It holds everything in memory, so a restart begins anew. See the package internal/voxsim for what is simulated.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/voxwarden/voxwarden/internal/voxsim"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "voxsim:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends. Once it can be called it prints where.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	o, err := parseFlags(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil // it was printed
	}
	if err != nil {
		return err
	}
	sim, err := voxsim.New(o.sim)
	if err != nil {
		return fmt.Errorf("building the simulator: %w", err)
	}
	defer sim.Close()
	if err := writePrivateFile(o.credentials, sim.Credentials()); err != nil {
		return fmt.Errorf("writing the credentials: %w", err)
	}
	listener, scheme, err := listen(o)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "voxsim answers on %s://%s/platform_api for account %d; the Owner key is in %s\n",
		scheme, listener.Addr(), sim.AccountID(), o.credentials)
	return serve(ctx, listener, sim)
}

// listen opens the port, with a fresh certificate when TLS was asked for.
func listen(o options) (net.Listener, string, error) {
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return nil, "", fmt.Errorf("opening the port: %w", err)
	}
	if !o.tls {
		return listener, "http", nil
	}
	certificate, pem, err := selfSigned(time.Now())
	if err == nil && o.ca != "" {
		err = os.WriteFile(o.ca, pem, 0o644)
	}
	if err != nil {
		_ = listener.Close() // the first error is the one to tell
		return nil, "", fmt.Errorf("making a certificate: %w", err)
	}
	return tls.NewListener(
		listener,
		&tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
	), "https", nil
}

// serve answers until ctx ends, then ends what hangs and lets the rest finish.
func serve(ctx context.Context, listener net.Listener, sim *voxsim.Sim) error {
	server := &http.Server{Handler: sim, ReadHeaderTimeout: 10 * time.Second}
	serveErr := make(chan error, 1)
	go func() { serveErr <- server.Serve(listener) }()
	select {
	case err := <-serveErr:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	sim.Close()
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		return fmt.Errorf("shutting down: %w", err)
	}
	if err := <-serveErr; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving: %w", err)
	}
	return nil
}

// writePrivateFile puts a file in place at once, readable by its owner only, so that nobody ever reads half of it.
func writePrivateFile(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".voxsim-*") // made with mode 0600
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
