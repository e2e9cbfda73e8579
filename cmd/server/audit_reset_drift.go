package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/voxwarden/voxwarden/internal/store"
)

// resetDrift runs server audit reset-drift: it deletes the expected states of all accounts, which the console does not
// use any more after they were changed in the database. The next listing becomes the expected state.
func resetDrift(ctx context.Context, args, environ []string, stdout, stderr io.Writer) (err error) {
	set := flag.NewFlagSet("server audit reset-drift", flag.ContinueOnError)
	if err := parseFlags(set, args, stderr); err != nil {
		return err
	}
	auditLog, closeDB, err := openAuditLog(ctx, environ, store.Open, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeDB()) }()
	states, err := auditLog.ResetDrift(ctx, set.Name())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(
		stdout,
		"Deleted %d expected states and their open findings. The next listing becomes the expected state.\n",
		states,
	)
	return err
}
