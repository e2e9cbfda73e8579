package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// unlockLimit is how long a server is given to hear that a job is given back.
const unlockLimit = 2 * time.Second

// TryLock takes a job for this process alone, among all that share the database, without waiting: ok is false while
// another has it, and release gives it back. Who dies gives it back too, and so does a holder whose connection to
// PostgreSQL is lost, without being told. So it saves two processes from doing the same work; it does not keep what
// they write apart, which the record's own guards do. Take it for one round of the job, not for the process's life.
//
// name is a short word of ours, in small letters.
func (db *DB) TryLock(ctx context.Context, name string) (release func(), ok bool, err error) {
	if db.postgres {
		return db.tryLockPostgres(ctx, name)
	}
	return db.tryLockSQLite(ctx, name)
}

// tryLockPostgres takes an advisory lock of PostgreSQL on a connection of its own, which the lock dies with.
func (db *DB) tryLockPostgres(ctx context.Context, name string) (release func(), ok bool, err error) {
	conn, err := db.sql.Conn(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("taking the job %s: %w", name, err)
	}
	if err = conn.QueryRowContext(
		ctx,
		`SELECT pg_try_advisory_lock($1, hashtext($2))`,
		writeLock,
		name,
	).Scan(&ok); err != nil {
		return nil, false, errors.Join(fmt.Errorf("taking the job %s: %w", name, err), discardConn(conn))
	}
	if !ok {
		return nil, false, conn.Close()
	}
	return func() {
		// A server notices late that a connection was dropped, and whoever asks at once would find the job taken: so it
		// is given back by word too. Dropping the connection gives it back whatever state it is in; a pool that still
		// had the lock would keep the job from everybody.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unlockLimit)
		defer cancel()
		_, _ = conn.ExecContext(ctx, `SELECT pg_advisory_unlock($1, hashtext($2))`, writeLock, name)
		_ = discardConn(conn)
	}, true, nil
}

// discardConn closes a connection instead of giving it back to the pool.
func discardConn(conn *sql.Conn) error {
	err := conn.Raw(func(any) error { return driver.ErrBadConn })
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return nil
	}
	return err
}

// tryLockSQLite takes SQLite's own lock on an empty file beside the database: the system gives it back when the process
// ends, however it ends.
func (db *DB) tryLockSQLite(ctx context.Context, name string) (release func(), ok bool, err error) {
	path := db.path + "-" + name + ".lock"
	if err := makeFile(path); err != nil {
		return nil, false, err
	}
	file, err := sql.Open("sqlite", fileURL(path, url.Values{"_pragma": {"busy_timeout(0)"}, "_txlock": {"exclusive"}}))
	if err != nil {
		return nil, false, fmt.Errorf("taking the job %s: %w", name, err)
	}
	tx, err := file.BeginTx(context.WithoutCancel(ctx), nil)
	if busy, is := errors.AsType[*sqlite.Error](err); is && busy.Code()&0xff == sqlite3.SQLITE_BUSY {
		return nil, false, file.Close()
	}
	if err != nil {
		return nil, false, errors.Join(fmt.Errorf("taking the job %s: %w", name, err), file.Close())
	}
	return func() {
		_ = tx.Rollback()
		_ = file.Close()
	}, true, nil
}
