package store_test

import (
	"database/sql"
	"testing"

	"github.com/voxwarden/voxwarden/internal/store"
)

const insertSession = `INSERT INTO sessions (hash, data, subject, created_at, seen_at) VALUES ($1, '', '', 0, 0)`

// write inserts a session.
func write(t *testing.T, db *store.DB, hash string) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), insertSession, hash)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// countSessions returns the number of sessions.
func countSessions(t *testing.T, db *store.DB) int {
	t.Helper()
	var count int
	if err := db.SQL().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM sessions`).Scan(&count); err != nil {
		t.Fatal(err)
	}
	return count
}

// ready returns an error unless a transaction can be written.
func ready(t *testing.T, db *store.DB) error {
	t.Helper()
	return db.Write(t.Context(), func(tx *sql.Tx) error {
		var one int
		return tx.QueryRowContext(t.Context(), `SELECT 1`).Scan(&one)
	})
}
