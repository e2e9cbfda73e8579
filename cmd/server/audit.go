package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
)

// auditAct is one command on the record.
type auditAct func(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error

// auditCommands are the commands on the record, by name.
func auditCommands() map[string]auditAct {
	return map[string]auditAct{"verify": verifyRecord, "prune": pruneRecord, "export": exportAudit}
}

// auditCommand is server audit, and one of its commands.
func auditCommand(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	command := ""
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	commands := auditCommands()
	act := commands[command]
	if act == nil {
		return fmt.Errorf(
			"there is no command %q; there are audit %s",
			strings.TrimSpace("audit "+command),
			strings.Join(slices.Sorted(maps.Keys(commands)), ", audit "),
		)
	}
	return act(ctx, args, environ, stdout, stderr)
}

// openRecord opens the record of an environment, to read it or to write to it. closing must be called.
func openRecord(
	ctx context.Context,
	environ []string,
	open func(context.Context, string) (*store.DB, error),
	stderr io.Writer,
) (record *audit.Log, closing func() error, err error) {
	cfg, err := config.Record(environ)
	if err != nil {
		return nil, nil, err
	}
	db, err := open(ctx, cfg.Database.Reveal())
	if err != nil {
		return nil, nil, fmt.Errorf("opening the record: %w", err)
	}
	record, err = audit.Open(db, audit.Options{Keys: cfg.AuditKeys, EventLogger: newRecordLogger(stderr), Program: version()})
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return record, db.Close, nil
}
