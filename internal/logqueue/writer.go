package logqueue

import (
	"bytes"
	"time"
)

// Writer adds lines of one kind to a queue. It is safe for concurrent use.
type Writer struct {
	queue   *Queue
	options Options

	// Guarded by the queue's mutex.
	bytes, waiting int // of the lines in the queue
	dropped        int
	unreported     int  // dropped since the last line about them
	full           bool // a line had no room
	lastDropped    time.Time
}

// Status is the state of one kind of lines.
type Status struct {
	Waiting     int       // lines that wait for an output that does not work
	Dropped     int       // lines that were dropped since the start
	LastDropped time.Time // zero for never
}

// Status returns the state of the lines of this writer.
func (w *Writer) Status() Status {
	w.queue.mu.Lock()
	defer w.queue.mu.Unlock()
	s := Status{Dropped: w.dropped, LastDropped: w.lastDropped}
	if w.queue.stalled {
		s.Waiting = w.waiting
	}
	return s
}

// Write adds a line. It always succeeds.
func (w *Writer) Write(text []byte) (int, error) {
	if written := w.add(text); written != nil {
		w.await(written)
	}
	return len(text), nil
}

// add adds a line, and returns the channel to wait for, if any.
func (w *Writer) add(text []byte) chan struct{} {
	q := w.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || w.full || w.bytes+len(text) > w.options.MaxBytes {
		w.full = true
		w.drop()
		return nil
	}
	added := line{text: bytes.Clone(text), from: w}
	if w.options.Wait > 0 && !q.stalled {
		added.written = make(chan struct{})
	}
	q.lines = append(q.lines, added)
	w.bytes += len(text)
	w.waiting++
	q.added.Signal()
	return added.written
}

// drop counts a dropped line. The caller holds the queue's mutex.
func (w *Writer) drop() {
	w.dropped++
	w.unreported++
	w.lastDropped = time.Now()
	w.queue.added.Signal()
}

// await waits until a line was written or has failed. After Wait, the output counts as stalled.
func (w *Writer) await(written chan struct{}) {
	timer := time.NewTimer(w.options.Wait)
	defer timer.Stop()
	select {
	case <-written:
		return
	case <-timer.C:
	}
	w.queue.mu.Lock()
	defer w.queue.mu.Unlock()
	select {
	case <-written: // in the meantime
	default:
		w.queue.stalled = true
	}
}
