package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

func TestReopen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a dir %20 with? signs#", "x.db")
	if _, err := store.Open(t.Context(), "sqlite:"+path); err == nil {
		t.Fatal("a database in a missing directory was opened")
	}
	path = filepath.Join(t.TempDir(), "odd %20?name#.db")
	db := storetest.Open(t, "sqlite:"+path)
	write(t, db, "one")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if count := countSessions(t, storetest.Open(t, "sqlite:"+path)); count != 1 {
		t.Fatalf("after reopening: %d rows", count)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the database is at another path: %v", err)
	}
}

// The file contains names, addresses and reasons. An existing file keeps its mode.
func TestDatabaseFileMode(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]os.FileMode{"new": 0o600, "existing": 0o640} {
		path := filepath.Join(t.TempDir(), "x.db")
		if name == "existing" {
			if err := os.WriteFile(path, nil, want); err != nil {
				t.Fatal(err)
			}
		}
		db := storetest.Open(t, "sqlite:"+path)
		write(t, db, "one")
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if info, err := os.Stat(path + suffix); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s%s: %v, %v", name, suffix, info.Mode().Perm(), err)
			}
		}
	}
}

func TestEveryConnectionIsDurable(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.SQLite(t))
	for range 3 {
		conn, err := db.SQL().Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		var mode string
		var synchronous, foreign int
		for query, target := range map[string]any{
			"PRAGMA journal_mode": &mode,
			"PRAGMA synchronous":  &synchronous,
			"PRAGMA foreign_keys": &foreign,
		} {
			if err := conn.QueryRowContext(t.Context(), query).Scan(target); err != nil {
				t.Fatal(err)
			}
		}
		if mode != "wal" || synchronous != 2 || foreign != 1 {
			t.Errorf("journal %s, synchronous %d, foreign keys %d", mode, synchronous, foreign)
		}
	}
}
