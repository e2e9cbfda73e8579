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
			return noAccess("read and write", file, err)
		}
	}
	beside, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+"-check-*")
	if err != nil {
		return noAccess("create files beside the database in", filepath.Dir(path), err)
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
	mayRead  = 4
	mayWrite = 2
)

// checkReadable reports why this process cannot read a database file, which must exist.
func checkReadable(path string) error {
	err := syscall.Access(path, mayRead)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("finding the database %s: %w", path, err)
	case err != nil:
		return noAccess("read", path, err)
	}
	return nil
}

// escapeGlob returns a pattern that matches exactly this path.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// noAccess returns what this process cannot do with a file or folder, who owns it, and what to do.
func noAccess(action, path string, cause error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](cause); ok {
		cause = pathErr.Err
	}
	if errors.Is(cause, syscall.EROFS) {
		return fmt.Errorf("cannot %s %s: %w: mount it for writing", action, path, cause)
	}
	uid, gid := os.Geteuid(), os.Getegid()
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot %s %s: %w: create it for the user %d of the console", action, path, cause, uid)
	}
	if err != nil {
		return fmt.Errorf("cannot %s %s: %w: the console runs as the user %d and the group %d", action, path, cause, uid, gid)
	}
	owner := info.Sys().(*syscall.Stat_t)
	advice := fmt.Sprintf("chown %d:%d", uid, gid)
	if int(owner.Uid) == uid {
		advice = "chmod u+rwX" // X: only for a folder
	}
	return fmt.Errorf(
		"cannot %s %s: %w: it belongs to the user %d and the group %d and has the mode %04o, and the console runs as the "+
			"user %d and the group %d: change that with: %s %s",
		action,
		path,
		cause,
		owner.Uid,
		owner.Gid,
		info.Mode().Perm(),
		uid,
		gid,
		advice,
		path,
	)
}
