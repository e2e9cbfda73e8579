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

// backupCommand runs server backup FILE: it copies a SQLite database while the console runs, and prints a command for
// PostgreSQL. It reads only DATABASE_URL, so it can run without the other settings.
func backupCommand(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	set := flag.NewFlagSet("server backup", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.Usage = func() { fmt.Fprintln(stderr, "Usage: server backup FILE") }
	if err := set.Parse(args); err != nil {
		return err
	}
	if set.NArg() != 1 || set.Arg(0) == "" {
		return errors.New("missing or more than one file for the backup: server backup FILE")
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
			"# Back up PostgreSQL with its own tools. With the password in PGPASSWORD or ~/.pgpass, run:\n%s\n"+
				"# To restore into a new, empty database, run: pg_restore --no-owner --exit-on-error --single-transaction "+
				"--dbname=…\n",
			line,
		)
		return err
	}
	if err := store.Backup(ctx, database.Reveal(), file); err != nil {
		return fmt.Errorf("backing up the database: %w", err)
	}
	_, err = fmt.Fprintf(
		stdout,
		"The backup is in %s. To restore it, stop the console, replace the database file with it, and delete the files "+
			"with -wal and -shm at the end of their name.\n",
		file,
	)
	return err
}
