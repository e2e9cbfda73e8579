package store

import "time"

// SetCommitTimeout changes how long a lost commit is asked after.
func (db *DB) SetCommitTimeout(d time.Duration) { db.commitTimeout = d }
