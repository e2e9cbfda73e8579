package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// resetDrift runs server audit reset-drift: it deletes the expected states of all accounts, which the console does not
// use any more after they were changed in the database. The next listing becomes the expected state.
func resetDrift(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	return reset(ctx, "reset-drift", args, environ, stdout, stderr, func(auditLog *audit.Log, by string) (string, error) {
		states, err := auditLog.ResetDrift(ctx, by)
		return fmt.Sprintf(
			"Deleted %d expected states and their open findings. The next listing becomes the expected state.\n",
			states,
		), err
	})
}

// resetFacts runs server audit reset-facts: it deletes the facts about principals, which the console does not use any
// more after they were changed in the database. They begin anew with the next listing.
func resetFacts(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	return reset(ctx, "reset-facts", args, environ, stdout, stderr, func(auditLog *audit.Log, by string) (string, error) {
		facts, err := auditLog.ResetFacts(ctx, by)
		return fmt.Sprintf("Deleted %d facts about subusers and keys. They begin anew with the next listing.\n", facts), err
	})
}

// reset runs a command that deletes rows which do not agree with the audit log, and prints the text that do returns.
func reset(
	ctx context.Context,
	command string,
	args, environ []string,
	stdout, stderr io.Writer,
	do func(auditLog *audit.Log, by string) (text string, err error),
) (err error) {
	set := flag.NewFlagSet("server audit "+command, flag.ContinueOnError)
	if err := parseFlags(set, args, stderr); err != nil {
		return err
	}
	auditLog, closeDB, err := openAuditLogToWrite(ctx, environ, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeDB()) }()
	text, err := do(auditLog, set.Name())
	if err != nil {
		return err
	}
	_, err = io.WriteString(stdout, text)
	return err
}
