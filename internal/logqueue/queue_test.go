package logqueue_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/logqueue"
)

// output is a log that a test can stall and break.
type output struct {
	mu   sync.Mutex // held by a test while the reader is stalled
	text bytes.Buffer
	err  error
	most int // longer lines cannot be delivered; 0 for no limit
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return 0, o.err
	}
	if o.most > 0 && len(p) > o.most {
		return 0, fmt.Errorf("sending: %w", logqueue.ErrNotDeliverable)
	}
	return o.text.Write(p)
}

func (o *output) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.err = err
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func dropped(kind string) func(io.Writer, int) {
	return func(out io.Writer, lines int) { fmt.Fprintf(out, "%d %s dropped\n", lines, kind) }
}

// While the log works, all lines are there in their order, and copies before Write returns.
func TestOrder(t *testing.T) {
	t.Parallel()
	var out output
	q := logqueue.New(&out)
	lines := q.Writer(logqueue.Options{MaxBytes: 1 << 20})
	copies := q.Writer(logqueue.Options{MaxBytes: 1 << 20, Wait: time.Hour})
	var want strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&want, "line %d\n", i)
		fmt.Fprintf(lines, "line %d\n", i)
		if i%100 == 99 {
			fmt.Fprintf(&want, "copy %d\n", i)
			fmt.Fprintf(copies, "copy %d\n", i)
			if got := out.String(); got != want.String() {
				t.Fatalf("%d bytes after copy %d, want %d", len(got), i, want.Len())
			}
		}
	}
	fmt.Fprint(lines, "the last\n")
	q.Close(time.Hour)
	if got := out.String(); got != want.String()+"the last\n" {
		t.Errorf("%d bytes", len(got))
	}
	if lines.Status() != (logqueue.Status{}) || copies.Status() != (logqueue.Status{}) {
		t.Errorf("%+v, %+v", lines.Status(), copies.Status())
	}
}

// While a reader stalls, no caller waits, but for one copy. What has no room is counted, and reported at its place when
// the reader goes on.
func TestStalledReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := &stallable{}
		q := logqueue.New(out)
		lines := q.Writer(logqueue.Options{MaxBytes: 16, Dropped: dropped("lines")})
		copies := q.Writer(logqueue.Options{MaxBytes: 24, Wait: time.Second, Dropped: dropped("copies")})
		out.stall()
		fmt.Fprint(lines, "line 1\n")
		synctest.Wait() // it is being written
		begun := time.Now()
		for i := 2; i <= 5; i++ {
			fmt.Fprintf(lines, "line %d\n", i)
		}
		if waited := time.Since(begun); waited != 0 {
			t.Errorf("lines waited %s", waited)
		}
		for i := 1; i <= 5; i++ {
			fmt.Fprintf(copies, "copy %d\n", i)
		}
		if waited := time.Since(begun); waited != time.Second {
			t.Errorf("five copies waited %s", waited)
		}
		lost := time.Now()
		if got := lines.Status(); got != (logqueue.Status{Waiting: 2, Dropped: 3, LastDropped: begun}) {
			t.Errorf("lines: %+v", got)
		}
		if got := copies.Status(); got != (logqueue.Status{Waiting: 3, Dropped: 2, LastDropped: lost}) {
			t.Errorf("copies: %+v", got)
		}
		out.goOn()
		synctest.Wait()
		fmt.Fprint(lines, "line 6\n")
		q.Close(time.Hour)
		want := "line 1\nline 2\ncopy 1\ncopy 2\ncopy 3\n3 lines dropped\n2 copies dropped\nline 6\n"
		if got := out.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := copies.Status(); got != (logqueue.Status{Dropped: 2, LastDropped: lost}) {
			t.Errorf("copies afterwards: %+v", got)
		}
	})
}

// A slow reader delays one copy, and no other until it has caught up.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := &slow{takes: 600 * time.Millisecond}
		q := logqueue.New(out)
		copies := q.Writer(logqueue.Options{MaxBytes: 1 << 10, Wait: time.Second})
		lines := q.Writer(logqueue.Options{MaxBytes: 1 << 10})
		for range 3 {
			fmt.Fprint(lines, "line\n")
		}
		begun := time.Now()
		fmt.Fprint(copies, "copy\n")
		time.Sleep(700 * time.Millisecond) // the reader takes one or two lines
		if got := copies.Status(); got.Waiting != 1 {
			t.Errorf("%+v", got)
		}
		fmt.Fprint(copies, "copy\n")
		if waited := time.Since(begun); waited != 1700*time.Millisecond {
			t.Errorf("two copies took %s", waited)
		}
		time.Sleep(time.Minute)
		begun = time.Now()
		fmt.Fprint(copies, "copy\n")
		if waited := time.Since(begun); waited != out.takes || copies.Status() != (logqueue.Status{}) {
			t.Errorf("the copy took %s, %+v", waited, copies.Status())
		}
		q.Close(time.Hour)
	})
}

