package audit

import (
	"cmp"
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/csvsafe"
)

// csvHeader returns the names of the columns.
func csvHeader() []string {
	return []string{
		"time (UTC)", "operation", "account", "action", "target kind", "target id", "target name", "former id",
		"person", "e-mail", "issuer", "subject",
		"signed in by", "address", "address from", "reason", "roles granted", "roles revoked", "result",
		"confirmed", "settled", "closed (UTC)", "settled by", "calls", "request",
	}
}

// csv writes the header and a line for each operation.
func (e Exporter) csv(ctx context.Context, r Streamer, s Search, w io.Writer, pause func() error) error {
	table := csvsafe.NewWriter(w, cmp.Or(e.Separator, csvsafe.Comma))
	flush := func() error {
		if err := table.Flush(); err != nil {
			return err
		}
		return pause()
	}
	if err := table.Write(csvHeader()); err != nil {
		return err
	}
	err := r.Stream(ctx, s, func(op Operation, events []Event) error { return table.Write(e.row(op, events)) }, flush)
	if err != nil {
		return err
	}
	return flush()
}

// row returns the cells of an operation.
func (e Exporter) row(op Operation, events []Event) []string {
	granted, revoked := e.RoleChanges(op)
	var calls []string
	by := ""
	for _, event := range events {
		for _, c := range event.Calls {
			calls = append(calls, callText(c))
		}
		if event.Kind == ResolutionEvent {
			by = event.Source
		}
	}
	return []string{
		formatTime(op.CreatedAt),
		op.ID,
		strconv.FormatInt(op.Account, 10),
		string(op.Action),
		string(op.Target.Kind),
		op.Target.ID,
		op.Target.Name,
		op.Target.FormerID,
		op.Actor.Name,
		op.Actor.Email,
		op.Actor.Issuer,
		op.Actor.Subject,
		op.Actor.Method,
		op.Actor.Address,
		op.Actor.AddressFrom,
		op.Reason,
		granted,
		revoked,
		string(op.Result),
		yesNo(op.Confirmed),
		yesNo(!op.Open),
		formatTime(op.ClosedAt),
		by,
		strings.Join(calls, "; "),
		op.RequestID,
	}
}

// callText returns a vendor call as text, such as
// SetSubUserRoles: refused, code 435, "Invalid role set.", 61 ms.
func callText(c Call) string {
	text := c.Method + ": " + string(c.Result)
	if c.Code != 0 {
		text += ", code " + strconv.Itoa(c.Code)
	}
	if c.VendorMessage != "" {
		text += ", " + strconv.Quote(c.VendorMessage)
	}
	return text + ", " + strconv.FormatInt(c.Duration.Milliseconds(), 10) + " ms"
}

// formatTime returns a time in a form that spreadsheets sort, "" for the zero time.
func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05.000")
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}
