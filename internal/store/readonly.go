package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// OpenReadOnly opens a database for reading, also while a server writes to it. It creates and changes nothing, and
// limits the time of no scan and of no statement. It returns ErrMissing when there is none, and ErrOtherSchema for a
// database with another schema.
func OpenReadOnly(ctx context.Context, databaseURL string) (*DB, error) {
	db, err := openReadOnly(ctx, databaseURL)
	if err != nil {
		return nil, err
	}
	if err := db.checkSchema(ctx, db.sql); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	db.scanTimeout = 0
	return db, nil
}

func openReadOnly(ctx context.Context, databaseURL string) (*DB, error) {
	path, isFile := strings.CutPrefix(databaseURL, "sqlite:")
	switch {
	case isFile:
		if err := validPath(path); err != nil {
			return nil, err
		}
		if err := checkFileExists(path); err != nil {
			return nil, err
		}
		if err := checkReadable(path); err != nil {
			return nil, err
		}
		handle, err := sql.Open("sqlite", readOnlyDSN(path))
		if err != nil {
			return nil, fmt.Errorf("opening the database: %w", err)
		}
		db := newDB(handle, handle)
		db.path = path
		return db, nil
	case IsPostgres(databaseURL):
		return openPostgres(ctx, databaseURL, map[string]string{
			"default_transaction_read_only": "on",
			"statement_timeout":             "0",
		})
	default:
		return nil, ErrUnsupported
	}
}
