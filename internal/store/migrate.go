package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

//go:embed migrations
var migrations embed.FS

// A migration is one numbered step of the schema, NNNN_what.sql.
type migration struct {
	number int
	name   string
	text   string
}

// migrate applies the steps that the database does not have yet, each in a transaction of its own.
func (db *DB) migrate(ctx context.Context) error {
	steps, err := readMigrations(migrations, db.migrationFolder())
	if err != nil {
		return err
	}
	return db.applyAll(ctx, steps)
}

func (db *DB) applyAll(ctx context.Context, steps []migration) error {
	// Two servers that start at once must not both make the table: PostgreSQL refuses the second even with IF NOT EXISTS.
	if err := db.transact(ctx, true, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema_version (number INTEGER NOT NULL PRIMARY KEY)`)
		return err
	}); err != nil {
		return fmt.Errorf("reading the schema version: %w", err)
	}
	newest := steps[len(steps)-1].number
	for {
		var done bool
		err := db.transact(ctx, true, func(tx *sql.Tx) error {
			// The version is read inside the transaction, so that two servers that start at once do not both apply a step.
			var have int
			if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(number), 0) FROM schema_version`).Scan(&have); err != nil {
				return fmt.Errorf("reading the schema version: %w", err)
			}
			if have > newest {
				return fmt.Errorf("the database has schema %d, newer than this program's %d: use a newer program", have, newest)
			}
			if done = have == newest; done {
				return nil
			}
			return apply(ctx, tx, steps[have])
		})
		if err != nil || done {
			return err
		}
	}
}

func apply(ctx context.Context, tx *sql.Tx, m migration) error {
	if _, err := tx.ExecContext(ctx, m.text); err != nil {
		return fmt.Errorf("applying migration %s: %w", m.name, err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO schema_version (number) VALUES (?)`, m.number); err != nil {
		return fmt.Errorf("noting migration %s: %w", m.name, err)
	}
	return nil
}

// readMigrations reads the steps of a folder, which must be numbered from 1 without a gap.
func readMigrations(files fs.FS, dir string) ([]migration, error) {
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		return nil, fmt.Errorf("reading migrations: %w", err)
	}
	var steps []migration
	for i, entry := range entries {
		text, err := fs.ReadFile(files, path.Join(dir, entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("reading migration %s: %w", entry.Name(), err)
		}
		number, _, _ := strings.Cut(entry.Name(), "_")
		if n, err := strconv.Atoi(number); err != nil || n != i+1 {
			return nil, fmt.Errorf("migration %s is not number %d", entry.Name(), i+1)
		}
		steps = append(steps, migration{number: i + 1, name: entry.Name(), text: string(text)})
	}
	return steps, nil
}

// migrationFolder is where the engine's steps are. Equal numbers mean the same to both engines.
func (db *DB) migrationFolder() string {
	if db.postgres {
		return "migrations/postgres"
	}
	return "migrations/sqlite"
}
