package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
)

// checkTimeout limits a health check.
const checkTimeout = 3 * time.Second

// healthcheck checks /readyz of the console on this machine. It is for container images without other programs.
func healthcheck(ctx context.Context, args, environ []string, stderr io.Writer) error {
	set := flag.NewFlagSet("server healthcheck", flag.ContinueOnError)
	listen := set.String("listen", "", "`address` that the console listens on, instead of VOXWARDEN_LISTEN")
	if err := parseFlags(set, args, stderr); err != nil {
		return err
	}
	if *listen == "" {
		*listen = config.ListenAddress(environ)
	}
	address, err := dialable(*listen)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("checking the console: %w", err)
	}
	// This transport uses no proxy, because the console is on this machine.
	response, err := (&http.Client{Transport: &http.Transport{}}).Do(request)
	if err != nil {
		return fmt.Errorf("checking the console: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the console is not ready: status %s", response.Status)
	}
	return nil
}

// dialable returns the address for connecting to a listen address. For all addresses of the machine it is a loopback
// address.
func dialable(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", fmt.Errorf("the listen address %q is not host:port", listen)
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}
