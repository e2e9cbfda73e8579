package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// auditStreamer streams the operations of a search in constant memory.
type auditStreamer interface {
	Stream(ctx context.Context, s audit.Search, each func(audit.Operation, []audit.Event) error, pause func() error) error
}

// exportWriteTimeout is how long a browser may take for each chunk of an export.
const exportWriteTimeout = 30 * time.Second

// exportAudit streams exactly the operations that the filter of the audit log selects, on all pages. After the first
// chunk no error page is possible: a later error closes the connection, so that the browser does not take the part for
// the whole. The time limit of a request counts for each batch, not for the whole export.
func (a *App) exportAudit(auditLog auditStreamer, format audit.Format, contentType string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		search, problems, _ := a.auditSearch(r)
		if len(problems) > 0 {
			return redirect(w, r, "/audit"+auditFilterValues(r.URL.Query()).Query()) // shows the errors
		}
		ctx, timer, cancel := withPauseTimer(stateOf(r).unlimited, a.RequestTimeout)
		defer cancel()
		out := &exportBody{w: w, controller: http.NewResponseController(w), timer: timer, setHeaders: func(h http.Header) {
			h.Set("Content-Type", contentType)
			h.Set(
				"Content-Disposition",
				fmt.Sprintf(`attachment; filename="record-%d-%s.%s"`, a.Account, a.Now().UTC().Format("20060102T150405Z"), format),
			)
		}}
		counted := &countingStreamer{auditStreamer: auditLog}
		exporter := AuditExporter()
		exporter.Separator = csvSeparator(r)
		err := exporter.Export(ctx, counted, search, format, out, out.flush)
		if out.started { // data was sent even if the export failed later
			a.writeNotice(
				r.WithContext(stateOf(r).unlimited),
				audit.Exported{
					Actor:     a.actor(r),
					Resource:  "record",
					Rows:      counted.rows,
					Filter:    auditFilterValues(r.URL.Query()).Query(),
					RequestID: stateOf(r).requestID,
				},
			)
		}
		if err != nil && out.started {
			a.Logger.WarnContext(r.Context(), "export aborted", "error", err, "request_id", stateOf(r).requestID)
			panic(http.ErrAbortHandler)
		}
		if err != nil && errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
			return errors.Join(context.Cause(ctx), err)
		}
		return err
	}
}

// countingStreamer counts the operations that it streams.
type countingStreamer struct {
	auditStreamer
	rows int
}

// Stream is auditStreamer.Stream.
func (c *countingStreamer) Stream(
	ctx context.Context,
	s audit.Search,
	each func(audit.Operation, []audit.Event) error,
	pause func() error,
) error {
	return c.auditStreamer.Stream(ctx, s, func(op audit.Operation, events []audit.Event) error {
		c.rows++
		return each(op, events)
	}, pause)
}

// AuditExporter returns the exporter of the audit log, for pages and the command line.
func AuditExporter() audit.Exporter {
	return audit.Exporter{RoleChanges: func(op audit.Operation) (granted, revoked string) {
		change := intendedChange(op)
		return strings.Join(change.Grant, "; "), strings.Join(change.Revoke, "; ")
	}}
}

// exportChunkBytes is the size of the buffer of an export.
const exportChunkBytes = 64 << 10

// exportBody is the body of an export. It sends nothing until the first batch was read: an error until then becomes a
// page.
type exportBody struct {
	w          http.ResponseWriter
	controller *http.ResponseController
	setHeaders func(http.Header)
	timer      *pauseTimer
	started    bool
	buffered   []byte
}

// Write buffers until there is a chunk.
func (b *exportBody) Write(p []byte) (int, error) {
	b.buffered = append(b.buffered, p...)
	if b.started && len(b.buffered) >= exportChunkBytes {
		return len(p), b.send()
	}
	return len(p), nil
}

// flush sends the buffer to a browser that reads each chunk within exportWriteTimeout.
func (b *exportBody) flush() error {
	b.start()
	if err := b.send(); err != nil {
		return err
	}
	b.timer.stop()
	defer b.timer.restart()
	if err := b.controller.Flush(); err != nil {
		return fmt.Errorf("sending an export: %w", err)
	}
	return nil
}

func (b *exportBody) start() {
	if !b.started {
		b.started = true
		b.setHeaders(b.w.Header())
		b.w.WriteHeader(http.StatusOK)
	}
}

func (b *exportBody) send() error {
	b.timer.stop()
	defer b.timer.restart()
	// The deadline is compared with the real clock, not with a test clock. Without a deadline there is nothing to extend.
	_ = b.controller.SetWriteDeadline(time.Now().Add(exportWriteTimeout))
	if _, err := b.w.Write(b.buffered); err != nil {
		return fmt.Errorf("sending an export: %w", err)
	}
	b.buffered = b.buffered[:0]
	return nil
}
