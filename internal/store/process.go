package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// processLock is the class of the advisory locks that the processes of a PostgreSQL database hold while they run.
const processLock = 0x766f7870 // "voxp"

// How a process on PostgreSQL shows that it runs.
const (
	presenceInterval = time.Second     // between two requests for a connection by KeepPresent
	absenceTime      = 3 * time.Second // without a connection before a process counts as ended
)

// newProcessID returns a random number: a process that is started again is another one.
func newProcessID() int32 { return rand.Int32() }

// ProcessID identifies this process among all that share the database, until it ends or closes the database.
func (db *DB) ProcessID() string { return strconv.Itoa(int(db.process)) }

// ProcessEnded reports whether the process with an id has ended. It does not depend on any clock. On SQLite the
// operating system releases the lock of a process with it. On PostgreSQL the server does, as soon as it notices. A
// process that was cut off from the server for a moment goes on, so ProcessEnded then waits until it was absent for 3
// seconds. What an ended process has begun can be taken over; the guards of the audit log hold even if this function is
// wrong.
func (db *DB) ProcessEnded(ctx context.Context, id string) (bool, error) {
	number, err := strconv.ParseInt(id, 10, 32)
	switch {
	case err != nil:
		return true, nil // no process has such an id
	case int32(number) == db.process:
		return false, nil
	case !db.postgres:
		return db.inUse.isFree(number)
	}
	for {
		present, err := db.isPresent(ctx, number)
		if err != nil {
			return false, err
		}
		remaining := db.absences.remaining(id, present)
		if present || remaining <= 0 {
			return !present, nil
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(remaining):
		}
	}
}

// isPresent reports whether PostgreSQL has a connection of a process.
func (db *DB) isPresent(ctx context.Context, number int64) (present bool, err error) {
	if err := db.sql.QueryRowContext(
		ctx,
		`SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2
			AND classid::bigint = $1 AND objid::bigint = $2
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`,
		processLock,
		number,
	).Scan(&present); err != nil {
		return false, fmt.Errorf("looking for another process: %w", err)
	}
	return present, nil
}

// lockProcess returns the statement with which each connection to PostgreSQL shows that the process runs. Shared locks
// never wait for each other.
func lockProcess(process int32) string {
	return fmt.Sprintf(`SELECT pg_advisory_lock_shared(%d, %d)`, processLock, process)
}

// KeepPresent shows other processes that this one runs, until the context ends: after an interruption of PostgreSQL it
// connects again within a second. On SQLite nothing is needed.
func (db *DB) KeepPresent(ctx context.Context) {
	if !db.postgres {
		return
	}
	ticker := time.NewTicker(presenceInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			db.ping(ctx)
		}
	}
}

// ping uses a connection. It returns no error: it is repeated.
func (db *DB) ping(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, presenceInterval)
	defer cancel()
	_ = db.sql.PingContext(ctx)
}

// absences are the processes that were found absent, with the time of the first such reading since they were present.
type absences struct {
	mu    sync.Mutex
	since map[string]time.Time
}

// remaining stores a reading, and returns how long an absent process must still be absent to count as ended.
func (a *absences) remaining(id string, present bool) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if present {
		delete(a.since, id)
		return 0
	}
	if a.since == nil {
		a.since = map[string]time.Time{}
	}
	if _, known := a.since[id]; !known {
		a.since[id] = time.Now()
	}
	return absenceTime - time.Since(a.since[id])
}

// hold locks the byte of a number in the file, until the file is closed. It does not conflict with the lock of
// lockFile.
func (l fileLock) hold(number int64) error {
	lock := unix.Flock_t{Type: unix.F_RDLCK, Start: number, Len: 1}
	return unix.FcntlFlock(l.Fd(), unix.F_OFD_SETLK, &lock)
}

// isFree reports whether no other opened file holds the byte of a number.
func (l fileLock) isFree(number int64) (bool, error) {
	lock := unix.Flock_t{Type: unix.F_WRLCK, Start: number, Len: 1}
	if err := unix.FcntlFlock(l.Fd(), unix.F_OFD_GETLK, &lock); err != nil {
		return false, fmt.Errorf("looking for another process: %w", err)
	}
	return lock.Type == unix.F_UNLCK, nil
}
