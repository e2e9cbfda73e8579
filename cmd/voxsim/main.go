// Command voxsim serves a simulated Voximplant Management API on this machine, for development, tests and the vendor's
// own clients, which require TLS:
//
//	voxsim -listen 127.0.0.1:9091 -credentials owner.json
//	voxsim -tls -ca ca.pem -credentials owner.json -company large -subusers 10000 \
//	    -variant set_key_roles=replace,page_cap=10
//
// Everything is held in memory and lost at the end. The package internal/voxsim documents what is simulated.
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

// run serves until ctx ends. It prints the address when it is ready.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	o, err := parseFlags(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil // already printed
	}
	if err != nil {
		return err
	}
	sim, err := voxsim.New(o.sim)
	if err != nil {
		return fmt.Errorf("creating the simulator: %w", err)
	}
	defer sim.Close()
	if err := writePrivateFile(o.credentials, sim.Credentials()); err != nil {
		return fmt.Errorf("writing the credentials: %w", err)
	}
	listener, scheme, err := listen(o)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "voxsim listens on %s://%s/platform_api for account %d; credentials of the Owner key: %s\n",
		scheme, listener.Addr(), sim.AccountID(), o.credentials)
	return serve(ctx, listener, sim)
}

// listen opens the port, with a new certificate if TLS is requested.
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
		_ = listener.Close() // the first error is returned
		return nil, "", fmt.Errorf("creating the certificate: %w", err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	return tls.NewListener(listener, config), "https", nil
}

// serve serves until ctx ends. It then ends calls that hang and waits for the others.
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

// writePrivateFile writes a file that only its owner can read. It is renamed into place, so that no reader sees a part
// of it.
func writePrivateFile(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".voxsim-*") // has mode 0600
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
