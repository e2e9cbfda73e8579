package store

import (
	"context"
	"database/sql"
	"fmt"
)

// checkRoom returns an error while a PostgreSQL server that reported a full disk has no room for new pages: the row of
// the readiness check needs none. It writes 128 KiB into a temporary table, in the tablespace of the database.
func (db *DB) checkRoom(ctx context.Context) error {
	if !db.full.Load() {
		return nil
	}
	err := db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(
			ctx,
			`CREATE TEMPORARY TABLE room ON COMMIT DROP AS
				SELECT md5(n::text) AS filling FROM generate_series(1, 2000) AS numbers (n)`,
		)
		if err != nil {
			return fmt.Errorf("writing new pages: %w", err)
		}
		return nil
	})
	if KindOf(err) == PermissionError { // a role that may not create temporary tables cannot prove it
		err = nil
	}
	if err == nil {
		db.full.Store(false)
	}
	return err
}
