package main

import (
	"io"
	"log/slog"

	"github.com/voxwarden/voxwarden/internal/config"
)

// newLogger writes the log as configured.
func newLogger(cfg config.Config, out io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(out, options))
	}
	return slog.New(slog.NewJSONHandler(out, options))
}

// newAuditLogger writes the copy of the record, whatever the log's level and format: always a JSON line, so that it
// can be compared with the database.
func newAuditLogger(out io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(out, nil))
}
