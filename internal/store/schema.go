package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
)

// The schema of each engine. It is edited in place until the first release, so there are no migrations.
var (
	//go:embed schema/sqlite.sql
	sqliteSchema string
	//go:embed schema/postgres.sql
	postgresSchema string
)

// ErrOtherSchema is returned for a database that was made with another schema than this program's.
var ErrOtherSchema = errors.New("the database was made by another version of Voxwarden with other tables: " +
	"run that version, or set VOXWARDEN_DATABASE_URL to an empty database; `make dev` recreates its own")

// createSchema creates the schema in an empty database, and checks the schema of any other.
func (db *DB) createSchema(ctx context.Context) error {
	// The writer is held from the check to the commit, so that of several servers that start together one creates it.
	return db.transact(ctx, true, func(tx *sql.Tx) error {
		found, err := db.hasTable(ctx, tx, "operations")
		if err != nil {
			return err
		}
		if found {
			return db.checkSchema(ctx, tx)
		}
		for _, step := range []struct {
			statement string
			args      []any
		}{
			{statement: db.schema()},
			{statement: `CREATE TABLE schema_checksum (sha256 TEXT NOT NULL)`},
			{statement: `INSERT INTO schema_checksum (sha256) VALUES ($1)`, args: []any{db.schemaChecksum()}},
		} {
			if _, err := tx.ExecContext(ctx, step.statement, step.args...); err != nil {
				return fmt.Errorf("creating the schema: %w", err)
			}
		}
		return nil
	})
}

func (db *DB) hasTable(ctx context.Context, q querier, name string) (found bool, err error) {
	query := `SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1)`
	if db.postgres {
		query = `SELECT to_regclass($1) IS NOT NULL`
	}
	if err = q.QueryRowContext(ctx, query, name).Scan(&found); err != nil {
		return false, fmt.Errorf("reading the schema: %w", err)
	}
	return found, nil
}

// checkSchema returns ErrOtherSchema unless the database was made with this program's schema.
func (db *DB) checkSchema(ctx context.Context, q querier) error {
	found, err := db.hasTable(ctx, q, "schema_checksum")
	if err != nil {
		return err
	}
	if !found {
		return ErrOtherSchema
	}
	var checksum string
	if err := q.QueryRowContext(ctx, `SELECT COALESCE(MAX(sha256), '') FROM schema_checksum`).Scan(&checksum); err != nil {
		return fmt.Errorf("reading the schema: %w", err)
	}
	if checksum != db.schemaChecksum() {
		return ErrOtherSchema
	}
	return nil
}

func (db *DB) schema() string {
	if db.postgres {
		return postgresSchema
	}
	return sqliteSchema
}

// schemaChecksum returns the SHA-256 of the schema's text, in hex.
func (db *DB) schemaChecksum() string {
	sum := sha256.Sum256([]byte(db.schema()))
	return hex.EncodeToString(sum[:])
}

// querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}
