// Package logqueue writes lines of a log without waiting for the log. A reader that stalls or is gone, and a disk that
// is full, delay and end nothing. What cannot be written is counted.
package logqueue

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"time"
)

// retryAfter is the time between two attempts to write a line.
const retryAfter = time.Second

// ErrNotDeliverable is wrapped by errors of an output that will never accept the line, such as one that is too long.
var ErrNotDeliverable = errors.New("the line cannot be delivered")

// Queue holds lines until its output accepts them, in their order. A goroutine of its own writes them. It is safe for
// concurrent use.
type Queue struct {
	out     io.Writer
	closing chan struct{}
	ended   chan struct{} // closed when the goroutine is done

	mu      sync.Mutex
	added   sync.Cond
	lines   []line // without those that the goroutine is writing
	writers []*Writer
	stalled bool // the output failed, or a line has waited too long, and not all lines were written since
	closed  bool
}

type line struct {
	text    []byte
	from    *Writer       // nil for a line about dropped ones
	written chan struct{} // closed when the line was written or has failed; nil when no caller waits for it
}

// New returns a queue in front of an output. The caller must close it.
func New(out io.Writer) *Queue {
	q := &Queue{out: out, closing: make(chan struct{}), ended: make(chan struct{})}
	q.added.L = &q.mu
	go q.run()
	return q
}

// Options are the settings of one kind of lines.
type Options struct {
	// MaxBytes limits the lines that wait. Others are dropped until the output works again.
	MaxBytes int
	// Wait is how long Write waits until its line is written, while the output works. 0 means not at all.
	Wait time.Duration
	// Dropped writes the line that reports that lines are missing at this place. nil means no line.
	Dropped func(out io.Writer, lines int)
}

// Writer returns a writer for one kind of lines. Each call of its Write is one line. It never fails.
func (q *Queue) Writer(o Options) *Writer {
	w := &Writer{queue: q, options: o}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.writers = append(q.writers, w)
	return w
}

// Close writes the lines that wait, but not for longer than limit. Later lines are dropped.
func (q *Queue) Close(limit time.Duration) {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		close(q.closing)
		q.added.Signal()
	}
	q.mu.Unlock()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-q.ended:
	case <-timer.C:
	}
}

// run writes lines until the queue is closed and empty.
func (q *Queue) run() {
	defer close(q.ended)
	for {
		batch := q.take()
		if len(batch) == 0 {
			return
		}
		for _, l := range batch {
			q.write(l)
		}
	}
}

// take waits for lines and returns all of them, followed by lines about dropped ones. A writer that dropped a line for
// lack of room drops all others until then, so this is their place. Without lines, the queue is closed.
func (q *Queue) take() []line {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		batch := q.lines
		q.lines = nil
		q.stalled = q.stalled && len(batch) > 0
		for _, w := range q.writers {
			if w.unreported > 0 && w.options.Dropped != nil {
				var text bytes.Buffer
				w.options.Dropped(&text, w.unreported)
				batch = append(batch, line{text: text.Bytes()})
			}
			w.unreported, w.full = 0, false
		}
		if len(batch) > 0 || q.closed {
			return batch
		}
		q.added.Wait()
	}
}

// write writes one line, if necessary with several attempts.
func (q *Queue) write(l line) {
	rest := l.text
	for {
		n, err := q.out.Write(rest)
		rest = rest[n:]
		if err == nil {
			q.finish(l, true)
			return
		}
		if errors.Is(err, ErrNotDeliverable) || !q.retry(&l) {
			q.finish(l, false)
			return
		}
		select {
		case <-time.After(retryAfter):
		case <-q.closing:
		}
	}
}

// retry notes that the output failed, and reports whether to try again: not when the queue is closed. The caller of
// Write does not wait for it.
func (q *Queue) retry(l *line) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stalled = true
	if l.written != nil {
		close(l.written)
		l.written = nil
	}
	return !q.closed
}

// finish removes a line from the counts.
func (q *Queue) finish(l line, written bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if l.from != nil {
		l.from.bytes -= len(l.text)
		l.from.waiting--
		if !written {
			l.from.drop()
		}
	}
	if l.written != nil {
		close(l.written)
	}
}
