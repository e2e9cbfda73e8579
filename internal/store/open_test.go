package store_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// The error names what is wrong with the address and never contains the password.
func TestOpenRefusesInvalidAddresses(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"sqlite:": "path is empty", "sqlite::memory:": "must be a file", "x.db": "must begin with", "": "must begin with",
		"mysql://u:hunter2@db/x":                                                            "must begin with",
		"postgres:u:hunter2@db/x":                                                           "must begin with",
		"postgres://u:hunter2@127.0.0.1:1/x":                                                "connection refused",
		"postgres://u:hunter2@127.0.0.1:port/x":                                             "cannot be parsed",
		"postgres://u:hunt%er2@127.0.0.1/x":                                                 "cannot be parsed",
		"postgres://u:hunter2/@127.0.0.1/x":                                                 "cannot be parsed",
		"postgres://u:hunter2@127.0.0.1:99999/x":                                            "port",
		"postgres://u:hunter2@127.0.0.1/x?sslmode=hunter2":                                  "sslmode",
		"postgres://u@127.0.0.1/x?password=hunter2&sslmode=":                                "",
		"postgres://u:hunter2@127.0.0.1/x?sslrootcert=/nowhere/hunter2&sslmode=verify-full": "",
		"postgres://u:hunter2@/x?host=/nowhere":                                             "no such file",
		"postgresql://u:hunter2@127.0.0.1:1/x":                                              "connection refused",
		"postgres://u:hunter2@127.0.0.1:1/x?connect_timeout=hunter2":                        "connect_timeout",
	} {
		db, err := store.Open(t.Context(), url)
		if err == nil {
			_ = db.Close()
			t.Errorf("%q was opened", url)
			continue
		}
		if text := err.Error(); !strings.Contains(text, want) || strings.Contains(text, "hunt") ||
			strings.Contains(text, "port/x") {
			t.Errorf("%q: %v", url, err)
		}
	}
	if _, err := store.Open(t.Context(), "mysql://db/x"); !errors.Is(err, store.ErrUnsupported) {
		t.Errorf("an unsupported engine: %v", err)
	}
}

func TestOpenRefusesAnotherSchema(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"another checksum":             `UPDATE schema_checksum SET sha256 = 'another'`,
		"a checksum that is missing":   `DELETE FROM schema_checksum`,
		"a database without checksums": `DROP TABLE schema_checksum`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.EachEmpty(t, func(t *testing.T, url string) {
				db := storetest.Open(t, url)
				write(t, db, "kept")
				storetest.Exec(t, db, change)
				for range 2 {
					if _, err := store.Open(t.Context(), url); !errors.Is(err, store.ErrOtherSchema) {
						t.Fatalf("Open: %v", err)
					}
					if _, err := store.OpenReadOnly(t.Context(), url); !errors.Is(err, store.ErrOtherSchema) {
						t.Fatalf("OpenReadOnly: %v", err)
					}
				}
				if count := countSessions(t, db); count != 1 {
					t.Errorf("%d rows are left, want 1", count)
				}
			})
		})
	}
}

func TestOpenAgainKeepsTheData(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		write(t, storetest.Open(t, url), "kept")
		if count := countSessions(t, storetest.Open(t, url)); count != 1 {
			t.Errorf("%d rows are left, want 1", count)
		}
	})
}

func TestOpenReadOnlyChangesNothing(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		refused := func(what, want string) {
			t.Helper()
			for range 2 { // the first attempt must change nothing
				if _, err := store.OpenReadOnly(t.Context(), url); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: %v", what, err)
				}
			}
		}
		refused("no database", "")
		db := storetest.Open(t, url)
		reading, err := store.OpenReadOnly(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer reading.Close()
		if _, err := reading.SQL().ExecContext(t.Context(), `DELETE FROM bulk_items`); err == nil {
			t.Error("a read-only database can be written")
		}
		storetest.Exec(t, db, `UPDATE schema_checksum SET sha256 = 'another'`)
		refused("another schema", "another version of Voxwarden")
	})
}

// Several consoles of a demo or a test start together on an empty database.
func TestConcurrentOpenOrCreateCreatesTheSchemaOnce(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		var group sync.WaitGroup
		for range 6 {
			group.Go(func() {
				db, err := store.OpenOrCreate(context.Background(), url)
				if err != nil {
					t.Errorf("OpenOrCreate: %v", err)
					return
				}
				defer db.Close()
				if _, err := db.SQL().ExecContext(t.Context(), `DELETE FROM bulk_items`); err != nil {
					t.Errorf("the schema is missing: %v", err)
				}
			})
		}
		group.Wait()
	})
}
