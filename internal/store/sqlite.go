package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	_ "modernc.org/sqlite" // the driver "sqlite", in Go, so that the binary stays static
)

// fileConnections is how many connections a file's pool has: enough for reading to go on beside the one that writes.
const fileConnections = 8

// openSQLite opens a database file, and makes it when there is none, for its owner alone.
func openSQLite(_ context.Context, path string) (*DB, error) {
	switch path {
	case "":
		return nil, errors.New("the database path is empty")
	case ":memory:":
		return nil, errors.New("the database must be a file: what is in memory alone is no record")
	}
	if err := makeFile(path); err != nil {
		return nil, err
	}
	handle, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	// As many stay open as may be open: opening one costs more than most queries.
	handle.SetMaxOpenConns(fileConnections)
	handle.SetMaxIdleConns(fileConnections)
	db := newDB(handle)
	db.path = path
	return db, nil
}

// makeFile makes an empty file that only its owner may read, unless there is one. SQLite gives the files that it puts
// beside the database the same rights.
func makeFile(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("making the database file: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("making the database file: %w", err)
	}
	return nil
}

// dsn sets what every connection must have: the write-ahead log, so that reading goes on while one writes;
// synchronous=FULL, so that a committed intent survives a power cut; no temporary files, since a container may have
// nowhere to put them; a wait instead of an error when another process holds the writer; and the writer at the
// beginning of every transaction.
func dsn(path string) string {
	return fileURL(path, url.Values{
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "temp_store(MEMORY)"},
		"_txlock": {"immediate"},
	})
}

// fileURL is a path as the driver wants it, with options.
func fileURL(path string, options url.Values) string {
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: options.Encode()}).String()
}
