package handlers

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// auditStreamer hands out everything that a search finds, in constant memory.
type auditStreamer interface {
	Stream(ctx context.Context, s audit.Search, each func(audit.Operation, []audit.Event) error, pause func() error) error
}

// exportWriteTimeout is how long a browser may take for each piece of an export.
const exportWriteTimeout = 30 * time.Second

// exportAudit writes exactly what the record is filtered to, on all pages, as it is read. Once the first piece is out
// no error page can follow: what breaks then ends the connection, so that no browser takes half a file for a whole
// one.
func (a *App) exportAudit(auditLog auditStreamer, format audit.Format, contentType string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		search, problems, _ := a.auditSearch(r)
		if len(problems) > 0 {
			return redirect(w, r, "/audit"+auditFilterValues(r.URL.Query()).Query()) // which says what is wrong
		}
		out := &exportBody{w: w, controller: http.NewResponseController(w), setHeaders: func(h http.Header) {
			h.Set("Content-Type", contentType)
			h.Set(
				"Content-Disposition",
				fmt.Sprintf(`attachment; filename="record-%d-%s.%s"`, a.Account, a.Now().UTC().Format("20060102T150405Z"), format),
			)
		}}
		if r.Method == http.MethodHead {
			out.start()
			return nil
		}
		counted := &countingStreamer{auditStreamer: auditLog}
		err := AuditExporter().Export(r.Context(), counted, search, format, out, out.flush)
		if out.started { // also what broke off has left the console
			a.writeNotice(
				r,
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
			a.Logger.WarnContext(r.Context(), "an export broke off", "error", err, "request_id", stateOf(r).requestID)
			panic(http.ErrAbortHandler)
		}
		return err
	}
}

// countingStreamer counts the operations that are read from a record.
type countingStreamer struct {
	auditStreamer
	rows int
}

// Stream reads as the record does.
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

// AuditExporter writes the record for pages and for the command line alike.
func AuditExporter() audit.Exporter {
	return audit.Exporter{RoleChanges: func(op audit.Operation) (granted, revoked string) {
		change := intendedChange(op)
		return strings.Join(change.Grant, "; "), strings.Join(change.Revoke, "; ")
	}}
}

// exportChunkBytes is how many bytes of an export are kept until they are sent.
const exportChunkBytes = 64 << 10

// exportBody is the body of an export. Nothing is sent before the first batch was read: until then a failure can still
// become a page.
type exportBody struct {
	w          http.ResponseWriter
	controller *http.ResponseController
	setHeaders func(http.Header)
	started    bool
	buffered   []byte
}

// Write keeps what is written until there is a chunk of it.
func (b *exportBody) Write(p []byte) (int, error) {
	b.buffered = append(b.buffered, p...)
	if b.started && len(b.buffered) >= exportChunkBytes {
		return len(p), b.send()
	}
	return len(p), nil
}

// flush sends what there is, to somebody who takes each piece within exportPatience.
func (b *exportBody) flush() error {
	b.start()
	if err := b.send(); err != nil {
		return err
	}
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
	// By the clock of the network, whatever the console's own says. A writer without a deadline has none to be extended.
	_ = b.controller.SetWriteDeadline(time.Now().Add(exportWriteTimeout))
	if _, err := b.w.Write(b.buffered); err != nil {
		return fmt.Errorf("sending an export: %w", err)
	}
	b.buffered = b.buffered[:0]
	return nil
}
