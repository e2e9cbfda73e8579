package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// ReadinessCheck is a condition for recording a change.
type ReadinessCheck struct {
	Name string // in lower case, for operators
	Run  func(ctx context.Context) error
}

// ReadinessChecks returns the conditions under which a transaction can be written, in the order in which they are
// checked. They do not lead to each other's failure, except that nothing is written into a file that is gone.
func (db *DB) ReadinessChecks() []ReadinessCheck {
	checks := []ReadinessCheck{
		{"tables", db.checkTables},
		{"writing", db.checkWriting},
	}
	if db.file == nil {
		return checks
	}
	// A write opens the database again where that helps, so the files are checked after it.
	return append(
		checks,
		ReadinessCheck{"database file", func(context.Context) error { return db.file.check() }},
		ReadinessCheck{"folder", func(context.Context) error { return db.CheckFolder() }},
	)
}

// checkTables returns an error unless all tables exist and, on PostgreSQL, the console may write the rows of an
// operation.
func (db *DB) checkTables(ctx context.Context) error {
	if err := db.checkSchema(ctx, db.sql); err != nil || !db.postgres {
		return err
	}
	var table string
	err := db.sql.QueryRowContext(ctx, `SELECT COALESCE(MIN(c.relname), '')
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = ANY (current_schemas(false)) AND c.relkind = 'r' AND c.relname <> 'schema_checksum' AND NOT (
			has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
			AND (c.relname <> 'operations' OR has_table_privilege(c.oid, 'UPDATE'))
			AND (c.relname <> 'operation_locks' OR has_table_privilege(c.oid, 'DELETE')))`).Scan(&table)
	if err != nil {
		return fmt.Errorf("reading the privileges on the tables: %w", err)
	}
	if table != "" {
		return fmt.Errorf("%w: the role of the console may not write the table %s", fs.ErrPermission, table)
	}
	return nil
}

// checkWriting writes the only row of the table readiness, as a change would be written.
func (db *DB) checkWriting(ctx context.Context) error {
	var written sentinel
	err := db.Write(ctx, func(tx *sql.Tx) (err error) {
		written, err = writeSentinel(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	if db.postgres {
		return db.checkRoom(ctx)
	}
	return db.noteContent(ctx, written)
}

// sentinel is the content of the row: a random id of the database and a counter that only grows.
type sentinel struct {
	id      string
	counter uint64
}

// parseSentinel returns the zero sentinel for a text that is none.
func parseSentinel(text string) sentinel {
	id, digits, _ := strings.Cut(text, " ")
	counter, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return sentinel{}
	}
	return sentinel{id: id, counter: counter}
}

// String returns the text that is stored.
func (s sentinel) String() string { return fmt.Sprintf("%s %d", s.id, s.counter) }

// isAtLeast reports whether s is a state of the row of the same database, not older than the other one.
func (s sentinel) isAtLeast(other sentinel) bool {
	return s.id == other.id && s.counter >= other.counter
}

const readSentinel = `SELECT value FROM readiness WHERE id = 1`

// writeSentinel increments the counter. A missing row gets a new id.
func writeSentinel(ctx context.Context, tx *sql.Tx) (sentinel, error) {
	var text string
	if err := tx.QueryRowContext(ctx, readSentinel).Scan(&text); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return sentinel{}, fmt.Errorf("reading the row of the readiness check: %w", err)
	}
	next := parseSentinel(text)
	if next.id == "" {
		next.id = rand.Text()
	}
	next.counter++
	if _, err := tx.ExecContext(
		ctx,
		`INSERT INTO readiness (id, value) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET value = excluded.value`,
		next.String(),
	); err != nil {
		return sentinel{}, fmt.Errorf("writing the row of the readiness check: %w", err)
	}
	return next, nil
}
