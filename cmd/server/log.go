package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"

	"github.com/mattn/go-isatty"

	"github.com/voxwarden/voxwarden/internal/config"
)

// newLogger returns a logger with the configured level and format.
func newLogger(cfg config.Config, out io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(out, options))
	}
	return slog.New(slog.NewJSONHandler(out, options))
}

// newAuditLogger returns the logger for copies of audit events. It always writes all of them as JSON, so that they can
// be compared with the database.
func newAuditLogger(out io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(out, nil))
}

// isTerminal reports whether a person reads what is written to out.
func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}

// forPeople reports whether the program's messages on out are for people: those of commands, of a demo, and on a
// terminal. All others go to a collector, as entries of the log.
func forPeople(args []string, out io.Writer) bool {
	command := len(args) > 0 && args[0] != "" && args[0][0] != '-'
	demo := slices.ContainsFunc([]string{"-demo", "--demo", "-demo=true", "--demo=true"}, func(flag string) bool {
		return slices.Contains(args, flag)
	})
	return command || demo || isTerminal(out)
}

// reportError writes the error with which the program ends, in the form that the reader of out expects.
func reportError(err error, args, environ []string, out io.Writer) {
	if forPeople(args, out) {
		fmt.Fprintln(out, "server:", err)
		return
	}
	logger := newLogger(config.Config{LogFormat: config.LogFormat(environ)}, out)
	if problems, ok := errors.AsType[*config.Problems](err); ok {
		for _, problem := range problems.Sentences {
			logger.Error("configuration", "problem", problem)
		}
		return
	}
	logger.Error("the console ended", "error", err)
}

// helpOutput returns where package flag writes for a console that starts. What it writes about a wrong flag is in the
// error too, and its help is only for people.
func helpOutput(args []string, out io.Writer) io.Writer {
	help := slices.ContainsFunc(args, func(arg string) bool { return arg == "-h" || arg == "--help" || arg == "-help" })
	if help || forPeople(args, out) {
		return out
	}
	return io.Discard
}
