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

// Backup writes a copy of a SQLite database to a new file, while servers go on reading and writing it: everything that
// was committed when it began is in the copy, and nothing half. databaseURL is as for Open, and the schema stays as it
// is. The copy is for its owner alone, on the disk when Backup returns, and has been read through. It fails when there
// is a file already, and leaves none when it fails.
func Backup(ctx context.Context, databaseURL, file string) (err error) {
	path, ok := strings.CutPrefix(databaseURL, "sqlite:")
	if !ok {
		return errors.New("only a file of SQLite is copied: PostgreSQL has pg_dump for that")
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("looking for the database: %w", err)
	}
	// SQLite takes an empty file for none, so that it can be made here: only if there is none, and for its owner alone.
	made, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("making the copy: %w", err)
	}
	defer func() {
		if err = errors.Join(err, made.Close()); err != nil {
			err = errors.Join(err, os.Remove(file))
		}
	}()
	if err := copyInto(ctx, path, file); err != nil {
		return err
	}
	if err := errors.Join(made.Sync(), syncFolder(filepath.Dir(file))); err != nil {
		return fmt.Errorf("writing the copy to the disk: %w", err)
	}
	return readThrough(ctx, file)
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

// syncFolder makes sure that a new file is found in its folder after a power cut.
func syncFolder(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// readThrough lets SQLite look at every page of a copy, without changing it.
func readThrough(ctx context.Context, file string) error {
	copied, err := sql.Open("sqlite", fileURL(file, url.Values{"mode": {"ro"}}))
	if err != nil {
		return fmt.Errorf("opening the copy: %w", err)
	}
	defer copied.Close()
	var result string
	if err := copied.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&result); err != nil {
		return fmt.Errorf("reading the copy: %w", err)
	}
	if result != "ok" {
		return fmt.Errorf("the copy is damaged, and so the database may be: %s", result)
	}
	return nil
}
