package store

import "time"

// SetCommitTimeout sets how long the status of a commit without a reply is queried.
func (db *DB) SetCommitTimeout(d time.Duration) { db.commitTimeout = d }

// SetScanTimeout sets the time limit of a scan.
func (db *DB) SetScanTimeout(d time.Duration) { db.scanTimeout = d }
