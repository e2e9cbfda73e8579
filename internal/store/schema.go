package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
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

// ErrSchemaChanged is returned by writes after another version of the program has changed the schema of the database
// that this one has opened.
var ErrSchemaChanged = errors.New("another version of Voxwarden has changed the tables of the database: " +
	"stop this one, and start that version")

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
	_, err := writeSentinel(ctx, tx)
	return err
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
	same, err := db.hasOwnChecksum(ctx, q)
	if err == nil && !same {
		err = ErrOtherSchema
	}
	if err != nil {
		return err
	}
	for _, table := range createdTables().FindAllStringSubmatch(db.schema(), -1) {
		if !slices.Contains(names, table[1]) {
			return fmt.Errorf("%w: the table %s is missing", ErrOtherSchema, table[1])
		}
	}
	return nil
}

// hasOwnChecksum reports whether the stored checksum is that of this program's schema.
func (db *DB) hasOwnChecksum(ctx context.Context, q querier) (bool, error) {
	var first, last string
	if err := q.QueryRowContext(
		ctx,
		`SELECT COALESCE(MIN(sha256), ''), COALESCE(MAX(sha256), '') FROM schema_checksum`,
	).Scan(&first, &last); err != nil {
		return false, fmt.Errorf("reading the schema: %w", err)
	}
	own := db.schemaChecksum()
	return first == own && last == own, nil
}

// checkUnchanged returns ErrSchemaChanged unless the schema is still the one that was opened.
func (db *DB) checkUnchanged(ctx context.Context, q querier) error {
	same, err := db.hasOwnChecksum(ctx, q)
	if err != nil {
		// Without the table the query failed, and with it a transaction of PostgreSQL: another connection finds out.
		names, tablesErr := db.tables(ctx, db.sql)
		same = tablesErr != nil || slices.Contains(names, "schema_checksum")
	}
	if !same {
		return ErrSchemaChanged
	}
	return err
}

// createdTables matches the statements of a schema that create tables, with their names.
var createdTables = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^CREATE TABLE (\w+)`) })

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

// sumSchema returns the SHA-256 of the schema's text, in hex.
func (db *DB) sumSchema() string {
	sum := sha256.Sum256([]byte(db.schema()))
	return hex.EncodeToString(sum[:])
}

// querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}