// slow is an output that takes a while for each line.
type slow struct{ takes time.Duration }

func (s *slow) Write(p []byte) (int, error) {
	time.Sleep(s.takes)
	return len(p), nil
}

// stallable is an output with a reader that can stall, for tests with a fake clock.
type stallable struct {
	output
	stalls chan struct{}
}

func (s *stallable) stall() { s.stalls = make(chan struct{}) }
func (s *stallable) goOn()  { close(s.stalls) }

func (s *stallable) Write(p []byte) (int, error) {
	if s.stalls != nil {
		<-s.stalls
	}
	return s.output.Write(p)
}

// A log that fails gets its lines when it works again. Copies do not wait for it.
func TestFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out output
		q := logqueue.New(&out)
		copies := q.Writer(logqueue.Options{MaxBytes: 1 << 10, Wait: time.Hour, Dropped: dropped("copies")})
		out.fail(errors.New("no space left on device"))
		begun := time.Now()
		fmt.Fprint(copies, "copy 1\n")
		fmt.Fprint(copies, "copy 2\n")
		if waited := time.Since(begun); waited != 0 {
			t.Errorf("copies waited %s", waited)
		}
		if got := copies.Status(); got.Waiting != 2 || got.Dropped != 0 {
			t.Errorf("%+v", got)
		}
		time.Sleep(time.Minute)
		out.fail(nil)
		time.Sleep(time.Minute)
		if got := out.String(); got != "copy 1\ncopy 2\n" || copies.Status() != (logqueue.Status{}) {
			t.Errorf("%q, %+v", got, copies.Status())
		}
		q.Close(time.Hour)
	})
}

// A line that the log will never accept does not keep others from it.
func TestNotDeliverable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := output{most: 20}
		q := logqueue.New(&out)
		copies := q.Writer(logqueue.Options{MaxBytes: 1 << 10, Wait: time.Hour, Dropped: dropped("copies")})
		fmt.Fprint(copies, "a line that is far too long\n")
		synctest.Wait()
		fmt.Fprint(copies, "copy\n")
		q.Close(time.Hour)
		if got := out.String(); got != "1 copies dropped\ncopy\n" || copies.Status().Dropped != 1 {
			t.Errorf("%q, %+v", got, copies.Status())
		}
	})
}

// Closing does not wait for a log that does not work, and counts what is lost.
func TestCloseWithoutLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var broken output
		broken.fail(errors.New("broken pipe"))
		q := logqueue.New(&broken)
		lines := q.Writer(logqueue.Options{MaxBytes: 1 << 10, Dropped: dropped("lines")})
		for range 5 {
			fmt.Fprint(lines, "line\n")
		}
		begun := time.Now()
		q.Close(time.Hour)
		fmt.Fprint(lines, "too late\n")
		if got := lines.Status(); got.Dropped != 6 || time.Since(begun) != 0 {
			t.Errorf("%+v after %s", got, time.Since(begun))
		}

		stalled := &stallable{}
		stalled.stall()
		q = logqueue.New(stalled)
		fmt.Fprint(q.Writer(logqueue.Options{MaxBytes: 1 << 10}), "line\n")
		begun = time.Now()
		q.Close(time.Second)
		if waited := time.Since(begun); waited != time.Second {
			t.Errorf("closing took %s", waited)
		}
		stalled.goOn()
	})
}

// Many callers, a slow log and small limits: each line is written once or counted.
func TestNoLineIsUncounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		read, write := io.Pipe()
		var got []byte
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			got, _ = io.ReadAll(read)
		}()
		q := logqueue.New(write)
		var writers []*logqueue.Writer
		var callers sync.WaitGroup
		for kind := range 3 {
			w := q.Writer(logqueue.Options{MaxBytes: 100, Wait: time.Duration(kind) * time.Millisecond})
			writers = append(writers, w)
			for range 10 {
				callers.Go(func() {
					for range 100 {
						fmt.Fprint(w, "line\n")
					}
				})
			}
		}
		callers.Wait()
		q.Close(time.Hour)
		_ = write.Close()
		<-ended
		lost := 0
		for _, w := range writers {
			lost += w.Status().Dropped
		}
		if written := bytes.Count(got, []byte("line\n")); written+lost != 3000 || written*5 != len(got) {
			t.Errorf("%d lines written in %d bytes, %d counted as dropped", written, len(got), lost)
		}
	})
}
