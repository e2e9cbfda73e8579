package main

import (
	"io"
	"log/slog"
	"os/signal"
	"syscall"
	"time"

	"github.com/voxwarden/voxwarden/internal/logqueue"
)

// Limits of the copies of audit events.
const (
	maxWaitingCopiesBytes = 16 << 20
	copyTimeout           = time.Second // an operation waits this long for the copy of its event, once for each fault
)

// auditCopies write copies of audit events to the log and, if configured, to a file.
type auditCopies struct {
	logger  *slog.Logger
	writers []*logqueue.Writer
	queues  []*logqueue.Queue
}

// newAuditCopies returns the copies in the queue of a log and in a file; "" means no file. The caller must close them,
// which also closes the log. From now on, a write to standard error or output without a reader returns an error instead
// of ending the process by a signal.
func newAuditCopies(log *logqueue.Queue, file string) *auditCopies {
	signal.Ignore(syscall.SIGPIPE)
	c := &auditCopies{queues: []*logqueue.Queue{log}}
	if file != "" {
		c.queues = append(c.queues, logqueue.New(logqueue.NewFile(file)))
	}
	var outputs []io.Writer
	for _, queue := range c.queues {
		w := queue.Writer(logqueue.Options{
			MaxBytes: maxWaitingCopiesBytes,
			Wait:     copyTimeout,
			Dropped: func(out io.Writer, lines int) {
				newAuditLogger(out).Warn("copies of audit events were lost", "events", lines)
			},
		})
		c.writers, outputs = append(c.writers, w), append(outputs, w)
	}
	c.logger = newAuditLogger(io.MultiWriter(outputs...))
	return c
}

// status returns the state of all copies together.
func (c *auditCopies) status() logqueue.Status {
	var all logqueue.Status
	for _, w := range c.writers {
		s := w.Status()
		all.Waiting += s.Waiting
		all.Dropped += s.Dropped
		if s.LastDropped.After(all.LastDropped) {
			all.LastDropped = s.LastDropped
		}
	}
	return all
}

// close writes what waits, as far as that is possible at once.
func (c *auditCopies) close() {
	for _, queue := range c.queues {
		queue.Close(logFlushTimeout)
	}
}
