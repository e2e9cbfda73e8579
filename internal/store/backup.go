package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// Backup copies a SQLite database to a new file, while servers read and write it. The copy has everything that was
// committed when Backup began, and nothing of a later transaction. databaseURL is as for Open; the schema is not
// checked. The file has mode 0600, is synced to disk, and has passed SQLite's integrity check. Backup fails when the
// file exists, and removes the file when it fails.
func Backup(ctx context.Context, databaseURL, file string) (err error) {
	path, ok := strings.CutPrefix(databaseURL, "sqlite:")
	if !ok {
		return errors.New("only a SQLite file can be copied: use pg_dump for PostgreSQL")
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("finding the database: %w", err)
	}
	// SQLite treats an empty file as a new database, so the file can be created here, exclusively and with mode 0600.
	created, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("creating the copy: %w", err)
	}
	defer func() {
		if err = errors.Join(err, created.Close()); err != nil {
			err = errors.Join(err, os.Remove(file))
		}
	}()
	if err := copyInto(ctx, path, file); err != nil {
		return err
	}
	if err := errors.Join(created.Sync(), syncDir(filepath.Dir(file))); err != nil {
		return fmt.Errorf("syncing the copy: %w", err)
	}
	return checkIntegrity(ctx, file)
}

func copyInto(ctx context.Context, path, file string) error {
	from, err := sql.Open(
		"sqlite",
		fileURL(path, url.Values{"mode": {"rw"}, "_pragma": {"busy_timeout(10000)", "temp_store(MEMORY)"}}),
	)
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	defer from.Close()
	if _, err := from.ExecContext(ctx, `VACUUM INTO $1`, file); err != nil {
		return fmt.Errorf("copying the database: %w", err)
	}
	return nil
}

// syncDir makes a new file in a directory survive a power cut.
func syncDir(dir string) error {
	opened, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(opened.Sync(), opened.Close())
}

// checkIntegrity runs SQLite's integrity check on a copy, which reads every page.
func checkIntegrity(ctx context.Context, file string) error {
	copied, err := sql.Open("sqlite", fileURL(file, url.Values{"mode": {"ro"}}))
	if err != nil {
		return fmt.Errorf("opening the copy: %w", err)
	}
	defer copied.Close()
	var result string
	if err := copied.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&result); err != nil {
		return fmt.Errorf("checking the copy: %w", err)
	}
	if result != "ok" {
		return fmt.Errorf("the copy is damaged, and the database may be: %s", result)
	}
	return nil
}
