package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
)

// initCommand runs server init: it creates the database with the first event of the audit log, and the witness. It
// needs DATABASE_URL and AUDIT_KEY only.
func initCommand(ctx context.Context, args, environ []string, stdout, stderr io.Writer) (err error) {
	set := flag.NewFlagSet("server init", flag.ContinueOnError)
	set.Usage = func() { fmt.Fprintln(stderr, config.AsCalled("Usage: server init")) }
	if err := parseFlags(set, args, stderr); err != nil {
		return err
	}
	cfg, err := config.ParseAudit(environ)
	if err != nil {
		return err
	}
	if err := canWriteFiles(cfg); err != nil {
		return err
	}
	witness := witnessPath(cfg)
	if err := store.CheckExists(ctx, cfg.Database.Reveal()); errors.Is(err, store.ErrMissing) && exists(witness) {
		return fmt.Errorf(
			"creating the database: %w: the witness %s is left of a database that is not there: restore that, or delete the "+
				"witness",
			store.ErrExists, witness,
		)
	}
	var head audit.Head
	fill := func(ctx context.Context, tx *sql.Tx) (err error) {
		head, err = audit.Create(ctx, tx, cfg.AuditKeys, version(), time.Now())
		return err
	}
	db, err := store.Create(ctx, cfg.Database.Reveal(), fill)
	if err != nil {
		return fmt.Errorf("creating the database: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if witness != "" {
		if err := audit.WriteWitness(witness, cfg.AuditKeys, head); err != nil {
			return err
		}
	}
	_, err = io.WriteString(stdout, config.AsCalled(fmt.Sprintf(
		"The database is created, with a new audit log.\nHead: %s\n"+
			"Keep the head where the database's host cannot change it.\n"+
			"Next: check the settings with server config check --online, then start the console. If this console had a "+
			"database before, restore it first, with server restore for SQLite.\n",
		head,
	)))
	return err
}

// exists reports whether there is a file, false for no path.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return path != "" && err == nil
}
