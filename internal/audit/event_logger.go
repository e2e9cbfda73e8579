package audit

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"time"
)

// eventLogSchema is the version of the line that copyOut writes. It grows when a field changes its meaning or goes.
const eventLogSchema = 1

// logEvents writes events that were committed to the log, a line each, so that a database that was rewritten no longer
// agrees with where the log went. It remembers them as this process's own, too.
func (r *Log) logEvents(ctx context.Context, events ...link) {
	if r.ownWrites != nil {
		r.ownWrites.add(events)
	}
	for _, e := range events {
		r.options.EventLogger.LogAttrs(
			ctx,
			slog.LevelInfo,
			"record",
			slog.Int(
				"schema",
				eventLogSchema,
			),
			slog.Int64("seq", e.seq),
			slog.String("kind", e.kind),
			slog.String("operation", e.operationID),
			slog.Time("at", time.UnixMicro(e.at).UTC()),
			slog.String("result", e.result),
			slog.Bool("confirmed", e.confirmed),
			slog.String(
				"key_id",
				e.keyID,
			),
			slog.String("mac", hex.EncodeToString(e.mac)),
			slog.Any("body", json.RawMessage(e.body)),
		)
	}
}
