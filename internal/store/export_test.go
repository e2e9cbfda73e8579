package store

import "time"

// SetCommitTimeout sets how long the status of a commit without a reply is queried.
func (db *DB) SetCommitTimeout(d time.Duration) { db.commitTimeout = d }

// SetScanTimeout sets the time limit of a scan.
func (db *DB) SetScanTimeout(d time.Duration) { db.scanTimeout = d }

// SetSilenceLimit sets how long the console waits for PostgreSQL to send anything.
func (db *DB) SetSilenceLimit(d time.Duration) { db.limit.max.Store(int64(d)) }

// SetLockTimeout sets how long a write waits for the other writers of this process.
func (db *DB) SetLockTimeout(d time.Duration) { db.lockTimeout = d }

// SetFreeBytes sets the space that the disk of a SQLite file seems to have.
func (db *DB) SetFreeBytes(free uint64, known bool) {
	db.freeBytes = func(string) (uint64, bool, error) { return free, known, nil }
}
