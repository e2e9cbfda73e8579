package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

// ExportSchema is the version of the lines of a JSON Lines export. It increases when a field is removed or changes
// its meaning; fields may be added at any time.
const ExportSchema = 1

// Format is the file format of an export.
type Format string

// The formats. Both have the same operations in the same order, newest first.
const (
	CSV       Format = "csv"   // one line per operation, for spreadsheets
	JSONLines Format = "jsonl" // one object per operation with its events, and a last one with the number of operations
)

// Exporter writes the operations that a search finds.
type Exporter struct {
	// RoleChanges returns the names of the roles that an operation was to grant and revoke. The intent that holds them
	// belongs to the action, which this package does not know.
	RoleChanges func(op Operation) (granted, revoked string)
	// Separator is between the columns of CSV; 0 means a comma.
	Separator rune
}

// Streamer streams the operations of a search, as Log.Stream does.
type Streamer interface {
	Stream(ctx context.Context, s Search, each func(Operation, []Event) error, pause func() error) error
}

// Export writes the operations of a search to w, in constant memory. It calls pause between batches, which may flush
// w or end the export with an error. A failed export is incomplete, and the caller must make that visible. In JSON
// Lines the last line is missing then.
func (e Exporter) Export(ctx context.Context, r Streamer, s Search, f Format, w io.Writer, pause func() error) error {
	switch f {
	case CSV:
		return e.csv(ctx, r, s, w, pause)
	case JSONLines:
		return jsonLines(ctx, r, s, w, pause)
	default:
		return fmt.Errorf("unknown format %q", f)
	}
}

// jsonLines writes a line for each operation and a last line with their number.
func jsonLines(ctx context.Context, r Streamer, s Search, w io.Writer, pause func() error) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	count := 0
	err := r.Stream(ctx, s, func(op Operation, events []Event) error {
		count++
		return out.Encode(lineOf(op, events))
	}, pause)
	if err != nil {
		return err
	}
	if err := out.Encode(endLine{Schema: ExportSchema, End: true, Operations: count}); err != nil {
		return fmt.Errorf("writing the last line of an export: %w", err)
	}
	return pause()
}

// endLine is the last line of a JSON Lines export. A file without it is incomplete.
type endLine struct {
	Schema     int  `json:"schema"`
	End        bool `json:"end"`
	Operations int  `json:"operations"`
}

// exportLine is a line of a JSON Lines export: an operation with its events. Times are RFC 3339 in UTC.
type exportLine struct {
	Schema    int               `json:"schema"`
	Operation exportedOperation `json:"operation"`
	Events    []exportedEvent   `json:"events"`
}

type exportedOperation struct {
	ID        string          `json:"id"`
	Account   int64           `json:"account"`
	Action    Action          `json:"action"`
	Target    exportedTarget  `json:"target"`
	Actor     Actor           `json:"actor"`
	Reason    string          `json:"reason"`
	RequestID string          `json:"request_id"`
	Tag       string          `json:"mark,omitempty"`
	Intent    json.RawMessage `json:"intent"`
	CreatedAt time.Time       `json:"created_at"`
	ClosedAt  *time.Time      `json:"closed_at"` // null while open
	Result    Result          `json:"result"`    // "" before the first outcome
	Confirmed bool            `json:"confirmed"`
	Open      bool            `json:"open"`
}

type exportedTarget struct {
	Kind     access.Kind `json:"kind"`
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	FormerID string      `json:"former_id,omitempty"`
}

type exportedEvent struct {
	Seq       int64           `json:"seq"`
	Kind      EventKind       `json:"kind"`
	At        time.Time       `json:"at"`
	Result    Result          `json:"result,omitempty"`
	Confirmed bool            `json:"confirmed"`
	Source    string          `json:"by,omitempty"` // "reading", or an actor's id
	Note      string          `json:"note,omitempty"`
	Calls     []exportedCall  `json:"calls,omitempty"`
	Facts     json.RawMessage `json:"facts,omitempty"`
}

type exportedCall struct {
	Method     string    `json:"method"`
	Result     Result    `json:"result"`
	Code       int       `json:"code,omitempty"`
	Message    string    `json:"vendor_message,omitempty"`
	SentAt     time.Time `json:"sent_at"`
	DurationMS int64     `json:"duration_ms"`
}

func lineOf(op Operation, events []Event) exportLine {
	line := exportLine{Schema: ExportSchema, Operation: exportedOperation{
		ID:        op.ID,
		Account:   op.Account,
		Action:    op.Action,
		Target:    exportedTarget{Kind: op.Target.Kind, ID: op.Target.ID, Name: op.Target.Name, FormerID: op.Target.FormerID},
		Actor:     op.Actor,
		Reason:    op.Reason,
		RequestID: op.RequestID,
		Tag:       op.Tag,
		Intent:    op.Intent,
		CreatedAt: op.CreatedAt,
		Result:    op.Result,
		Confirmed: op.Confirmed,
		Open:      op.Open,
	}, Events: make([]exportedEvent, 0, len(events))}
	if !op.ClosedAt.IsZero() {
		line.Operation.ClosedAt = &op.ClosedAt
	}
	for _, e := range events {
		shown := exportedEvent{
			Seq:       e.Seq,
			Kind:      e.Kind,
			At:        e.At,
			Result:    e.Result,
			Confirmed: e.Confirmed,
			Source:    e.Source,
			Note:      e.Note,
			Facts:     e.Facts,
		}
		for _, c := range e.Calls {
			shown.Calls = append(
				shown.Calls,
				exportedCall{c.Method, c.Result, c.Code, c.VendorMessage, c.SentAt, c.Duration.Milliseconds()},
			)
		}
		line.Events = append(line.Events, shown)
	}
	return line
}
