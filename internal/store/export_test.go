package store

import (
	"context"
	"errors"
	"time"
)

// SetCommitTimeout changes how long a lost commit is asked after.
func (db *DB) SetCommitTimeout(d time.Duration) { db.commitTimeout = d }

// OpenAt opens an empty database and makes its schema what it was once.
func OpenAt(ctx context.Context, databaseURL string, number int) (*DB, error) {
	db, err := open(ctx, databaseURL)
	if err != nil {
		return nil, err
	}
	steps, err := readMigrations(migrations, db.migrationFolder())
	if err == nil {
		err = db.applyAll(ctx, steps[:number])
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}
