package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
)

const backupUsage = `Usage: server backup FILE
       server backup [-every 1h] [-keep 48] FOLDER

Copies the SQLite database while the console runs, or prints a command for PostgreSQL. In a folder, copies are named
after the time.
`

// backupCommand runs server backup: it copies a SQLite database while the console runs, once or periodically. For
// PostgreSQL it prints a command. It needs DATABASE_URL, and AUDIT_KEY to verify the audit log of the copy.
func backupCommand(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	set := flag.NewFlagSet("server backup", flag.ContinueOnError)
	every := set.Duration("every", 0, "repeat after this `TIME`, such as 1h, until the command is stopped")
	keep := set.Int("keep", 0, "keep this `NUMBER` of copies and delete older ones")
	set.SetOutput(stderr)
	set.Usage = func() {
		fmt.Fprint(stderr, config.AsCalled(backupUsage))
		set.PrintDefaults()
	}
	if err := set.Parse(args); err != nil {
		return err
	}
	if set.NArg() != 1 || set.Arg(0) == "" {
		return errors.New("missing or more than one file for the backup: server backup FILE")
	}
	database, err := config.DatabaseURL(environ)
	if err != nil {
		return err
	}
	target := set.Arg(0)
	if store.IsPostgres(database.Reveal()) {
		return printDumpCommand(stdout, database.Reveal(), target)
	}
	b := backup{database: database.Reveal(), environ: environ, stdout: stdout, stderr: stderr}
	info, err := os.Stat(target)
	inFolder := err == nil && info.IsDir()
	switch {
	case *every < 0 || *keep < 0:
		return errors.New("-every and -keep cannot be negative")
	case (*every > 0 || *keep > 0) && !inFolder:
		return fmt.Errorf("-every and -keep need an existing folder: %s is none", target)
	case !inFolder:
		return b.write(ctx, target)
	case *every == 0:
		return b.writeInFolder(ctx, target, *keep)
	}
	return b.repeat(ctx, target, *every, *keep)
}

// printDumpCommand prints how to copy a PostgreSQL database.
func printDumpCommand(stdout io.Writer, database, file string) error {
	line, err := store.DumpCommand(database, file)
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

// backup copies a SQLite database.
type backup struct {
	database       string
	environ        []string
	stdout, stderr io.Writer
}

// write copies the database to a file and prints its head. It returns errVerifyFailed when the audit log of the copy is
// not intact; the copy is kept as evidence.
func (b backup) write(ctx context.Context, file string) error {
	if err := store.Backup(ctx, b.database, file); err != nil {
		return fmt.Errorf("backing up the database: %w", err)
	}
	fmt.Fprintf(b.stdout, config.AsCalled("The backup is in %s. To restore it, run: server restore %s\n"), file, file)
	return verifyCopy(ctx, "sqlite:"+file, b.environ, b.stdout)
}

// backupNames match the copies in a folder. Their order is the order of their times.
const (
	backupTimeLayout = "20060102T150405.000Z"
	backupPattern    = "voxwarden-????????T??????.???Z.db"
)

// writeInFolder copies the database to a file that is named after the time. Then it deletes all but the newest copies;
// 0 keeps all.
func (b backup) writeInFolder(ctx context.Context, folder string, keep int) error {
	file := filepath.Join(folder, "voxwarden-"+time.Now().UTC().Format(backupTimeLayout)+".db")
	if err := b.write(ctx, file); err != nil {
		return err
	}
	copies, err := filepath.Glob(filepath.Join(folder, backupPattern))
	if err != nil {
		return err
	}
	slices.Sort(copies)
	if keep == 0 || len(copies) <= keep {
		return nil
	}
	for _, old := range copies[:len(copies)-keep] {
		if err := os.Remove(old); err != nil {
			return fmt.Errorf("deleting an old backup: %w", err)
		}
	}
	return nil
}

// repeat copies the database at once and then periodically, until ctx ends. It reports errors and continues.
func (b backup) repeat(ctx context.Context, folder string, every time.Duration, keep int) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if err := b.writeInFolder(ctx, folder, keep); err != nil && ctx.Err() == nil {
			fmt.Fprintln(b.stderr, config.AsCalled(fmt.Sprintf("server backup: %v", err)))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
