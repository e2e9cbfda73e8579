package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Unavailable reports whether an error means that the database cannot be used at the moment: it cannot be reached, does
// not respond in time, is locked by another program, read-only or full. The same statement may succeed later.
func Unavailable(err error) bool {
	for _, known := range []error{ErrSilent, ErrBusy, ErrReadOnly, ErrUnknownCommit, ErrScanTimeout, ErrScansBusy} {
		if errors.Is(err, known) {
			return true
		}
	}
	if reply, ok := errors.AsType[*pgconn.PgError](err); ok {
		return unavailableState(reply.Code)
	}
	if failure, ok := errors.AsType[*sqlite.Error](err); ok {
		return unavailableCode(failure.Code() & 0xff)
	}
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	return connecting || connectionLost(err)
}

// unavailableState reports whether an SQLSTATE of PostgreSQL is one of Unavailable.
func unavailableState(code string) bool {
	switch code {
	case "25006", // read_only_sql_transaction
		"25P03", // idle_in_transaction_session_timeout
		"40P01", // deadlock_detected
		"55P03": // lock_not_available
		return true
	}
	if len(code) != 5 {
		return false
	}
	switch code[:2] {
	case "08", // connection exception
		"53", // insufficient resources
		"57", // operator intervention, such as a timeout or a shutdown
		"58": // system error
		return true
	}
	return false
}

// unavailableCode reports whether a primary result code of SQLite is one of Unavailable.
func unavailableCode(code int) bool {
	switch code {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_INTERRUPT:
		return true
	}
	return false
}

// Detach returns a context that outlives the caller's, but not its deadline: a browser that is gone must not stop a
// write in progress, and the time limit of the request must.
func Detach(ctx context.Context) (context.Context, context.CancelFunc) {
	detached := context.WithoutCancel(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(detached, deadline)
	}
	return detached, func() {}
}
