package store

import "time"

// SetPatience changes how long a lost commit is asked after.
func (db *DB) SetPatience(d time.Duration) { db.patience = d }
