// Package store opens the database and keeps its schema, on SQLite and on PostgreSQL. What is in the tables belongs to
// the packages that own them: internal/audit, internal/session, internal/bulk and internal/drift.
//
// Every query is written once, with $1, $2 and so on for its arguments, and runs on both engines: see
// docs/decisions/0015.
package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"
)

// DB is the console's database. It is safe for concurrent use.
type DB struct {
	sql           *sql.DB
	postgres      bool
	path          string        // of the SQLite file, "" on PostgreSQL
	commitTimeout time.Duration // how long a lost commit is asked after
	// holds something while one writes: waiting here is fairer than polling a database, and costs it no connection
	writer chan struct{}
}

// ErrUnsupported says that a DATABASE_URL names neither engine.
var ErrUnsupported = errors.New("the database address must begin with sqlite: or postgres://")

// Open opens the database that a DATABASE_URL names ("sqlite:" and a path, or postgres://user:password@host:port/name)
// and creates the schema if the database is empty. It returns ErrOtherSchema for a database with another schema. No
// error quotes the address, which contains a password.
func Open(ctx context.Context, databaseURL string) (*DB, error) {
	db, err := open(ctx, databaseURL)
	if err != nil {
		return nil, err
	}
	if err := db.createSchema(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// open opens a database to write to it, whatever its schema is.
func open(ctx context.Context, databaseURL string) (*DB, error) {
	path, isFile := strings.CutPrefix(databaseURL, "sqlite:")
	switch {
	case isFile:
		return openSQLite(ctx, path)
	case IsPostgres(databaseURL):
		return openPostgres(ctx, databaseURL, nil)
	default:
		return nil, ErrUnsupported
	}
}

// IsPostgres says whether a DATABASE_URL names a PostgreSQL database.
func IsPostgres(databaseURL string) bool {
	scheme, _, ok := strings.Cut(databaseURL, "://")
	return ok && (scheme == "postgres" || scheme == "postgresql")
}

func newDB(handle *sql.DB) *DB {
	return &DB{sql: handle, commitTimeout: commitTimeout, writer: make(chan struct{}, 1)}
}

// SQL is the database itself, for single statements and for reading.
func (db *DB) SQL() *sql.DB { return db.sql }

// Postgres says which engine it is, for the few places that must differ.
func (db *DB) Postgres() bool { return db.postgres }

// Close closes the database.
func (db *DB) Close() error { return db.sql.Close() }
