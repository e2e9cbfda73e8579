package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	"run that version, or set VOXWARDEN_DATABASE_URL to another database and run: server init; `make dev` recreates " +
	"its own")

// createSchema creates the schema in an empty database.
func (db *DB) createSchema(ctx context.Context, tx *sql.Tx) error {
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
}

// checkSchema returns ErrMissing for a database without tables, and ErrOtherSchema unless this program's schema made
// the tables.
func (db *DB) checkSchema(ctx context.Context, q querier) error {
	names, err := db.tables(ctx, q)
	switch {
	case err != nil:
		return err
	case len(names) == 0:
		return missing(db.path)
	case !slices.Contains(names, "operations") && !slices.Contains(names, "schema_checksum"):
		return fmt.Errorf("%w: it has the tables of another program, such as %s", ErrOtherSchema, names[0])
	case !slices.Contains(names, "operations") || !slices.Contains(names, "schema_checksum"):
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

// tables returns the names of the tables and views, on PostgreSQL those of the search path without those of extensions.
func (db *DB) tables(ctx context.Context, q querier) ([]string, error) {
	query := `SELECT COALESCE(group_concat(name, ','), '') FROM sqlite_schema
		WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite@_%' ESCAPE '@'`
	if db.postgres {
		query = `SELECT COALESCE(string_agg(c.relname, ','), '') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = ANY (current_schemas(false)) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT EXISTS (
				SELECT 1 FROM pg_depend d
				WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`
	}
	var names string
	if err := q.QueryRowContext(ctx, query).Scan(&names); err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	return strings.FieldsFunc(names, func(r rune) bool { return r == ',' }), nil
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
