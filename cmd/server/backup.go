package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
)

// backupCommand is server backup FILE: it copies a SQLite database while the console runs, and for PostgreSQL says how
// to. It needs the database's setting and no other, so that it can be run from a place that knows no more.
func backupCommand(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	set := flag.NewFlagSet("server backup", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.Usage = func() { fmt.Fprintln(stderr, "Usage: server backup FILE") }
	if err := set.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil // it was printed
	} else if err != nil {
		return err
	}
	if set.NArg() != 1 || set.Arg(0) == "" {
		return errors.New("name one file to write the backup to: server backup FILE")
	}
	file := set.Arg(0)
	database, err := config.DatabaseURL(environ)
	if err != nil {
		return err
	}
	if store.IsPostgres(database.Reveal()) {
		line, err := store.DumpCommand(database.Reveal(), file)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(
			stdout,
			"# PostgreSQL makes its own backups. With the password in PGPASSWORD or ~/.pgpass, run:\n%s\n"+
				"# To restore it, into a new and empty database: pg_restore --no-owner --exit-on-error --single-transaction "+
				"--dbname=…\n",
			line,
		)
		return err
	}
	if err := store.Backup(ctx, database.Reveal(), file); err != nil {
		return fmt.Errorf("making a backup: %w", err)
	}
	_, err = fmt.Fprintf(
		stdout,
		"The backup is in %s. To restore it, stop the console and put it in place of the database file, without the -wal "+
			"and -shm beside that.\n",
		file,
	)
	return err
}
