package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// unlockTimeout is how long release waits for PostgreSQL.
const unlockTimeout = 2 * time.Second

// TryLock acquires the lock of a job, without waiting, among all processes that share the database. ok is false while
// another process holds it; release gives it back. The lock is also released when the process ends, and when its
// connection to PostgreSQL is lost; the holder does not notice the latter. The lock therefore only avoids double
// work. It does not protect what two processes write; the guards of the audit log do. Hold it for one round of the
// job, not for the life of the process.
//
// name is a short word in lower-case letters.
func (db *DB) TryLock(ctx context.Context, name string) (release func(), ok bool, err error) {
	if db.postgres {
		return db.tryLockPostgres(ctx, name)
	}
	return db.tryLockSQLite(name)
}

// tryLockPostgres acquires an advisory lock of PostgreSQL on a connection that nothing else uses meanwhile. The lock
// ends with the connection.
func (db *DB) tryLockPostgres(ctx context.Context, name string) (release func(), ok bool, err error) {
	conn, err := db.sql.Conn(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("locking the job %s: %w", name, err)
	}
	if err = conn.QueryRowContext(
		ctx,
		`SELECT pg_try_advisory_lock($1, hashtext($2))`,
		writeLock,
		name,
	).Scan(&ok); err != nil {
		return nil, false, errors.Join(fmt.Errorf("locking the job %s: %w", name, err), discardConn(conn))
	}
	if !ok {
		return nil, false, conn.Close()
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unlockTimeout)
		defer cancel()
		var unlocked bool
		err := conn.QueryRowContext(
			ctx,
			`SELECT pg_advisory_unlock($1, hashtext($2))`,
			writeLock,
			name,
		).Scan(&unlocked)
		if err != nil || !unlocked { // a pool that still held the lock would block the job for every process
			_ = discardConn(conn)
			return
		}
		_ = conn.Close() // back to the pool: a new connection costs more than the work of most rounds
	}, true, nil
}

// discardConn closes a connection instead of returning it to the pool.
func discardConn(conn *sql.Conn) error {
	err := conn.Raw(func(any) error { return driver.ErrBadConn })
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return nil
	}
	return err
}

// tryLockSQLite locks an empty file beside the database. The operating system releases the lock when the process ends.
func (db *DB) tryLockSQLite(name string) (release func(), ok bool, err error) {
	if err := db.file.check(); err != nil {
		return nil, false, fmt.Errorf("locking the job %s: %w", name, err)
	}
	path := db.path + "-" + name + ".lock"
	if err := createFile(path); err != nil {
		return nil, false, err
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, false, fmt.Errorf("locking the job %s: %w", name, err)
	}
	lock, err := lockFile(file, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("locking the job %s: %w", name, err)
	}
	return func() { _ = lock.Close() }, true, nil
}
