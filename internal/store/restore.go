package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// ErrInUse is returned by Restore while a process has the database open for writing.
var ErrInUse = errors.New("the database is in use: stop every server that uses it first")

// errRestoring is returned by Open while Restore replaces the file.
var errRestoring = errors.New("the database is being restored: start the server when that has finished")

// useLockSuffix ends the name of the file that marks a SQLite database as in use.
const useLockSuffix = "-use.lock"

// markInUse takes a lock on the database that Restore respects. The operating system releases it when the process ends.
func markInUse(path string) (fileLock, error) {
	lock, err := lockUse(path, syscall.LOCK_SH)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return fileLock{}, errRestoring
	}
	return lock, err
}

func lockUse(path string, how int) (fileLock, error) {
	file, err := os.OpenFile(path+useLockSuffix, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fileLock{}, fmt.Errorf("marking the database as in use: %w", cannotWrite(path+useLockSuffix, err))
	}
	lock, err := lockFile(file, how|syscall.LOCK_NB)
	if err != nil {
		return fileLock{}, fmt.Errorf("marking the database as in use: %w", err)
	}
	return lock, nil
}

// Restored is the result of Restore.
type Restored struct {
	// FormerFile is where the former database is now, "" when there was none. Files with -wal and -shm at the end of
	// their name belong to it, if they exist.
	FormerFile string
	// FormerUnreadable is why the former database cannot be opened, nil when it can.
	FormerUnreadable error
	// FormerLog is where the former write-ahead log is now, if the database file itself was missing.
	FormerLog string
}

// Restore replaces a SQLite database with a copy that Backup made. It checks the copy, its schema, and what the caller
// checks, before it changes anything. It moves the former database aside, with its write-ahead log, and then puts the
// copy in its place in one step. It returns ErrInUse while a process has the database open for writing, and
// ErrOtherSchema for a copy of another version. databaseURL is as for Open; there need not be a database.
func Restore(
	ctx context.Context,
	databaseURL, file string,
	now time.Time,
	check func(ctx context.Context, restored *DB) error,
) (done Restored, err error) {
	path, ok := strings.CutPrefix(databaseURL, "sqlite:")
	if !ok {
		return Restored{}, errors.New("only a SQLite file can be restored: use pg_restore for PostgreSQL")
	}
	if same, err := sameFile(path, file); err != nil || same {
		return Restored{}, errors.Join(err, errors.New("the copy must be another file than the database"))
	}
	if info, err := os.Stat(file + "-wal"); err == nil && info.Size() > 0 {
		return Restored{}, fmt.Errorf("%s-wal exists: this is no copy that server backup made, but a database in use or "+
			"a part of one", file)
	}
	lock, err := lockUse(path, syscall.LOCK_EX)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return Restored{}, ErrInUse
	}
	if err != nil {
		return Restored{}, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()

	ready := path + ".restore"
	if err := os.Remove(ready); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Restored{}, fmt.Errorf("removing what an earlier restore has left: %w", err)
	}
	err = writeCopy(ctx, ready, ready+partSuffix, func(part *os.File) error { return copyFile(part, file) })
	if err != nil {
		return Restored{}, err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(ready) // it does not exist any more when it is in place
		}
	}()
	if err := checkCopy(ctx, ready, check); err != nil {
		return Restored{}, err
	}
	if done, err = moveAside(ctx, path, now); err != nil {
		return done, err
	}
	if err := copyOwner(ready, path, done.FormerFile); err != nil {
		return done, err
	}
	if err := os.Rename(ready, path); err != nil {
		return done, fmt.Errorf("putting the copy in place: %w", err)
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return done, fmt.Errorf("syncing the folder of the database: %w", err)
	}
	return done, nil
}

func sameFile(a, b string) (bool, error) {
	first, err := os.Stat(a)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	second, err := os.Stat(b)
	if err != nil {
		return false, fmt.Errorf("finding the copy: %w", err)
	}
	return os.SameFile(first, second), nil
}

func copyFile(to *os.File, from string) error {
	file, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("reading the copy: %w", err)
	}
	defer file.Close()
	if _, err := io.Copy(to, file); err != nil {
		return fmt.Errorf("copying the copy: %w", err)
	}
	return nil
}

func checkCopy(ctx context.Context, file string, check func(context.Context, *DB) error) (err error) {
	db, err := OpenReadOnly(ctx, "sqlite:"+file)
	if errors.Is(err, ErrMissing) {
		return fmt.Errorf("the copy has no tables: %w", ErrOtherSchema)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return check(ctx, db)
}

// moveAside gives the former database a second name, and moves its write-ahead log there. The database keeps its name
// until the copy replaces it, so that there is one at every moment. What the log holds is written into the database
// first, unless that cannot be read. A log without its database is moved too: SQLite would write it into the copy.
func moveAside(ctx context.Context, path string, now time.Time) (done Restored, err error) {
	aside := path + ".before-" + now.UTC().Format("20060102T150405.000000Z")
	_, err = os.Stat(path)
	missing := errors.Is(err, fs.ErrNotExist)
	if !missing {
		done.FormerUnreadable = emptyWriteAheadLog(ctx, path)
		if err := os.Link(path, aside); err != nil {
			return done, fmt.Errorf("keeping the former database: %w", err)
		}
		done.FormerFile = aside
	}
	for _, end := range []string{"-wal", "-shm"} {
		err := os.Rename(path+end, aside+end)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return done, fmt.Errorf("keeping the former database: %w", err)
		}
		if err == nil && missing && end == "-wal" {
			done.FormerLog = aside + end
		}
	}
	return done, nil
}

func emptyWriteAheadLog(ctx context.Context, path string) (err error) {
	db, err := sql.Open("sqlite", fileURL(path, url.Values{"mode": {"rw"}, "_pragma": {"temp_store(MEMORY)"}}))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `SELECT 1 FROM schema_checksum`)
	return err
}

// copyOwner gives a file the owner of the former database, or of its folder: an administrator may restore, and the
// server runs as another user.
func copyOwner(file, path, former string) error {
	if former == "" {
		former = filepath.Dir(path)
	}
	info, err := os.Stat(former)
	if err != nil {
		return err
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && int(owner.Uid) != os.Getuid() {
		if err := os.Chown(file, int(owner.Uid), int(owner.Gid)); err != nil {
			return fmt.Errorf("giving the copy to the user of the server: %w", err)
		}
	}
	return nil
}
