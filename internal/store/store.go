// Package store creates and opens the database, SQLite or PostgreSQL. The tables belong to the packages
// internal/audit, internal/session, internal/bulk and internal/drift.
//
// Every query is written once, with $1, $2 and so on for its arguments, and runs on both engines: see
// docs/decisions/0015.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// DB is the console's database. It is safe for concurrent use.
type DB struct {
	sql           *sql.DB
	postgres      bool
	path          string             // of the SQLite file, "" on PostgreSQL
	file          *fileWatch         // nil on PostgreSQL, and for reading
	statements    *statementObserver // nil on PostgreSQL, and for reading
	inUse         fileLock           // the lock that Restore respects; without a file on PostgreSQL, and for reading
	process       int32              // see ProcessID
	absences      absences           // of other processes
	limit         *waitLimit         // of the connections to PostgreSQL
	lockTimeout   time.Duration      // how long Write waits for the other writers of this process
	commitTimeout time.Duration      // how long the status of a commit without a reply is queried
	// freeBytes returns the space on the disk of a folder, as DB.FreeBytes does.
	freeBytes func(folder string) (free uint64, known bool, err error)
	onError   atomic.Pointer[func(ErrorKind)]
	full      atomic.Bool              // a write found no room; see checkRoom
	kept      atomic.Pointer[sql.Conn] // see keepOpen; nil on PostgreSQL, and for reading
	// schemaChecksum returns the checksum of this program's schema.
	schemaChecksum func() string
	closed         atomic.Bool
	closing        sync.Once
	closeError     error
	// writer holds an element while a transaction writes. Waiting for it is fairer than polling the database and uses no
	// connection.
	writer chan struct{}

	scans       *sql.DB       // the connections of Scan
	scanTimeout time.Duration // 0 for none
	scanning    chan struct{} // holds an element for each scan in progress
}

// ErrTransactionPooling is returned for a database behind a connection pooler that gives each transaction another
// connection.
var ErrTransactionPooling = errors.New("a connection pooler such as PgBouncer gives each transaction another " +
	"connection to the database, but the console needs sessions, for its locks and limits: set pool_mode = session, or " +
	"connect to PostgreSQL itself")

// ErrUnsupported is returned for a database address of neither engine.
var ErrUnsupported = errors.New("the database address must begin with sqlite: or postgres://")

// Open opens the database at an address ("sqlite:" and a path, or postgres://user:password@host:port/name). It returns
// ErrMissing, and creates nothing, when there is none, and ErrOtherSchema for a database with another schema. No error
// quotes the address, which contains a password.
func Open(ctx context.Context, databaseURL string) (*DB, error) {
	if path, isFile := sqlitePath(databaseURL); isFile {
		if _, err := os.Stat(filepath.Dir(path)); err == nil {
			if err := checkFile(path); err != nil {
				return nil, err
			}
		}
		// Opening for writing would change a database that is not the console's: it sets the journal mode. While another
		// process opens or closes the database, it cannot be read; then it exists.
		if err := CheckExists(ctx, databaseURL); err != nil && !isBusy(err) {
			return nil, err
		}
	}
	db, err := open(ctx, databaseURL)
	if err != nil {
		return nil, err
	}
	// Only a database that can be written is of use.
	if err := db.transact(ctx, true, func(tx *sql.Tx) error { return db.checkSchema(ctx, tx) }); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := db.keepOpen(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// open opens a database for writing, without looking at its schema.
func open(ctx context.Context, databaseURL string) (*DB, error) {
	path, isFile := strings.CutPrefix(databaseURL, "sqlite:")
	switch {
	case isFile:
		return openSQLite(path)
	case IsPostgres(databaseURL):
		db, err := openPostgres(ctx, databaseURL, nil)
		if err != nil {
			return nil, err
		}
		db.limit.max.Store(int64(silenceLimit))
		return db, nil
	default:
		return nil, ErrUnsupported
	}
}

// IsPostgres reports whether a database address is one of PostgreSQL.
func IsPostgres(databaseURL string) bool {
	scheme, _, ok := strings.Cut(databaseURL, "://")
	return ok && (scheme == "postgres" || scheme == "postgresql")
}

// newDB returns a database with two pools of connections: one for reading and writing, and one for scans.
func newDB(handle, scans *sql.DB) *DB {
	db := &DB{
		sql:           handle,
		limit:         &waitLimit{},
		lockTimeout:   lockTimeout,
		commitTimeout: commitTimeout,
		freeBytes:     freeBytes,
		writer:        make(chan struct{}, 1),
		scans:         scans,
		scanTimeout:   scanTimeout,
		scanning:      make(chan struct{}, scanConnections),
	}
	db.schemaChecksum = sync.OnceValue(db.sumSchema)
	return db
}

// SQL returns the database for reading and for single statements. What reads many rows uses Scan.
func (db *DB) SQL() *sql.DB { return db.sql }

// Postgres reports whether the engine is PostgreSQL.
func (db *DB) Postgres() bool { return db.postgres }

// EngineVersion returns the engine and its version, such as "SQLite 3.46.0".
func (db *DB) EngineVersion(ctx context.Context) (string, error) {
	query, engine := `SELECT sqlite_version()`, "SQLite "
	if db.postgres {
		query, engine = `SHOW server_version`, "PostgreSQL "
	}
	var version string
	if err := db.sql.QueryRowContext(ctx, query).Scan(&version); err != nil {
		return "", fmt.Errorf("reading the version of the database: %w", err)
	}
	return engine + version, nil
}

// Close closes the database. Further calls wait for the first one and return its result.
func (db *DB) Close() error {
	db.closing.Do(func() { db.closeError = db.close() })
	return db.closeError
}

func (db *DB) close() error {
	db.closed.Store(true) // the files beside the database are deleted now, and not to be made again
	err := errors.Join(db.release(), db.scans.Close(), db.sql.Close())
	if db.file != nil {
		db.file.forgetBeside()
	}
	if db.inUse.File != nil {
		err = errors.Join(err, db.inUse.Close())
	}
	return err
}
