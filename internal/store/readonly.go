package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// OpenReadOnly opens a database for reading, also while a server writes to it. It creates and changes nothing. It
// returns ErrOtherSchema for a database with another schema, and for an empty one.
func OpenReadOnly(ctx context.Context, databaseURL string) (*DB, error) {
	db, err := openReadOnly(ctx, databaseURL)
	if err != nil {
		return nil, err
	}
	if err := db.checkSchema(ctx, db.sql); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func openReadOnly(ctx context.Context, databaseURL string) (*DB, error) {
	path, isFile := strings.CutPrefix(databaseURL, "sqlite:")
	switch {
	case isFile:
		if err := checkReadable(path); err != nil {
			return nil, err
		}
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
