package handlers

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// recordStreamer hands out everything that a search finds, in constant memory.
type recordStreamer interface {
	Stream(ctx context.Context, s audit.Search, each func(audit.Operation, []audit.Event) error, pause func() error) error
}

// exportPatience is how long a browser may take for each piece of an export.
const exportPatience = 30 * time.Second

// exportAudit writes exactly what the record is filtered to, on all pages, as it is read. Once the first piece is out
// no error page can follow: what breaks then ends the connection, so that no browser takes half a file for a whole
// one.
func (a *App) exportAudit(record recordStreamer, format audit.Format, contentType string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		search, problems, _ := a.recordSearch(r)
		if len(problems) > 0 {
			return redirect(w, r, "/audit"+askedOf(r.URL.Query()).Query()) // which says what is wrong
		}
		out := &exportBody{w: w, connection: http.NewResponseController(w), head: func(h http.Header) {
			h.Set("Content-Type", contentType)
			h.Set(
				"Content-Disposition",
				fmt.Sprintf(`attachment; filename="record-%d-%s.%s"`, a.Account, a.Now().UTC().Format("20060102T150405Z"), format),
			)
		}}
		if r.Method == http.MethodHead {
			out.begin()
			return nil
		}
		sent := &countedRecord{recordStreamer: record}
		err := RecordExporter().Export(r.Context(), sent, search, format, out, out.push)
		if out.begun { // also what broke off has left the console
			a.note(
				r,
				audit.Exported{
					Actor:     a.actor(r),
					Resource:  "record",
					Rows:      sent.rows,
					Filter:    askedOf(r.URL.Query()).Query(),
					RequestID: visitOf(r).requestID,
				},
			)
		}
		if err != nil && out.begun {
			a.Logger.WarnContext(r.Context(), "an export broke off", "error", err, "request_id", visitOf(r).requestID)
			panic(http.ErrAbortHandler)
		}
		return err
	}
}

// countedRecord counts the operations that are read from a record.
type countedRecord struct {
	recordStreamer
	rows int
}

// Stream reads as the record does.
func (c *countedRecord) Stream(
	ctx context.Context,
	s audit.Search,
	each func(audit.Operation, []audit.Event) error,
	pause func() error,
) error {
	return c.recordStreamer.Stream(ctx, s, func(op audit.Operation, events []audit.Event) error {
		c.rows++
		return each(op, events)
	}, pause)
}

// RecordExporter writes the record for pages and for the command line alike.
func RecordExporter() audit.Exporter {
	return audit.Exporter{EscapeCell: cell, RoleChanges: func(op audit.Operation) (granted, revoked string) {
		change := changeOf(op)
		return strings.Join(change.Grant, "; "), strings.Join(change.Revoke, "; ")
	}}
}

// exportChunk is how many bytes of an export are kept until they are sent.
const exportChunk = 64 << 10

// exportBody is the body of an export. Nothing is sent before the first batch was read: until then a failure can still
// become a page.
type exportBody struct {
	w          http.ResponseWriter
	connection *http.ResponseController
	head       func(http.Header)
	begun      bool
	held       []byte
}

// Write keeps what is written until there is a chunk of it.
func (b *exportBody) Write(p []byte) (int, error) {
	b.held = append(b.held, p...)
	if b.begun && len(b.held) >= exportChunk {
		return len(p), b.send()
	}
	return len(p), nil
}

// push sends what there is, to somebody who takes each piece within exportPatience.
func (b *exportBody) push() error {
	b.begin()
	if err := b.send(); err != nil {
		return err
	}
	if err := b.connection.Flush(); err != nil {
		return fmt.Errorf("sending an export: %w", err)
	}
	return nil
}

func (b *exportBody) begin() {
	if !b.begun {
		b.begun = true
		b.head(b.w.Header())
		b.w.WriteHeader(http.StatusOK)
	}
}

func (b *exportBody) send() error {
	// By the clock of the network, whatever the console's own says. A writer without a deadline has none to be extended.
	_ = b.connection.SetWriteDeadline(time.Now().Add(exportPatience))
	if _, err := b.w.Write(b.held); err != nil {
		return fmt.Errorf("sending an export: %w", err)
	}
	b.held = b.held[:0]
	return nil
}
