package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/handlers"
	"github.com/voxwarden/voxwarden/internal/logqueue"
	"github.com/voxwarden/voxwarden/internal/metrics"
)

// Limits of the log.
const (
	maxWaitingLogBytes    = 1 << 20
	maxWaitingCopiesBytes = 16 << 20
	copyTimeout           = time.Second // an operation waits this long for the copy of its event, once for each fault
	logFlushTimeout       = time.Second // at the end
)

// logs are the logger of a running console, the logger for copies of audit events, and its messages for people. None of
// them waits for readers of the two streams.
type logs struct {
	logger, auditLogger *slog.Logger
	stdout              io.Writer
	lines, copies       *logqueue.Writer
	queues              []*logqueue.Queue
}

// newLogs returns the logs of a console. The caller must close them.
func newLogs(cfg config.Config, stdout, stderr io.Writer) *logs {
	log, messages := logqueue.New(stderr), logqueue.New(stdout)
	l := &logs{
		stdout: messages.Writer(logqueue.Options{MaxBytes: maxWaitingLogBytes}),
		copies: newCopies(log),
		lines: log.Writer(logqueue.Options{
			MaxBytes: maxWaitingLogBytes,
			Dropped: func(out io.Writer, lines int) {
				newLogger(cfg, out).Warn("log lines were dropped", "lines", lines)
			},
		}),
		queues: []*logqueue.Queue{log, messages},
	}
	l.logger, l.auditLogger = newLogger(cfg, l.lines), newAuditLogger(l.copies)
	return l
}

// newCopies returns the writer for copies of audit events in a log. From now on, a write to standard error or output
// without a reader returns an error instead of ending the process by a signal.
func newCopies(log *logqueue.Queue) *logqueue.Writer {
	signal.Ignore(syscall.SIGPIPE)
	return log.Writer(logqueue.Options{
		MaxBytes: maxWaitingCopiesBytes,
		Wait:     copyTimeout,
		Dropped: func(out io.Writer, lines int) {
			newAuditLogger(out).Warn("copies of audit events were lost", "events", lines)
		},
	})
}

// auditCopies returns the audit events without a copy.
func (l *logs) auditCopies() handlers.AuditCopies {
	status := l.copies.Status()
	return handlers.AuditCopies{Waiting: status.Waiting, Lost: status.Dropped, LastLost: status.LastDropped}
}

// counts returns the lines that the log did not get.
func (l *logs) counts() metrics.LogCounts {
	copies := l.copies.Status()
	return metrics.LogCounts{
		DroppedLines:  l.lines.Status().Dropped,
		WaitingCopies: copies.Waiting,
		LostCopies:    copies.Dropped,
	}
}

// close writes what waits, as far as that is possible at once.
func (l *logs) close() {
	for _, queue := range l.queues {
		queue.Close(logFlushTimeout)
	}
}

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
