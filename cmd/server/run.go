package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/licenses"
)

// run runs the program. It returns when the command is done, or after shutting down when ctx ends. Printing help is not
// an error.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	err := runCommand(ctx, args, environ, stdout, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	return err
}

func runCommand(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	command := ""
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		command, args = args[0], args[1:]
	}
	switch command {
	case "":
		return start(ctx, args, environ, stdout, stderr)
	case "healthcheck":
		return healthcheck(ctx, args, environ, stderr)
	case "config":
		return configCommand(ctx, args, environ, stdout, stderr)
	case "setup":
		return setupCommand(args, stdout, stderr)
	case "init":
		return initCommand(ctx, args, environ, stdout, stderr)
	case "backup":
		return backupCommand(ctx, args, environ, stdout, stderr)
	case "restore":
		return restoreCommand(ctx, args, environ, stdout, stderr)
	case "audit":
		return auditCommand(ctx, args, environ, stdout, stderr)
	case "version":
		_, err := fmt.Fprintln(stdout, version())
		return err
	case "licenses":
		text, err := licenses.Text()
		if err == nil {
			_, err = io.WriteString(stdout, text)
		}
		return err
	default:
		return fmt.Errorf("unknown command %q: server -h lists all commands", command)
	}
}

// start starts the console and serves until ctx ends.
func start(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	f, err := parseStartFlags(args, helpOutput(args, stderr))
	if err != nil {
		return err
	}
	if f.listen != "" {
		environ = append(environ[:len(environ):len(environ)], config.Prefix+"LISTEN="+f.listen)
	}
	if !f.demo {
		cfg, err := config.Parse(environ)
		if err != nil {
			return err
		}
		return serveAccount(ctx, cfg, config.Describe(environ, false), stdout, stderr)
	}
	cfg, err := config.Demo(environ)
	if err != nil {
		return err
	}
	return serveDemo(ctx, cfg, config.Describe(environ, true), f, stdout, stderr)
}
