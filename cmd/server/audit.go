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

// auditSubcommand is one command on the record.
type auditSubcommand func(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error

// auditCommands are the commands on the record, by name.
func auditCommands() map[string]auditSubcommand {
	return map[string]auditSubcommand{"verify": verifyAudit, "prune": pruneAudit, "export": exportAudit}
}

// auditCommand is server audit, and one of its commands.
func auditCommand(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	command := ""
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	commands := auditCommands()
	subcommand := commands[command]
	if subcommand == nil {
		return fmt.Errorf(
			"there is no command %q; there are audit %s",
			strings.TrimSpace("audit "+command),
			strings.Join(slices.Sorted(maps.Keys(commands)), ", audit "),
		)
	}
	return subcommand(ctx, args, environ, stdout, stderr)
}

// openAuditLog opens the record of an environment, to read it or to write to it. closing must be called.
func openAuditLog(
	ctx context.Context,
	environ []string,
	open func(context.Context, string) (*store.DB, error),
	stderr io.Writer,
) (auditLog *audit.Log, closeDB func() error, err error) {
	cfg, err := config.ParseAudit(environ)
	if err != nil {
		return nil, nil, err
	}
	db, err := open(ctx, cfg.Database.Reveal())
	if err != nil {
		return nil, nil, fmt.Errorf("opening the record: %w", err)
	}
	auditLog, err = audit.Open(db, audit.Options{
		Keys:        cfg.AuditKeys,
		EventLogger: newAuditLogger(stderr),
		Program:     version(),
	})
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return auditLog, db.Close, nil
}
