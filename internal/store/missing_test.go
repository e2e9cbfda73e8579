package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// A file that was deleted and a volume that is not mounted look like a new installation.
func TestMissingDatabaseIsNotCreated(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		for range 2 { // the first attempt must change nothing
			wantMissing(t, url)
		}
		if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
			if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		}
		db, err := store.Create(t.Context(), url, nil)
		if err != nil {
			t.Fatal(err)
		}
		write(t, db, "one")
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if db, err = store.Open(t.Context(), url); err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if count := countSessions(t, db); count != 1 {
			t.Errorf("%d rows, want 1", count)
		}
	})
}

func wantMissing(t *testing.T, url string) {
	t.Helper()
	if db, err := store.Open(t.Context(), url); !errors.Is(err, store.ErrMissing) {
		t.Errorf("Open: %v", err)
		if err == nil {
			_ = db.Close()
		}
	}
	if db, err := store.OpenReadOnly(t.Context(), url); !errors.Is(err, store.ErrMissing) {
		t.Errorf("OpenReadOnly: %v", err)
		if err == nil {
			_ = db.Close()
		}
	}
	if err := store.CheckExists(t.Context(), url); !errors.Is(err, store.ErrMissing) {
		t.Errorf("CheckExists: %v", err)
	}
}

// Create that was killed leaves a file without tables, and so does a copy to a full disk.
func TestSQLiteFileWithoutTablesIsMissing(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(path string) error{
		"an empty file": func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"no tables": func(path string) error {
			db, err := sql.Open("sqlite", path)
			if err != nil {
				return err
			}
			_, err = db.ExecContext(t.Context(), `PRAGMA journal_mode = WAL`)
			return errors.Join(err, db.Close(), os.Chmod(path, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "x.db")
			if err := prepare(path); err != nil {
				t.Fatal(err)
			}
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			wantMissing(t, "sqlite:"+path)
			if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
				t.Errorf("the file was changed: %d bytes before, %d after, %v", len(before), len(after), err)
			}
			db, err := store.Create(t.Context(), "sqlite:"+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			_ = db.Close()
		})
	}
}

func TestCreateRefusesWhatExists(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change string
		want   string
	}{
		"a database":                 {"", "exists"},
		"another schema":             {`UPDATE schema_checksum SET sha256 = 'another'`, "another version of Voxwarden"},
		"a checksum that is missing": {`DELETE FROM schema_checksum`, "another version of Voxwarden"},
		"checksums that were lost":   {`DROP TABLE schema_checksum`, "another version of Voxwarden"},
		"tables of another program":  {"other", "a_table_of_another_program"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.EachEmpty(t, func(t *testing.T, url string) {
				if c.change == "other" {
					createOtherTable(t, url)
				} else {
					db := storetest.Open(t, url)
					write(t, db, "kept")
					if c.change != "" {
						storetest.Exec(t, db, c.change)
					}
					defer func() {
						if count := countSessions(t, db); count != 1 {
							t.Errorf("%d rows are left, want 1", count)
						}
					}()
				}
				for range 2 {
					_, err := store.Create(t.Context(), url, func(context.Context, *sql.Tx) error {
						t.Error("the database was filled")
						return nil
					})
					if !errors.Is(err, store.ErrExists) || !strings.Contains(err.Error(), c.want) {
						t.Errorf("Create: %v", err)
					}
				}
				if _, err := store.Open(t.Context(), url); c.change != "" && !errors.Is(err, store.ErrOtherSchema) {
					t.Errorf("Open: %v", err)
				}
			})
		})
	}
}

// createOtherTable makes a database of another program.
func createOtherTable(t *testing.T, url string) {
	t.Helper()
	driver, source := "pgx", url
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, source = "sqlite", path
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE a_table_of_another_program (x TEXT)`); err != nil {
		t.Fatal(err)
	}
	if driver == "sqlite" {
		if err := os.Chmod(source, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// What lies where the file should be shows that there was a database.
func TestCreateRefusesRemains(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(path string) error
		want    string
	}{
		"the log of a deleted file": {
			func(path string) error { return os.WriteFile(path+"-wal", []byte("changes"), 0o600) }, "x.db-wal",
		},
		"the journal of a deleted file": {
			func(path string) error { return os.WriteFile(path+"-journal", []byte("changes"), 0o600) }, "x.db-journal",
		},
		"the log beside an emptied file": {
			func(path string) error {
				return errors.Join(os.WriteFile(path, nil, 0o600), os.WriteFile(path+"-wal", []byte("changes"), 0o600))
			}, "x.db-wal",
		},
		"a link into a volume that is not mounted": {
			func(path string) error { return os.Symlink(filepath.Join(filepath.Dir(path), "volume", "x.db"), path) },
			"symbolic link",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "x.db")
			if err := c.prepare(path); err != nil {
				t.Fatal(err)
			}
			before := contentsOf(t, filepath.Dir(path))
			wantMissing(t, "sqlite:"+path)
			if _, err := store.Create(t.Context(), "sqlite:"+path, nil); !errors.Is(err, store.ErrExists) ||
				!strings.Contains(err.Error(), c.want) {
				t.Errorf("Create: %v", err)
			}
			if after := contentsOf(t, filepath.Dir(path)); after != before {
				t.Errorf("files before: %s\nafter: %s", before, after)
			}
		})
	}
}

// contentsOf returns the names and sizes of the files in a folder.
func contentsOf(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		content, _ := os.ReadFile(filepath.Join(folder, entry.Name()))
		names = append(names, entry.Name()+"="+string(content))
	}
	return strings.Join(names, " ")
}

// The tables may be in a schema that the search path of this address does not contain.
func TestCreateFindsTablesInAnotherSchema(t *testing.T) {
	t.Parallel()
	url := storetest.EmptyPostgres(t)
	db := storetest.Open(t, url)
	write(t, db, "kept")
	storetest.Exec(t, db, `CREATE SCHEMA elsewhere`)
	defer storetest.Exec(t, db, `DROP SCHEMA elsewhere`)
	other := url + "&search_path=elsewhere"
	if _, err := store.Create(t.Context(), other, nil); !errors.Is(err, store.ErrExists) ||
		!strings.Contains(err.Error(), `"public"`) {
		t.Errorf("Create: %v", err)
	}
	wantMissing(t, other)
}

// A database is complete or missing, also after an error of the caller.
func TestCreateIsOneTransaction(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		failed := errors.New("no genesis event")
		_, err := store.Create(t.Context(), url, func(context.Context, *sql.Tx) error { return failed })
		if !errors.Is(err, failed) {
			t.Errorf("Create: %v", err)
		}
		wantMissing(t, url)
		db, err := store.Create(t.Context(), url, func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, insertSession, "first")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if count := countSessions(t, db); count != 1 {
			t.Errorf("%d rows, want 1", count)
		}
	})
}

func TestConcurrentCreate(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		var group sync.WaitGroup
		var created atomic.Int32
		for range 6 {
			group.Go(func() {
				db, err := store.Create(context.Background(), url, nil)
				if err == nil {
					created.Add(1)
					_ = db.Close()
				} else if !errors.Is(err, store.ErrExists) {
					t.Errorf("Create: %v", err)
				}
			})
		}
		group.Wait()
		if created.Load() != 1 {
			t.Errorf("the database was created %d times", created.Load())
		}
	})
}
