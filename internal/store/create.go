package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// ErrMissing is returned when the address names no database: the SQLite file is missing or has no tables, or the
// PostgreSQL database has none. Only Create makes one, because a database that was deleted, or is on a volume that is
// not mounted, looks the same.
var ErrMissing = errors.New("there is no database")

// ErrExists is returned by Create when there is already something where the database should be.
var ErrExists = errors.New("nothing was created")

// Create creates the database at an address, which is as for Open, with the schema and what fill writes, in one
// transaction. It returns ErrExists, and changes nothing, when there is a database, when remains show that there was
// one, or when another program uses it. fill may be nil.
func Create(
	ctx context.Context,
	databaseURL string,
	fill func(ctx context.Context, tx *sql.Tx) error,
) (*DB, error) {
	unlock, err := lockFolder(databaseURL)
	if err != nil {
		return nil, err
	}
	defer unlock()
	return create(ctx, databaseURL, fill)
}

func create(ctx context.Context, databaseURL string, fill func(context.Context, *sql.Tx) error) (*DB, error) {
	if path, isFile := sqlitePath(databaseURL); isFile {
		if err := checkFile(path); err != nil {
			return nil, err
		}
		if err := checkRemains(path); err != nil {
			return nil, err
		}
		if err := createFile(path); err != nil {
			return nil, err
		}
	}
	db, err := open(ctx, databaseURL)
	if err != nil {
		return nil, err
	}
	// The writer is held from the check to the commit, so that of several processes one creates the schema.
	err = db.transact(ctx, true, func(tx *sql.Tx) error {
		if err := db.checkNothingThere(ctx, tx); err != nil {
			return err
		}
		if err := db.createSchema(ctx, tx); err != nil || fill == nil {
			return err
		}
		return fill(ctx, tx)
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := db.keepOpen(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// OpenOrCreate opens the database at an address, and creates a missing one. It is for databases that may be new at any
// time, as those of a demo.
func OpenOrCreate(ctx context.Context, databaseURL string) (*DB, error) {
	unlock, err := lockFolder(databaseURL)
	if err != nil {
		return nil, err
	}
	defer unlock()
	db, err := Open(ctx, databaseURL)
	if !errors.Is(err, ErrMissing) {
		return db, err
	}
	db, err = create(ctx, databaseURL, nil)
	if errors.Is(err, ErrExists) { // on PostgreSQL another process may be faster
		return Open(ctx, databaseURL)
	}
	return db, err
}

// lockFolder locks the folder of a SQLite file among the processes that create databases in it, so that none takes
// what another one is writing for remains. It does nothing for PostgreSQL, and for a missing folder.
func lockFolder(databaseURL string) (unlock func(), err error) {
	path, isFile := sqlitePath(databaseURL)
	if !isFile {
		return func() {}, nil
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return func() {}, nil // opening the database reports why
	}
	lock, err := lockFile(folder, syscall.LOCK_EX)
	if err != nil {
		return nil, fmt.Errorf("locking the folder of the database: %w", err)
	}
	return func() { _ = lock.Close() }, nil
}

// sqlitePath returns the path of an address of a SQLite file.
func sqlitePath(databaseURL string) (path string, isFile bool) {
	path, isFile = strings.CutPrefix(databaseURL, "sqlite:")
	return path, isFile && validPath(path) == nil
}

// existsTimeout limits CheckExists, which must not wait long for a server that cannot be reached.
const existsTimeout = 5 * time.Second

// CheckExists returns ErrMissing when there is no database at an address, and ErrOtherSchema when it has another
// schema. It creates and changes nothing.
func CheckExists(ctx context.Context, databaseURL string) error {
	ctx, cancel := context.WithTimeout(ctx, existsTimeout)
	defer cancel()
	db, err := OpenReadOnly(ctx, databaseURL)
	if err != nil {
		return err
	}
	return db.Close()
}

// checkRemains returns ErrExists when files beside a missing SQLite database show that there was one. SQLite would
// delete them.
func checkRemains(path string) error {
	if info, err := os.Stat(path); err == nil && info.Size() > 0 {
		return nil // they belong to it
	}
	for _, end := range []string{"-wal", "-journal"} {
		if info, err := os.Stat(path + end); err == nil && info.Size() > 0 {
			return fmt.Errorf("%w: %s%s is left of a database, and its file was deleted or moved: put that file back, or "+
				"restore a backup with server restore", ErrExists, path, end)
		}
	}
	if link, err := os.Readlink(path); err == nil && errors.Is(checkFileExists(path), ErrMissing) {
		return fmt.Errorf("%w: %s is a symbolic link to %s, which does not exist: mount the volume that it is on, or "+
			"delete the link", ErrExists, path, link)
	}
	return nil
}

// checkFileExists returns ErrMissing unless there is a file that is not empty. SQLite would create it, or treat an
// empty one as a new database.
func checkFileExists(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return missing(path)
	case err == nil && info.Mode().IsRegular() && info.Size() == 0:
		return missing(path)
	}
	return nil // checkFile reports what else is wrong
}

// missing returns ErrMissing with the absolute path, "" for PostgreSQL, and what to do.
func missing(path string) error {
	place, create := "in PostgreSQL: it has no tables", ""
	if path != "" {
		if absolute, err := filepath.Abs(path); err == nil {
			path = absolute
		}
		place = "at " + path
		folder := filepath.Dir(path)
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			place, create = place+": the folder "+folder+" does not exist", "create the folder, and "
		}
	}
	return fmt.Errorf("%w %s. If this console had one, restore it or mount its volume. To create a new one, with "+
		"an empty audit log, %srun: server init", ErrMissing, place, create)
}

// checkNothingThere returns ErrExists with what a database contains, nil when it has no tables.
func (db *DB) checkNothingThere(ctx context.Context, q querier) error {
	err := db.checkSchema(ctx, q)
	switch {
	case err == nil:
		return fmt.Errorf("%w: the database exists, with the tables of this version of Voxwarden: start the console "+
			"without init", ErrExists)
	case errors.Is(err, ErrMissing):
		return db.checkOtherSchemas(ctx, q)
	default:
		return fmt.Errorf("%w: %w", ErrExists, err)
	}
}

// checkOtherSchemas returns ErrExists when Voxwarden's tables are in a schema of PostgreSQL outside the search path.
func (db *DB) checkOtherSchemas(ctx context.Context, q querier) error {
	if !db.postgres {
		return nil
	}
	var schema string
	err := q.QueryRowContext(ctx, `SELECT COALESCE(MIN(schemas.nspname), '') FROM pg_class tables
		JOIN pg_namespace schemas ON schemas.oid = tables.relnamespace
		WHERE tables.relname = 'schema_checksum' AND tables.relkind = 'r'`).Scan(&schema)
	switch {
	case err != nil:
		return fmt.Errorf("reading the schema: %w", err)
	case schema != "":
		return fmt.Errorf("%w: the database has tables of Voxwarden in the schema %q, which is not in the search path: "+
			"add search_path=%s to the address", ErrExists, schema, schema)
	}
	return nil
}
