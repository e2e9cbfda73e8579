package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/voxwarden/voxwarden/internal/config"
)

// errNoSignIn is why a real account is not served. The console can do everything that its key may do: without knowing
// who asks, it would do so for anybody.
var errNoSignIn = errors.New("no sign-in is configured: this version has none but that of the demo, and does not open a real account to everybody. Start it with -demo to try it")

// run is the program. It returns when the work is done, or when ctx ends and everything was shut down.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	command := ""
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		command, args = args[0], args[1:]
	}
	switch command {
	case "":
		return start(ctx, args, environ, stdout, stderr)
	case "healthcheck":
		return healthcheck(ctx, args, environ, stderr)
	case "version":
		_, err := fmt.Fprintln(stdout, version())
		return err
	default:
		return fmt.Errorf("there is no command %q; there are healthcheck and version, and without one the console starts", command)
	}
}

// start starts the console and serves until ctx ends.
func start(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	f, err := parseFlags(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil // it was printed
	}
	if err != nil {
		return err
	}
	if !f.demo {
		_, problems := config.Parse(environ)
		return errors.Join(errNoSignIn, problems)
	}
	if f.listen != "" {
		environ = append(environ[:len(environ):len(environ)], config.Prefix+"LISTEN="+f.listen)
	}
	cfg, err := config.Demo(environ)
	if err != nil {
		return err
	}
	return serveDemo(ctx, cfg, f, stdout, stderr)
}
