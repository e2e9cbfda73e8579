package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// A commit into a file that has no name any more is lost with the process.
func TestNothingIsWrittenAfterTheFileIsGone(t *testing.T) {
	t.Parallel()
	for name, take := range map[string]func(t *testing.T, path, aside string){
		"moved away": func(*testing.T, string, string) {},
		"replaced by another database": func(t *testing.T, path, _ string) {
			other := storetest.SQLite(t)
			if err := storetest.Open(t, other).Close(); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(other[len("sqlite:"):], path); err != nil {
				t.Fatal(err)
			}
		},
		"replaced by a copy": func(t *testing.T, path, aside string) {
			content, err := os.ReadFile(aside)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"replaced by a folder": func(t *testing.T, path, _ string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "x.db")
			aside := filepath.Join(t.TempDir(), "aside.db")
			db := storetest.Open(t, "sqlite:"+path)
			var reports []error
			db.OnFileChange(func(err error) { reports = append(reports, err) })
			write(t, db, "before")
			if err := os.Rename(path, aside); err != nil {
				t.Fatal(err)
			}
			take(t, path, aside)
			for range 3 {
				if err := ready(t, db); !errors.Is(err, store.ErrFileGone) {
					t.Errorf("Write: %v", err)
				}
				if err := checkReady(t.Context(), db); !errors.Is(err, store.ErrFileGone) {
					t.Errorf("readiness: %v", err)
				}
				if _, _, err := db.TryLock(t.Context(), "job"); !errors.Is(err, store.ErrFileGone) {
					t.Errorf("TryLock: %v", err)
				}
			}
			openConnections(t, db)
			if _, err := os.Stat(path); name == "moved away" && err == nil {
				t.Error("a new file was created")
			}
			if len(reports) != 1 || !errors.Is(reports[0], store.ErrFileGone) {
				t.Errorf("reported: %v", reports)
			}
			if err := os.RemoveAll(path); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(aside, path); err != nil {
				t.Fatal(err)
			}
			write(t, db, "after")
			if err := checkReady(t.Context(), db); err != nil {
				t.Errorf("readiness with the same file: %v", err)
			}
			if count := countSessions(t, db); count != 2 {
				t.Errorf("%d rows, want 2", count)
			}
			if len(reports) != 2 || reports[1] != nil {
				t.Errorf("reported: %v", reports)
			}
		})
	}
}

// openConnections uses more connections than are open. None may open or create another file.
func openConnections(t *testing.T, db *store.DB) {
	t.Helper()
	for range 4 {
		conn, err := db.SQL().Conn(t.Context())
		if err == nil {
			defer conn.Close()
		} else if !errors.Is(err, store.ErrFileGone) {
			t.Errorf("a new connection: %v", err)
		}
	}
}
