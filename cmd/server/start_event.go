package main

import (
	"context"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
)

// writeStartEvent writes into the record how the console was set when it started. A console that cannot do so does not
// start: it could do nothing else either. Settings without a value are left out, and secrets have none.
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
		return fmt.Errorf("noting the start in the record: %w", err)
	}
	return nil
}
