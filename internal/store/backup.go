package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// partSuffix ends the name of a copy that is not finished. One that is left was killed, and is overwritten.
const partSuffix = ".part"

// Backup copies a SQLite database to a new file, while servers read and write it. The copy has everything that was
// committed when Backup began, and nothing of a later transaction. databaseURL is as for Open; the schema is not
// checked. The file has mode 0600. It gets its name when it is complete, synced to disk, and has passed SQLite's
// integrity check; until then ".part" is added to the name. Backup returns fs.ErrExist when the file exists.
func Backup(ctx context.Context, databaseURL, file string) (err error) {
	path, ok := strings.CutPrefix(databaseURL, "sqlite:")
	if !ok {
		return errors.New("only a SQLite file can be copied: use pg_dump for PostgreSQL")
	}
	if err := checkFileExists(path); err != nil {
		return err
	}
	if err := checkReadable(path); err != nil {
		return err
	}
	err = writeCopy(ctx, file, file+partSuffix, func(part *os.File) error { return copyInto(ctx, path, part.Name()) })
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+backupNoteSuffix, []byte(file+"\n"), 0o600); err != nil {
		return fmt.Errorf("noting the time of the backup: %w", cannotWrite(path+backupNoteSuffix, err))
	}
	return nil
}

// backupNoteSuffix ends the name of the file with the modification time of the newest backup.
const backupNoteSuffix = "-last-backup"

// LastBackup returns the time of the newest Backup of this database, the zero time for none and on PostgreSQL.
func (db *DB) LastBackup() (time.Time, error) {
	if db.postgres {
		return time.Time{}, nil
	}
	info, err := os.Stat(db.path + backupNoteSuffix)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return time.Time{}, nil
	case err != nil:
		return time.Time{}, fmt.Errorf("reading the time of the backup: %w", err)
	}
	return info.ModTime(), nil
}

// writeCopy creates a database file under a temporary name, checks it, and renames it. It never replaces a file.
func writeCopy(ctx context.Context, file, temporary string, write func(part *os.File) error) (err error) {
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("creating the copy: %s: %w", file, fs.ErrExist)
	}
	part, err := createPart(temporary)
	if err != nil {
		return fmt.Errorf("creating the copy: %w", err)
	}
	defer func() {
		if err = errors.Join(err, part.Close()); err != nil {
			err = errors.Join(err, os.Remove(temporary))
		}
	}()
	if err := write(part.File); err != nil {
		return err
	}
	if err := part.Sync(); err != nil {
		return fmt.Errorf("syncing the copy: %w", err)
	}
	if err := checkIntegrity(ctx, temporary); err != nil {
		return err
	}
	if err := os.Rename(temporary, file); err != nil {
		return fmt.Errorf("naming the copy: %w", err)
	}
	if err := syncDir(filepath.Dir(file)); err != nil {
		return fmt.Errorf("syncing the copy: %w", err)
	}
	return nil
}

// createPart creates an empty file with mode 0600, or empties the one that a killed process has left. Two processes
// cannot have it at once. SQLite treats an empty file as a new database.
func createPart(path string) (fileLock, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fileLock{}, cannotWrite(path, err)
	}
	part, err := lockFile(file, syscall.LOCK_EX|syscall.LOCK_NB)
	if err != nil {
		return fileLock{}, fmt.Errorf("another process writes %s: %w", path, err)
	}
	if err := errors.Join(part.Truncate(0), part.Chmod(0o600)); err != nil {
		return fileLock{}, errors.Join(err, part.Close())
	}
	return part, nil
}

func copyInto(ctx context.Context, path, file string) error {
	from, err := sql.Open(
		"sqlite",
		fileURL(path, url.Values{"mode": {"rw"}, "_pragma": {busyPragma(), "temp_store(MEMORY)"}}),
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
