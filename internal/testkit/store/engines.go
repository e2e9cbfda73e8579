// Package store provides tests with empty databases of each engine, and with a PostgreSQL server that they can stop
// and start.
package store

import (
	"crypto/rand"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/store"
)

// Each runs a test on every engine, in parallel. url is the address of a database of its own that store.OpenOrCreate
// opens, without rows.
func Each(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	EachFresh(t, func(t *testing.T, fresh Fresh) { test(t, fresh(t)) })
}

// EachEmpty is Each for tests of creating the tables: there are none.
func EachEmpty(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	each(t, EmptyPostgres, func(t *testing.T, fresh Fresh) { test(t, fresh(t)) })
}

// Fresh returns the address of a database for a test, without rows.
type Fresh func(testing.TB) string

// EachFresh is Each for tests that need several databases.
func EachFresh(t *testing.T, test func(t *testing.T, fresh Fresh)) {
	t.Helper()
	each(t, Postgres, test)
}

func each(t *testing.T, postgres Fresh, test func(t *testing.T, fresh Fresh)) {
	t.Helper()
	for _, engine := range []struct {
		name  string
		fresh Fresh
	}{{"sqlite", SQLite}, {"postgres", postgres}} {
		t.Run(engine.name, func(t *testing.T) {
			t.Parallel()
			if engine.name == "postgres" {
				skipIfSQLiteOnly(t) // before test prepares anything
			}
			test(t, engine.fresh)
		})
	}
}

// SQLite returns the address of a missing file in the test's temporary directory.
func SQLite(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "test.db")
}

// Postgres returns the address of a database with the console's tables, without rows, on a server that all tests of a
// package share. With SQLITE_ONLY=true it skips the test. Without PostgreSQL it skips the test, and with CI=true it
// fails it.
func Postgres(t testing.TB) string {
	t.Helper()
	return startShared(t).databaseWithTables(t)
}

// EmptyPostgres is Postgres without tables.
func EmptyPostgres(t testing.TB) string {
	t.Helper()
	return startShared(t).Database(t)
}

func startShared(t testing.TB) *Server {
	t.Helper()
	skipIfSQLiteOnly(t)
	result := sharedServer()
	if result.err != nil {
		skipWithoutPostgres(t, result.err)
	}
	return result.server
}

// Open opens a database, creates a missing one, and closes it when the test ends.
func Open(t testing.TB, url string) *store.DB {
	t.Helper()
	db, err := store.OpenOrCreate(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Exec runs one statement.
func Exec(t testing.TB, db *store.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.SQL().ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// DropJobLocks ends the connections that hold job locks, as a network failure would. It is for PostgreSQL only.
func DropJobLocks(t testing.TB, db *store.DB) {
	t.Helper()
	Exec(
		t,
		db,
		`SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
	)
}

// RefuseWrites makes the database refuse an event (INSERT, UPDATE or DELETE) on a table, as a full disk would.
func RefuseWrites(t testing.TB, db *store.DB, event, table string) {
	t.Helper()
	if db.Postgres() {
		createTrigger(t, db, "BEFORE "+event, table, `RAISE EXCEPTION 'the disk is full'`)
	} else {
		createTrigger(t, db, "BEFORE "+event, table, `SELECT RAISE(ABORT, 'the disk is full')`)
	}
}

// RunAfterWrite makes the database run a statement after each row of an INSERT or UPDATE on a table. The statement
// can refer to the row as NEW.
func RunAfterWrite(t testing.TB, db *store.DB, event, table, statement string) {
	t.Helper()
	createTrigger(t, db, "AFTER "+event, table, statement)
}

func createTrigger(t testing.TB, db *store.DB, when, table, statement string) {
	t.Helper()
	name := "t" + strings.ToLower(rand.Text())
	create := `CREATE TRIGGER ` + name + ` ` + when + ` ON ` + table + ` FOR EACH ROW `
	if !db.Postgres() {
		Exec(t, db, create+`BEGIN `+statement+`; END`)
		return
	}
	Exec(
		t,
		db,
		`CREATE FUNCTION `+name+`() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN `+statement+`; RETURN NEW; END $$`,
	)
	Exec(t, db, create+`EXECUTE FUNCTION `+name+`()`)
}
