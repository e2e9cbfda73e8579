// Package store opens the database and keeps its schema. What is in the tables belongs to the packages
// that own them: internal/audit the record, internal/session the sessions.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"

	_ "modernc.org/sqlite" // the driver "sqlite", in Go, so that the binary stays static
)

// DB is the console's database. It is safe for concurrent use.
type DB struct {
	sql   *sql.DB
	write sync.Mutex // one writer at a time: SQLite has but one, and waiting here is fairer than polling there
}

// ErrUnsupported says that the DATABASE_URL names an engine that this version does not have.
var ErrUnsupported = errors.New("only sqlite: databases are supported in this version")

// connections is how many connections the pool has: enough for reading to go on beside the one that writes.
const connections = 8

// Open opens the database that a DATABASE_URL names ("sqlite:" and a path) and brings its schema up to date.
// It refuses a database whose schema is newer than this program.
func Open(ctx context.Context, databaseURL string) (*DB, error) {
	path, ok := strings.CutPrefix(databaseURL, "sqlite:")
	if !ok {
		return nil, ErrUnsupported
	}
	if path == "" {
		return nil, errors.New("the database path is empty")
	}
	handle, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	// As many stay open as may be open: opening one costs more than most queries.
	handle.SetMaxOpenConns(connections)
	handle.SetMaxIdleConns(connections)
	db := &DB{sql: handle}
	if err := db.migrate(ctx); err != nil {
		_ = handle.Close()
		return nil, err
	}
	return db, nil
}

// dsn sets what every connection must have: the write-ahead log, so that reading goes on while one writes;
// synchronous=FULL, so that a committed intent survives a power cut; no temporary files, since a container may have
// nowhere to put them; and a wait instead of an error when
// another process holds the writer.
func dsn(path string) string {
	options := url.Values{
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "temp_store(MEMORY)"},
		"_txlock": {"immediate"},
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: options.Encode()}).String()
}

// SQL is the database itself, for single statements and for reading.
func (db *DB) SQL() *sql.DB { return db.sql }

// Close closes the database.
func (db *DB) Close() error { return db.sql.Close() }

// Write runs fn in a transaction that may write, one at a time, and commits it when fn returns nil.
func (db *DB) Write(ctx context.Context, fn func(tx *sql.Tx) error) (err error) {
	db.write.Lock()
	defer db.write.Unlock()
	tx, err := db.sql.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	// Also when fn panics: a transaction left open would keep the writer from everybody for good.
	defer func() { err = errors.Join(err, ignoreDone(tx.Rollback())) }()
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// ignoreDone drops the error of rolling back what was committed, or what the database has already rolled back itself.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}
