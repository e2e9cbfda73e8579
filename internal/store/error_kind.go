package store

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrorKind is what an error of the database means to an operator. Metrics have it as a label.
type ErrorKind string

// The kinds of errors.
const (
	NoError         ErrorKind = ""           // also for a caller that went away, and for what is no error of the database
	FileGoneError   ErrorKind = "file_gone"  // see ErrFileGone
	DiskFullError   ErrorKind = "disk_full"  // or nearly full
	ReadOnlyError   ErrorKind = "read_only"  // the disk, or the PostgreSQL server
	LockedError     ErrorKind = "locked"     // another process holds a lock
	TimeoutError    ErrorKind = "timeout"    // no reply in time
	ConnectionError ErrorKind = "connection" // to PostgreSQL
	PermissionError ErrorKind = "permission" // the operating system or PostgreSQL refuses access
	DamagedError    ErrorKind = "damaged"
	SchemaError     ErrorKind = "schema" // a table is missing, or belongs to another version
	IOError         ErrorKind = "io"     // reading or writing the disk failed
	OtherError      ErrorKind = "other"
)

// ErrorKinds returns all kinds except NoError.
func ErrorKinds() []ErrorKind {
	return []ErrorKind{
		FileGoneError, DiskFullError, ReadOnlyError, LockedError, TimeoutError, ConnectionError, PermissionError,
		DamagedError, SchemaError, IOError, OtherError,
	}
}

// Problem returns what is wrong in a few words, without a path, an address or a name.
func (k ErrorKind) Problem() string {
	switch k {
	case FileGoneError:
		return "the database file, or a file beside it, was deleted, replaced or overwritten"
	case DiskFullError:
		return "the disk is full, or nearly full"
	case ReadOnlyError:
		return "the database is read-only"
	case LockedError:
		return "another process holds a lock on the database"
	case TimeoutError:
		return "the database did not respond in time"
	case ConnectionError:
		return "the database server cannot be reached"
	case PermissionError:
		return "the console may not access the database"
	case DamagedError:
		return "the database is damaged"
	case SchemaError:
		return "the tables are missing, or belong to another version of Voxwarden"
	case IOError:
		return "the disk reports errors"
	default:
		return "failed"
	}
}

// KindOf returns the kind of an error of the database.
func KindOf(err error) ErrorKind {
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return NoError
	case errors.Is(err, ErrFileGone):
		return FileGoneError
	case errors.Is(err, ErrNearlyFull):
		return DiskFullError
	case errors.Is(err, ErrReadOnly), errors.Is(err, syscall.EROFS):
		return ReadOnlyError
	case errors.Is(err, ErrOtherSchema), errors.Is(err, ErrSchemaChanged), errors.Is(err, ErrMissing):
		return SchemaError
	case errors.Is(err, ErrBusy):
		return LockedError
	case errors.Is(err, ErrSilent):
		return TimeoutError
	case errors.Is(err, ErrUnknownCommit):
		return ConnectionError
	}
	if reply, ok := errors.AsType[*pgconn.PgError](err); ok {
		return postgresKind(reply.Code)
	}
	if failure, ok := errors.AsType[*sqlite.Error](err); ok {
		return sqliteKind(failure.Code())
	}
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, ErrScanTimeout), errors.Is(err, ErrScansBusy):
		return TimeoutError
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return DiskFullError
	case errors.Is(err, fs.ErrPermission):
		return PermissionError
	case connecting, connectionLost(err):
		return ConnectionError
	default:
		return NoError
	}
}

// OnError calls report with the kind of each error of a write, of a scan, and of CheckFolder.
func (db *DB) OnError(report func(ErrorKind)) { db.onError.Store(&report) }

// count reports an error of the database, and returns it.
func (db *DB) count(err error) error {
	if report := db.onError.Load(); report != nil {
		if kind := KindOf(err); kind != NoError {
			(*report)(kind)
		}
	}
	return err
}

// sqliteKind returns the kind of a result code of SQLite. Source: sqlite.org/rescode.html.
func sqliteKind(result int) ErrorKind {
	switch result & 0xff { // without the extension
	case sqlite3.SQLITE_FULL:
		return DiskFullError
	case sqlite3.SQLITE_READONLY:
		return ReadOnlyError
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return LockedError
	case sqlite3.SQLITE_INTERRUPT:
		return TimeoutError
	case sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_CANTOPEN:
		return PermissionError
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return DamagedError
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOLFS:
		return IOError
	case sqlite3.SQLITE_SCHEMA, sqlite3.SQLITE_ERROR:
		// A statement that does not fit the tables. The console's statements are fixed.
		return SchemaError
	default:
		return OtherError
	}
}

// postgresKind returns the kind of an SQLSTATE. Source: PostgreSQL's documentation, "PostgreSQL Error Codes".
func postgresKind(code string) ErrorKind {
	switch code {
	case "53100": // disk_full
		return DiskFullError
	case "25006": // read_only_sql_transaction
		return ReadOnlyError
	case "55P03", "40P01", "40001": // lock_not_available, deadlock_detected, serialization_failure
		return LockedError
	case "57014", "25P03": // query_canceled, idle_in_transaction_session_timeout
		return TimeoutError
	case "42501": // insufficient_privilege
		return PermissionError
	case "42P01", "42703", "42883", "3F000": // undefined table, column, function; invalid_schema_name
		return SchemaError
	}
	switch code[:min(2, len(code))] {
	case "08", "53", "57", "3D": // connection, resources, operator intervention such as a shutdown, no such database
		return ConnectionError
	case "28": // authorization
		return PermissionError
	case "58": // system error
		return IOError
	case "XX": // internal error, corruption
		return DamagedError
	default:
		return OtherError
	}
}
