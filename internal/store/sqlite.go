package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	_ "modernc.org/sqlite" // the driver "sqlite", in Go, so that the binary stays static
)

// fileConnections is the size of the pool: one connection writes while the others read.
const fileConnections = 8

// validPath returns an error for the path of a SQLite database that can never be one.
func validPath(path string) error {
	switch path {
	case "":
		return errors.New("the database path is empty")
	case ":memory:":
		return errors.New("the database must be a file: an audit log in memory would be lost")
	}
	return nil
}

// openSQLite opens a database file for writing. The file must exist.
func openSQLite(path string) (*DB, error) {
	if err := validPath(path); err != nil {
		return nil, err
	}
	if err := checkFile(path); err != nil {
		return nil, err
	}
	inUse, err := markInUse(path)
	if err != nil {
		return nil, err
	}
	process := newProcessID()
	if err := inUse.hold(int64(process)); err != nil {
		return nil, errors.Join(fmt.Errorf("marking the database as in use: %w", err), inUse.Close())
	}
	watch, err := watchFile(path)
	if err != nil {
		return nil, errors.Join(err, inUse.Close())
	}
	statements := &statementObserver{}
	handle := sql.OpenDB(fileConnector{source: dsn(path), watch: watch, statements: statements})
	setPoolSize(handle, fileConnections)
	handle.SetMaxOpenConns(fileConnections + 1) // and that of keepOpen
	scans := sql.OpenDB(fileConnector{source: readOnlyDSN(path), watch: watch, statements: statements})
	setPoolSize(scans, scanConnections)
	db := newDB(handle, scans)
	db.path, db.file, db.inUse, db.process, db.statements = path, watch, inUse, process, statements
	return db, nil
}

// setPoolSize limits a pool. Opening a connection costs more than most queries, so all stay open.
func setPoolSize(pool *sql.DB, connections int) {
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
}

// createFile creates an empty file with mode 0600, unless it exists. SQLite gives the files that it creates beside
// the database the same mode.
func createFile(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("creating the database file: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("creating the database file: %w", err)
	}
	return nil
}

// dsn returns the data source name with the settings of every connection: no new file; the write-ahead log, so that
// readers do not wait for the writer; synchronous=FULL, so that a committed intent survives a power cut; foreign keys;
// temporary tables in memory, because a container may have no directory for them; 5 seconds of waiting while another
// process writes; and the write lock from the start of each transaction.
func dsn(path string) string {
	return fileURL(path, url.Values{
		"mode":    {"rw"},
		"_pragma": {busyPragma(), "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "temp_store(MEMORY)"},
		"_txlock": {"immediate"},
	})
}

// readOnlyDSN returns the data source name of connections that only read.
func readOnlyDSN(path string) string {
	return fileURL(path, url.Values{
		"mode":    {"ro"},
		"_pragma": {busyPragma(), "query_only(1)", "temp_store(MEMORY)"},
	})
}

// fileURL returns a path as a file: URL of SQLite with options.
func fileURL(path string, options url.Values) string {
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: options.Encode()}).String()
}
