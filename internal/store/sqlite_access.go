package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/voxwarden/voxwarden/internal/config"
)

// CheckAccess reports why this process cannot use a SQLite database, or must not because another user could have
// written it. It creates no database: the file may be missing. Of PostgreSQL it checks only the address.
func CheckAccess(databaseURL string) error {
	path, isFile := strings.CutPrefix(databaseURL, "sqlite:")
	if !isFile {
		_, err := postgresConfig(databaseURL)
		return err
	}
	return checkFile(path)
}

// checkFile tries what SQLite will do, because its own errors name neither the file nor the user. It does not open the
// file: closing it would drop the locks of another connection of this process.
func checkFile(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("finding the database file: %w", err)
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("the database %s is not a regular file: name a file in VOXWARDEN_DATABASE_URL", path)
	}
	// SQLite refuses a database if it cannot write the files that it keeps beside it, and jobs need their locks. A command
	// that ran as another user may have left such files.
	locks, err := filepath.Glob(escapeGlob(path) + "-*.lock")
	if err != nil {
		return fmt.Errorf("finding the locks of the database: %w", err)
	}
	for _, file := range append([]string{path, path + "-wal", path + "-shm", path + "-journal"}, locks...) {
		if err := syscall.Access(file, mayRead|mayWrite); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return config.AccessError("read and write", file, err)
		}
	}
	beside, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+"-check-*")
	if err != nil {
		return config.AccessError("create files beside the database in", filepath.Dir(path), err)
	}
	if err := errors.Join(beside.Close(), os.Remove(beside.Name())); err != nil {
		return fmt.Errorf("removing a file beside the database: %w", err)
	}
	if _, err := config.CheckDatabaseFile(path); err != nil {
		return fmt.Errorf("the database %w", err)
	}
	return nil
}

// The permissions of access(2).
const (
	mayRead   = 4
	mayWrite  = 2
	maySearch = 1
)

// ErrNearlyFull is returned by CheckFolder. What is left is for the outcomes of running operations.
var ErrNearlyFull = errors.New("the disk of the database is nearly full")

// minFreeBytes is the space that an operation finds at its beginning. It writes about 0.3 MB at most, into the
// write-ahead log and again into the database, and several run at once.
const minFreeBytes = 4 << 20

// CheckFolder returns why a SQLite database may soon not be writable although it still is: the disk is nearly full, or
// this process may not open the file again or create files beside it. It returns ErrFileGone when the file is gone. No
// operation begins then.
func (db *DB) CheckFolder() error {
	if db.file == nil {
		return nil
	}
	return db.count(db.checkFolder())
}

func (db *DB) checkFolder() error {
	if err := db.file.check(); err != nil && !errors.Is(err, errBesideGone) { // which the next write repairs
		return err
	}
	folder := filepath.Dir(db.path)
	if err := syscall.Access(db.path, mayRead|mayWrite); err != nil {
		return config.AccessError("read and write", db.path, err)
	}
	if err := syscall.Access(folder, mayWrite|maySearch); err != nil {
		return config.AccessError("create files beside the database in", folder, err)
	}
	free, known, err := db.FreeBytes()
	if err == nil && known && free < minFreeBytes {
		err = fmt.Errorf("%w: %d bytes are free for %s", ErrNearlyFull, free, db.path)
	}
	return err
}

// FreeBytes returns the space that this process may use on the disk of a SQLite database. known is false on PostgreSQL,
// and on file systems without a size.
func (db *DB) FreeBytes() (free uint64, known bool, err error) {
	if db.file == nil {
		return 0, false, nil
	}
	return db.freeBytes(filepath.Dir(db.path))
}

func freeBytes(folder string) (free uint64, known bool, err error) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(folder, &disk); err != nil {
		return 0, false, fmt.Errorf("reading the free space of the disk: %w", err)
	}
	return disk.Bavail * uint64(disk.Bsize), disk.Blocks > 0, nil
}

// cannotWrite returns the error of opening a file for writing with what to do: about its folder if the file is missing.
func cannotWrite(path string, err error) error {
	if _, statErr := os.Stat(path); statErr == nil {
		return config.AccessError("write", path, err)
	}
	return config.AccessError("create files in", filepath.Dir(path), err)
}

// checkReadable reports why this process cannot read a database file, which must exist.
func checkReadable(path string) error {
	err := syscall.Access(path, mayRead)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("finding the database %s: %w", path, err)
	case err != nil:
		return config.AccessError("read", path, err)
	}
	return nil
}

// escapeGlob returns a pattern that matches exactly this path.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
