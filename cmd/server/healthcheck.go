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

// checkTimeout is how long a console may take to say that it is ready.
const checkTimeout = 3 * time.Second

// healthcheck asks the console that listens on this machine whether it is ready. It is for container images that
// have no other program in them.
func healthcheck(ctx context.Context, args, environ []string, stderr io.Writer) error {
	set := flag.NewFlagSet("server healthcheck", flag.ContinueOnError)
	listen := set.String("listen", "", "`address` that the console listens on, instead of VOXWARDEN_LISTEN")
	if done, err := parseCommand(set, args, stderr); done || err != nil {
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
		return fmt.Errorf("asking whether the console is ready: %w", err)
	}
	// No proxy: the console is on this machine.
	answer, err := (&http.Client{Transport: &http.Transport{}}).Do(request)
	if err != nil {
		return fmt.Errorf("the console does not answer: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the console is not ready: it answers %s", answer.Status)
	}
	return nil
}

// dialable turns an address to listen on into one to call: a console that listens everywhere also listens here.
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
