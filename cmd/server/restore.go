package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
)

// restoreCommand runs server restore FILE: it replaces the SQLite database with a backup, keeps the former one, and
// sets the witness anew. It refuses a backup if the audit log in it is not intact.
func restoreCommand(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	set := flag.NewFlagSet("server restore", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.Usage = func() { fmt.Fprintln(stderr, config.AsCalled("Usage: server restore FILE")) }
	if err := set.Parse(args); err != nil {
		return err
	}
	if set.NArg() != 1 || set.Arg(0) == "" {
		return errors.New("missing or more than one backup: server restore FILE")
	}
	file := set.Arg(0)
	database, err := config.DatabaseURL(environ)
	if err != nil {
		return err
	}
	if store.IsPostgres(database.Reveal()) {
		return errors.New("only a SQLite database can be restored: use pg_restore for PostgreSQL, into a new, empty database")
	}
	var head audit.Head
	var at time.Time
	done, err := store.Restore(ctx, database.Reveal(), file, time.Now(), func(ctx context.Context, db *store.DB) error {
		if err := verifyRestored(ctx, db, environ, stdout); err != nil {
			return err
		}
		head, at, _, err = audit.ReadHead(ctx, db)
		return err
	})
	if err != nil {
		return fmt.Errorf("restoring the database: %w", err)
	}
	fmt.Fprintf(stdout, "The database is now as in %s: the newest event is %d, of %s.\n", file, head.Seq, utc(at))
	if err := restoreWitness(environ, head, stdout); err != nil {
		return err
	}
	return reportLoss(ctx, done, head, at, stdout)
}

// restoreWitness writes the witness anew: the loss of later events is intended.
func restoreWitness(environ []string, head audit.Head, stdout io.Writer) error {
	cfg, err := config.ParseAudit(environ)
	if err != nil {
		return err
	}
	witness := witnessPath(cfg)
	if err := audit.WriteWitness(witness, cfg.AuditKeys, head); err != nil {
		return fmt.Errorf("the database is restored, but accept it with server audit accept: %w", err)
	}
	_, err = fmt.Fprintf(stdout, "The witness %s was set to this event.\n", witness)
	return err
}

// verifyRestored checks the audit log of a backup.
func verifyRestored(ctx context.Context, db *store.DB, environ []string, stdout io.Writer) error {
	report, err := verifyDatabase(ctx, db, environ)
	if err != nil {
		return err
	}
	if !report.Intact() {
		fmt.Fprint(stdout, reportText(report))
		return errVerifyFailed
	}
	return nil
}

// reportLoss prints what the former database has and the restored one lacks.
func reportLoss(ctx context.Context, done store.Restored, head audit.Head, at time.Time, stdout io.Writer) (err error) {
	if done.FormerLog != "" {
		_, err := fmt.Fprintf(
			stdout,
			"The database file was missing. Its write-ahead log is now %s. What happened after %s is not known. Compare the "+
				"log's copy of the audit events.\n",
			done.FormerLog, utc(at),
		)
		return err
	}
	if done.FormerFile == "" {
		_, err := fmt.Fprintln(stdout, "There was no database before.")
		return err
	}
	fmt.Fprintf(stdout, "The former database is in %s.\n", done.FormerFile)
	last, lastAt, same, err := readFormer(ctx, done, head)
	switch {
	case err != nil:
		_, err = fmt.Fprintf(
			stdout,
			"It cannot be read (%v), so what happened after %s is not known. Compare the log's copy of the audit events.\n",
			err, utc(at),
		)
	case !same:
		_, err = fmt.Fprintf(
			stdout,
			"It does not contain event %d of the backup: the two are different audit logs, or one was changed. Its newest "+
				"event is %d, of %s.\n",
			head.Seq, last.Seq, utc(lastAt),
		)
	case last == head:
		_, err = fmt.Fprintln(stdout, "No event was lost.")
	default:
		_, err = fmt.Fprintf(
			stdout,
			"Lost: %d events, %d to %d, from %s to %s. Changes that they record were made at Voximplant and still hold; the "+
				"page \"Drift\" will show them.\n",
			last.Seq-head.Seq, head.Seq+1, last.Seq, utc(at), utc(lastAt),
		)
	}
	return err
}

// readFormer returns the newest event of the former database, and whether that also contains the head of the backup. An
// error means that the file is damaged.
func readFormer(
	ctx context.Context,
	done store.Restored,
	head audit.Head,
) (last audit.Head, at time.Time, same bool, err error) {
	if done.FormerUnreadable != nil {
		return last, at, false, done.FormerUnreadable
	}
	former, err := store.OpenReadOnly(ctx, "sqlite:"+done.FormerFile)
	if err != nil {
		return last, at, false, err
	}
	defer func() { err = errors.Join(err, former.Close()) }()
	if last, at, _, err = audit.ReadHead(ctx, former); err != nil {
		return last, at, false, err
	}
	same, err = audit.HasEvent(ctx, former, head)
	return last, at, same, err
}

func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }
