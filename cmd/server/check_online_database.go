package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
)

// lowSpace is the free space below which the check of the database warns. The console refuses changes below 4 MiB.
const lowSpace = 256 << 20

// checkDatabase opens the database as the console does, makes the checks of /readyz, which write one row, and reads the
// newest event of the audit log.
func checkDatabase(ctx context.Context, cfg config.Config) []checkLine {
	const name = "database"
	if cfg.Database.Empty() {
		return append(notChecked(name), notChecked("audit log")...)
	}
	var lines []checkLine
	db, err := store.Open(ctx, cfg.Database.Reveal())
	if err != nil {
		lines = []checkLine{failure(name, explainDatabase(err))}
		if db, err = store.OpenReadOnly(ctx, cfg.Database.Reveal()); err != nil {
			return append(lines, checkLine{skipped, "audit log", "not checked, because the database cannot be read"})
		}
	} else {
		lines = useDatabase(ctx, cfg, db)
	}
	lines = append(lines, checkAuditLog(ctx, cfg, db))
	if err := db.Close(); err != nil {
		lines = append(lines, failure(name, fmt.Errorf("closing it: %w", err)))
	}
	return lines
}

// useDatabase makes the checks of a database that could be opened.
func useDatabase(ctx context.Context, cfg config.Config, db *store.DB) (lines []checkLine) {
	const name = "database"
	for _, check := range db.ReadinessChecks() {
		if err := check.Run(ctx); err != nil {
			lines = append(lines, failure(name, explainDatabase(err)))
		}
	}
	version, err := db.EngineVersion(ctx)
	if err != nil {
		lines = append(lines, failure(name, explainDatabase(err)))
	}
	free, known, err := db.FreeBytes()
	switch {
	case err != nil:
		lines = append(lines, failure(name, err))
	case known && free < lowSpace:
		text := fmt.Sprintf("only %d MiB are free on its disk. Free some space", free>>20)
		lines = append(lines, checkLine{warning, name, text})
	}
	if hasAny(lines, failed) {
		return lines
	}
	text := version + ", with the tables of this version, and writable"
	if path, isFile := strings.CutPrefix(cfg.Database.Reveal(), "sqlite:"); isFile {
		if absolute, err := filepath.Abs(path); err == nil {
			path = absolute
		}
		text += fmt.Sprintf(": %s, with %d MiB free", path, free>>20)
	}
	return append([]checkLine{{passed, name, text}}, lines...)
}

// checkAuditLog compares the audit log with the key and the witness. It writes neither.
func checkAuditLog(ctx context.Context, cfg config.Config, db *store.DB) checkLine {
	const name = "audit log"
	if len(cfg.AuditKeys) == 0 {
		return notChecked(name)[0]
	}
	seq, err := readAuditLog(ctx, cfg, db)
	if err != nil {
		return failure(name, err)
	}
	text := fmt.Sprintf("its newest event is %d, sealed with a key of VOXWARDEN_AUDIT_KEY", seq)
	if witness := witnessPath(cfg); witness != "" {
		text += "; the witness " + witness + " agrees"
	}
	return checkLine{passed, name, text}
}

// readAuditLog returns the number of the newest event, and an error if the audit log is not what the key and the
// witness say.
func readAuditLog(ctx context.Context, cfg config.Config, db *store.DB) (int64, error) {
	auditLog, err := audit.Open(db, audit.Options{
		Keys:    cfg.AuditKeys,
		Witness: witnessPath(cfg),
		Shared:  db.Postgres(),
		Program: version(),
	})
	if err != nil {
		return 0, err
	}
	if err := auditLog.CheckHead(ctx); err != nil {
		return 0, err
	}
	if err := auditLog.CheckKey(ctx); err != nil {
		return 0, fmt.Errorf("%w: set it to the key with which this console began, and newer keys in front", err)
	}
	if alarm := auditLog.Alarm(); alarm != nil {
		return 0, alarm
	}
	return auditLog.NewestSeq(ctx)
}

// explainDatabase adds what to do to an error that does not say it itself.
func explainDatabase(err error) error {
	advice := ""
	reply, replied := errors.AsType[*pgconn.PgError](err)
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	switch {
	case replied && reply.Code[:2] == "28": // invalid authorization
		return fmt.Errorf("PostgreSQL refuses the user or the password: %s. Correct VOXWARDEN_DATABASE_URL", reply.Message)
	case replied && reply.Code == "3D000":
		return fmt.Errorf("PostgreSQL has no such database: %s. Create it, or correct VOXWARDEN_DATABASE_URL", reply.Message)
	case connecting && !replied, store.KindOf(err) == store.ConnectionError, store.KindOf(err) == store.TimeoutError:
		advice = ". Check that PostgreSQL runs and can be reached at the address in VOXWARDEN_DATABASE_URL"
	case store.KindOf(err) == store.PermissionError && replied:
		advice = ". Make the role in VOXWARDEN_DATABASE_URL the owner of the tables"
	case store.KindOf(err) == store.DiskFullError:
		advice = ". Free some space"
	case store.KindOf(err) == store.LockedError:
		advice = ". Another process holds a lock on the database: wait for its end, and check again"
	case errors.Is(err, store.ErrReadOnly):
		advice = ". Connect to the primary server in VOXWARDEN_DATABASE_URL, or allow writing"
	case store.KindOf(err) == store.DamagedError:
		advice = ". Check VOXWARDEN_DATABASE_URL, or restore a backup with: server restore FILE"
	}
	return fmt.Errorf("%w%s", err, advice)
}
