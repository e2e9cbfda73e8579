package main

import (
	"context"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
)

// writeStartEvent writes the settings to the audit log when the console starts, without empty ones. Values of secrets
// are redacted. If it fails, the console does not start: without an audit log it could not change anything.
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
	if err := c.auditLog.Note(ctx, started); err != nil {
		return fmt.Errorf("writing the start to the audit log: %w", err)
	}
	return nil
}
