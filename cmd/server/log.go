package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-isatty"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/handlers"
	"github.com/voxwarden/voxwarden/internal/logqueue"
	"github.com/voxwarden/voxwarden/internal/metrics"
)

// Limits of the log.
const (
	maxWaitingLogBytes = 1 << 20
	logFlushTimeout    = time.Second // at the end
)

// logs are the logger of a running console, the copies of audit events, and the messages for people. None of them waits
// for readers of the two streams.
type logs struct {
	logger   *slog.Logger
	lines    *logqueue.Writer // of logger
	copies   *auditCopies
	stdout   io.Writer
	messages *logqueue.Queue // of stdout
}

// newLogs returns the logs of a console. The caller must close them.
func newLogs(cfg config.Config, stdout, stderr io.Writer) *logs {
	log, messages := logqueue.New(stderr), logqueue.New(stdout)
	lines := log.Writer(logqueue.Options{
		MaxBytes: maxWaitingLogBytes,
		Dropped: func(out io.Writer, lines int) {
			newLogger(cfg, out).Warn("log lines were dropped", "lines", lines)
		},
	})
	return &logs{
		logger:   newLogger(cfg, lines),
		lines:    lines,
		copies:   newAuditCopies(log, cfg.AuditCopy),
		stdout:   messages.Writer(logqueue.Options{MaxBytes: maxWaitingLogBytes}),
		messages: messages,
	}
}

// auditCopies returns the audit events without a copy.
func (l *logs) auditCopies() handlers.AuditCopies {
	status := l.copies.status()
	return handlers.AuditCopies{Waiting: status.Waiting, Lost: status.Dropped, LastLost: status.LastDropped}
}

// counts returns the lines that the log did not get.
func (l *logs) counts() metrics.LogCounts {
	copies := l.copies.status()
	return metrics.LogCounts{
		DroppedLines:  l.lines.Status().Dropped,
		WaitingCopies: copies.Waiting,
		LostCopies:    copies.Dropped,
	}
}

// close writes what waits, as far as that is possible at once.
func (l *logs) close() {
	l.copies.close()
	l.messages.Close(logFlushTimeout)
}

// newLogger returns a logger with the configured level and format.
func newLogger(cfg config.Config, out io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.LogLevel, ReplaceAttr: nameAsCalled}
	if cfg.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(out, options))
	}
	return slog.New(slog.NewJSONHandler(out, options))
}

// nameAsCalled replaces the program's name in messages, problems and errors, see config.AsCalled.
func nameAsCalled(_ []string, attribute slog.Attr) slog.Attr {
	switch value := attribute.Value.Any().(type) {
	case string:
		attribute.Value = slog.StringValue(config.AsCalled(value))
	case error:
		attribute.Value = slog.StringValue(config.AsCalled(value.Error()))
	}
	return attribute
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
	if _, connecting := errors.AsType[*pgconn.ConnectError](err); connecting {
		err = explainDatabase(err)
	}
	if forPeople(args, out) {
		fmt.Fprintln(out, config.AsCalled("server: "+err.Error()))
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
