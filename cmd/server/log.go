package main

import (
	"io"
	"log/slog"

	"github.com/voxwarden/voxwarden/internal/config"
)

// newLogger returns a logger with the configured level and format.
func newLogger(cfg config.Config, out io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(out, options))
	}
	return slog.New(slog.NewJSONHandler(out, options))
}

// newAuditLogger returns the logger for copies of audit events. It always writes all of them as JSON, so that they can
// be compared with the database.
func newAuditLogger(out io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(out, nil))
}
