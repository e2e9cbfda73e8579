package audit

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"time"
)

// eventLogSchema is the version of the lines that logEvents writes. It increases when a field is removed or changes
// its meaning.
const eventLogSchema = 1

// logEvents writes committed events to the log, one line each. A rewritten database no longer agrees with a copy of
// the log. It also notes the events as written by this process.
func (r *Log) logEvents(ctx context.Context, events ...link) {
	if len(events) > 0 {
		newest := events[len(events)-1]
		r.memory.note(chainHead{seq: newest.seq, mac: newest.mac})
	}
	if r.ownWrites != nil {
		r.ownWrites.add(events)
	}
	for _, e := range events {
		r.options.EventLogger.LogAttrs(
			ctx,
			slog.LevelInfo,
			"record",
			slog.Int("schema", eventLogSchema),
			slog.Int64("seq", e.seq),
			slog.String("kind", e.kind),
			slog.String("operation", e.operationID),
			slog.Time("at", time.UnixMicro(e.at).UTC()),
			slog.String("result", e.result),
			slog.Bool("confirmed", e.confirmed),
			slog.String("key_id", e.keyID),
			slog.String("mac", hex.EncodeToString(e.mac)),
			slog.Any("body", json.RawMessage(e.body)),
		)
	}
}
