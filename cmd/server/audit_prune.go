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
)

// pruneAudit runs server audit prune: it deletes old operations from the audit log, and writes a checkpoint at its new
// beginning.
func pruneAudit(ctx context.Context, args, environ []string, stdout, stderr io.Writer) (err error) {
	set := flag.NewFlagSet("server audit prune", flag.ContinueOnError)
	before := set.String("before", "", "delete operations before this `DATE`, such as 2026-01-31, in UTC")
	keep := set.String("keep", "", "delete operations older than this number of `DAYS`, such as 400d")
	if err := parseFlags(set, args, stderr); err != nil {
		return err
	}
	limit, err := pruneLimit(*before, *keep, time.Now())
	if err != nil {
		return err
	}
	auditLog, closeDB, err := openAuditLogToWrite(ctx, environ, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeDB()) }()
	done, err := auditLog.Prune(ctx, limit, set.Name())
	if err != nil {
		return err
	}
	if done.Events == 0 {
		_, err = fmt.Fprintln(stdout, "Nothing was deleted: no operation is that old, or the old ones are still open.")
		return err
	}
	_, err = fmt.Fprintf(
		stdout,
		"Deleted %d events and %d operations. The audit log now begins after event %d.\n",
		done.Events,
		done.Operations,
		done.Checkpoint.Seq,
	)
	return err
}

// pruneLimit returns the time before which events are deleted.
func pruneLimit(before, keep string, now time.Time) (time.Time, error) {
	switch {
	case (before == "") == (keep == ""):
		return time.Time{}, errors.New("set either -before DATE or -keep DAYS")
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
