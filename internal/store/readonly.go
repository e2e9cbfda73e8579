package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// OpenReadOnly opens a database to read it, also while a server writes to it. Nothing is made in it nor changed; it
// fails when the schema is not this program's, since only a server that starts brings it up to date.
func OpenReadOnly(ctx context.Context, databaseURL string) (*DB, error) {
	db, err := openReadOnly(ctx, databaseURL)
	if err != nil {
		return nil, err
	}
	if err := db.checkSchema(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func openReadOnly(ctx context.Context, databaseURL string) (*DB, error) {
	path, isFile := strings.CutPrefix(databaseURL, "sqlite:")
	switch {
	case isFile:
		options := url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(10000)", "query_only(1)", "temp_store(MEMORY)"}}
		handle, err := sql.Open("sqlite", fileURL(path, options))
		if err != nil {
			return nil, fmt.Errorf("opening the database: %w", err)
		}
		return newDB(handle), nil
	case IsPostgres(databaseURL):
		return openPostgres(ctx, databaseURL, map[string]string{"default_transaction_read_only": "on"})
	default:
		return nil, ErrUnsupported
	}
}

func (db *DB) checkSchema(ctx context.Context) error {
	steps, err := readMigrations(migrations, db.migrationFolder())
	if err != nil {
		return err
	}
	var have int
	if err := db.sql.QueryRowContext(ctx, `SELECT COALESCE(MAX(number), 0) FROM schema_version`).Scan(&have); err != nil {
		return fmt.Errorf("reading the database: %w", err)
	}
	if want := steps[len(steps)-1].number; have != want {
		return fmt.Errorf(
			"the database has schema %d and this program %d: start a server of this version on it first",
			have,
			want,
		)
	}
	return nil
}
