package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/store"
)

// pruneAudit is server audit prune: it takes out of the record what is old, and seals where it now begins.
func pruneAudit(ctx context.Context, args, environ []string, stdout, stderr io.Writer) (err error) {
	set := flag.NewFlagSet("server audit prune", flag.ContinueOnError)
	before := set.String("before", "", "take out what is from before this `DATE`, as 2026-01-31, UTC")
	keep := set.String("keep", "", "take out what is older than so many `DAYS`, as 400d")
	if done, err := parseCommand(set, args, stderr); done || err != nil {
		return err
	}
	limit, err := pruneLimit(*before, *keep, time.Now())
	if err != nil {
		return err
	}
	auditLog, closeDB, err := openAuditLog(ctx, environ, openExisting, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeDB()) }()
	done, err := auditLog.Prune(ctx, limit, set.Name())
	if err != nil {
		return err
	}
	if done.Events == 0 {
		_, err = fmt.Fprintln(stdout, "Nothing is as old as that, or all of it belongs to operations that are not closed.")
		return err
	}
	_, err = fmt.Fprintf(
		stdout,
		"%d events and %d operations were taken out. The record now begins after event %d.\n",
		done.Events,
		done.Operations,
		done.Checkpoint.Seq,
	)
	return err
}

// openExisting opens a database to write to it, when it is there and has this program's schema. Where an address has a
// slip, an empty record would be made else, out of which nothing can be taken; and a server of an older version may
// still run on it.
func openExisting(ctx context.Context, databaseURL string) (*store.DB, error) {
	existing, err := store.OpenReadOnly(ctx, databaseURL)
	if err != nil {
		return nil, err
	}
	if err := existing.Close(); err != nil {
		return nil, err
	}
	return store.Open(ctx, databaseURL)
}

// pruneLimit is the time before which events go.
func pruneLimit(before, keep string, now time.Time) (time.Time, error) {
	switch {
	case (before == "") == (keep == ""):
		return time.Time{}, errors.New("give either -before DATE or -keep DAYS")
	case before != "":
		limit, err := time.Parse(time.DateOnly, before)
		if err != nil {
			return time.Time{}, fmt.Errorf("-before: %q is not a date such as 2026-01-31", before)
		}
		return limit, nil
	}
	days, err := strconv.Atoi(strings.TrimSuffix(keep, "d"))
	if err != nil || days < 1 || !strings.HasSuffix(keep, "d") {
		return time.Time{}, fmt.Errorf("-keep: %q is not a number of days such as 400d", keep)
	}
	return now.AddDate(0, 0, -days), nil
}
