package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
)

// OpenReading opens a database to read it, also while a server writes to it. An SQLite file is neither made nor changed; it
// fails when the schema is not this program's, since only a server that starts brings it up to date.
func OpenReading(ctx context.Context, databaseURL string) (*DB, error) {
	path, ok := strings.CutPrefix(databaseURL, "sqlite:")
	if !ok {
		return Open(ctx, databaseURL)
	}
	options := url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(10000)", "query_only(1)", "temp_store(MEMORY)"}}
	handle, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: options.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	db := &DB{sql: handle}
	if err := db.sameSchema(ctx); err != nil {
		_ = handle.Close()
		return nil, err
	}
	return db, nil
}

func (db *DB) sameSchema(ctx context.Context) error {
	steps, err := readMigrations(migrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	var have int
	if err := db.sql.QueryRowContext(ctx, `SELECT COALESCE(MAX(number), 0) FROM schema_version`).Scan(&have); err != nil {
		return fmt.Errorf("reading the database: %w", err)
	}
	if want := steps[len(steps)-1].number; have != want {
		return fmt.Errorf("the database has schema %d and this program %d: start a server of this version on it first", have, want)
	}
	return nil
}
