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
	"github.com/voxwarden/voxwarden/internal/logqueue"
	"github.com/voxwarden/voxwarden/internal/store"
)

// auditSubcommand is a command on the audit log.
type auditSubcommand func(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error

// auditCommands returns the commands on the audit log by name.
func auditCommands() map[string]auditSubcommand {
	return map[string]auditSubcommand{
		"verify":      verifyAudit,
		"accept":      acceptAudit,
		"prune":       pruneAudit,
		"export":      exportAudit,
		"reset-drift": resetDrift,
		"reset-facts": resetFacts,
	}
}

// auditCommand runs server audit and one of auditCommands.
func auditCommand(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	command := ""
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	commands := auditCommands()
	subcommand := commands[command]
	if subcommand == nil {
		return fmt.Errorf(
			"unknown command %q: use audit %s",
			strings.TrimSpace("audit "+command),
			strings.Join(slices.Sorted(maps.Keys(commands)), ", audit "),
		)
	}
	return subcommand(ctx, args, environ, stdout, stderr)
}

// openAuditLog opens the audit log of the configured database with open. The caller must call closeDB. Commands that
// write use openAuditLogToWrite.
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
		return nil, nil, fmt.Errorf("opening the audit log: %w", err)
	}
	copies := newAuditCopies(logqueue.New(stderr), cfg.AuditCopy)
	closeDB = func() error {
		copies.close()
		var err error
		if auditLog != nil {
			err = auditLog.SaveWitness()
		}
		err = errors.Join(err, db.Close())
		if status := copies.status(); status.Waiting+status.Dropped > 0 {
			err = errors.Join(err, errors.New("the change was made, but a copy of its event could not be written"))
		}
		return err
	}
	auditLog, err = audit.Open(db, audit.Options{
		Keys:        cfg.AuditKeys,
		EventLogger: copies.logger,
		Witness:     witnessPath(cfg),
		Program:     version(),
	})
	if err != nil {
		return nil, nil, errors.Join(err, closeDB())
	}
	return auditLog, closeDB, nil
}

// openAuditLogToWrite is openAuditLog for commands that write. It returns the alarm if the audit log went back.
func openAuditLogToWrite(
	ctx context.Context,
	environ []string,
	stderr io.Writer,
) (auditLog *audit.Log, closeDB func() error, err error) {
	auditLog, closeDB, err = openAuditLog(ctx, environ, store.Open, stderr)
	if err != nil {
		return nil, nil, err
	}
	err = auditLog.CheckHead(ctx)
	if alarm := auditLog.Alarm(); err == nil && alarm != nil {
		err = alarm
	}
	if err != nil {
		return nil, nil, errors.Join(err, closeDB())
	}
	return auditLog, closeDB, nil
}

// witnessPath returns the path of the witness: the configured one, or the default of the database's engine, "" for
// none.
func witnessPath(cfg config.Config) string {
	if path, isFile := strings.CutPrefix(cfg.Database.Reveal(), "sqlite:"); cfg.AuditWitness == "" && isFile {
		return path + audit.WitnessSuffix
	}
	return cfg.AuditWitness
}
