package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/store"
)

func open(t *testing.T, path string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestOpenKeepsWhatWasWritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a folder %20 with? signs#", "x.db")
	if _, err := store.Open(t.Context(), "sqlite:"+path); err == nil {
		t.Fatal("a database in a folder that does not exist was opened")
	}
	path = filepath.Join(t.TempDir(), "odd %20?name#.db")
	db := open(t, path)
	write(t, db, "one")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	var count int
	if err := open(t, path).SQL().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM sessions`).Scan(&count); err != nil || count != 1 {
		t.Fatalf("after opening again: %d rows, %v", count, err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the database is not where it was asked for: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"postgres://localhost/x", "sqlite:", "x.db", ""} {
		if db, err := store.Open(t.Context(), url); err == nil {
			_ = db.Close()
			t.Errorf("%q was opened", url)
		}
	}
	if _, err := store.Open(t.Context(), "postgres://localhost/x"); !errors.Is(err, store.ErrUnsupported) {
		t.Errorf("an engine that is not supported: %v", err)
	}
}

func TestANewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	db := open(t, path)
	if _, err := db.SQL().ExecContext(t.Context(), `INSERT INTO schema_version (number) VALUES (999)`); err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	if _, err := store.Open(t.Context(), "sqlite:"+path); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Fatalf("a newer schema: %v", err)
	}
}

func TestTwoServersStartAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			db, err := store.Open(context.Background(), "sqlite:"+path)
			if err != nil {
				t.Errorf("opening at the same time: %v", err)
				return
			}
			_ = db.Close()
		})
	}
	group.Wait()
}

func TestWriteRollsBack(t *testing.T) {
	t.Parallel()
	db := open(t, filepath.Join(t.TempDir(), "x.db"))
	boom := errors.New("boom")
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		if _, err := tx.Exec(`INSERT INTO sessions VALUES ('x', '', '', 0, 0)`); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("the error was lost: %v", err)
	}
	var count int
	if err := db.SQL().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM sessions`).Scan(&count); err != nil || count != 0 {
		t.Fatalf("after rolling back: %d rows, %v", count, err)
	}
}

// A panic must not keep the one writer: every act after it would find the record closed.
func TestAPanicGivesTheWriterBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	db := open(t, path)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = db.Write(t.Context(), func(tx *sql.Tx) error {
			_, _ = tx.Exec(`INSERT INTO sessions VALUES ('half', '', '', 0, 0)`)
			panic("boom")
		})
	}()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := db.Write(ctx, func(tx *sql.Tx) error {
		var count int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM sessions`).Scan(&count); err != nil || count != 0 {
			t.Errorf("what was half written stays: %d rows, %v", count, err)
		}
		return nil
	}); err != nil {
		t.Fatalf("after a panic nothing can be written: %v", err)
	}
}

func TestEveryConnectionIsDurable(t *testing.T) {
	t.Parallel()
	db := open(t, filepath.Join(t.TempDir(), "x.db"))
	for range 3 {
		conn, err := db.SQL().Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		var mode string
		var synchronous, foreign int
		for query, target := range map[string]any{"PRAGMA journal_mode": &mode, "PRAGMA synchronous": &synchronous, "PRAGMA foreign_keys": &foreign} {
			if err := conn.QueryRowContext(t.Context(), query).Scan(target); err != nil {
				t.Fatal(err)
			}
		}
		if mode != "wal" || synchronous != 2 || foreign != 1 {
			t.Errorf("journal %s, synchronous %d, foreign keys %d", mode, synchronous, foreign)
		}
	}
}

func write(t *testing.T, db *store.DB, hash string) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO sessions VALUES (?, '', '', 0, 0)`, hash)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
