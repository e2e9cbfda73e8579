package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
)

// writeStartEvent writes the settings to the audit log when the console starts, without empty ones. Values of secrets
// are redacted. If it fails, the console does not start: without an audit log it could not change anything. During an
// alarm it starts, to show what is wrong, and the event follows when the alarm has ended.
func (c *console) writeStartEvent(ctx context.Context, account int64, settings []config.SettingValue) error {
	started := audit.Started{Program: version(), Account: account, Settings: []audit.StartedSetting{}}
	for _, line := range settings {
		if line.Value != "" {
			started.Settings = append(
				started.Settings,
				audit.StartedSetting{Name: line.Name, Value: line.Value, From: line.From},
			)
		}
	}
	err := c.auditLog.Note(ctx, started)
	if _, alarmed := errors.AsType[*audit.Alarm](err); alarmed {
		c.background.Go(func() { c.writeStartEventLater(ctx, started) })
		return nil
	}
	if err != nil {
		return fmt.Errorf("writing the start to the audit log: %w", err)
	}
	return nil
}

// startEventEvery is the time between attempts to write the start event.
const startEventEvery = time.Second

// writeStartEventLater writes the start event when the alarm has ended. It tries until ctx ends.
func (c *console) writeStartEventLater(ctx context.Context, started audit.Started) {
	ticker := time.NewTicker(startEventEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		if c.auditLog.Alarm() == nil && c.auditLog.Note(ctx, started) == nil {
			return
		}
	}
}

// warnIfNew logs a warning when the audit log began within the time for which the pages show a banner.
func (c *console) warnIfNew(ctx context.Context) error {
	at, isNew, err := c.auditLog.NewSince(ctx)
	if err == nil && isNew {
		c.logger.Warn(
			"the audit log is new: if this console had one before, its database is missing, restore it",
			"begins_at", at,
		)
	}
	return err
}
