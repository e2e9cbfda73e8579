package store

import (
	"context"
	"crypto/rand"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/voxwarden/voxwarden/internal/store"
)

// Address returns the address of one of the server's databases, with further options such as "connect_timeout=1".
func (s *Server) Address(name string, options ...string) string {
	query := strings.Join(append([]string{"host=" + url.QueryEscape(s.dir)}, options...), "&")
	return "postgres://postgres@/" + name + "?" + query
}

// database is a database that a test uses, or one that waits for the next test.
type database struct {
	name        string
	fingerprint string // of the console's tables, "" without them
}

// Database returns the address of a database without tables that no other test uses until this one ends.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	return s.lend(t, s.takeEmpty(t))
}

// databaseWithTables returns the address of a database with the console's tables, without rows, that no other test uses
// until this one ends.
func (s *Server) databaseWithTables(t testing.TB) string {
	t.Helper()
	lent, waited := s.take(&s.withTables)
	if !waited {
		lent = s.takeEmpty(t)
		s.createTables(t, &lent)
	}
	return s.lend(t, lent)
}

// take returns a database that waits for a test. waited is false for none.
func (s *Server) take(waiting *[]database) (taken database, waited bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := len(*waiting) - 1; last >= 0 {
		taken, waited, *waiting = (*waiting)[last], true, (*waiting)[:last]
	}
	return taken, waited
}

// takeEmpty returns a database without tables. Creating one takes a third of a second.
func (s *Server) takeEmpty(t testing.TB) database {
	t.Helper()
	taken, waited := s.take(&s.empty)
	if !waited {
		taken.name = "t" + strings.ToLower(rand.Text())
		s.Admin(t, `CREATE DATABASE `+taken.name)
	}
	return taken
}

func (s *Server) createTables(t testing.TB, lent *database) {
	t.Helper()
	db, err := store.OpenOrCreate(context.Background(), s.Address(lent.name))
	if err == nil {
		err = db.Close()
	}
	if err == nil {
		lent.fingerprint, err = s.query(lent.name, selectFingerprint)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// lend returns the address of a database. At the end of the test the database waits for another one: without rows if
// the test has left the tables as they were, and without tables otherwise.
func (s *Server) lend(t testing.TB, lent database) (address string) {
	t.Helper()
	t.Cleanup(func() {
		waiting := &s.withTables
		if s.deleteRows(&lent) != nil {
			waiting = &s.empty
			if s.dropTables(&lent) != nil {
				return // the server is stopped, or the test has changed too much
			}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		*waiting = append(*waiting, lent)
	})
	return s.Address(lent.name)
}

// deleteRows empties the tables that a test has written to, except those that have a row in a new database. It returns
// an error if the test has changed more than rows. The role of the session disables the triggers that forbid it.
func (s *Server) deleteRows(lent *database) (err error) {
	lent.fingerprint, err = s.query(lent.name, lent.reset(), `SET session_replication_role = replica;
		DO $$
		DECLARE written text;
		BEGIN
			IF (`+selectFingerprint+`) <> '`+lent.fingerprint+`' THEN
				RAISE EXCEPTION 'the tables were changed';
			END IF;
			SELECT string_agg(oid::regclass::text, ', ') INTO written FROM pg_class
				WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
					AND relname NOT IN ('schema_checksum', 'readiness');
			IF written <> '' THEN
				EXECUTE 'TRUNCATE ' || written || ' CASCADE';
			END IF;
		END $$`, selectFingerprint)
	return err
}

// dropTables leaves a schema as in a new database.
func (s *Server) dropTables(lent *database) error {
	lent.fingerprint = ""
	_, err := s.query(lent.name, lent.reset(), `DROP SCHEMA public CASCADE; CREATE SCHEMA public;
		GRANT USAGE ON SCHEMA public TO PUBLIC`)
	return err
}

// reset returns the statements that end the sessions of a test and its settings of the database.
func (lent *database) reset() string {
	return `ALTER DATABASE ` + lent.name + ` RESET ALL; SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid()`
}

// selectFingerprint returns a text that changes with the definitions of the tables, their statistics, and the rows that
// deleteRows keeps. PostgreSQL gives each new version of a row of its catalogue another xmin, and the objects of a
// database ids from 16384. It fails in a database without tables.
const selectFingerprint = `SELECT md5(string_agg(object, ',' ORDER BY object)) FROM (
	SELECT 'class ' || oid || ' ' || xmin AS object FROM pg_class WHERE oid >= 16384
	UNION ALL SELECT 'attribute ' || attrelid || ' ' || attnum || ' ' || xmin FROM pg_attribute WHERE attrelid >= 16384
	UNION ALL SELECT 'constraint ' || oid || ' ' || xmin FROM pg_constraint
	UNION ALL SELECT 'trigger ' || oid || ' ' || xmin FROM pg_trigger
	UNION ALL SELECT 'function ' || oid || ' ' || xmin FROM pg_proc WHERE oid >= 16384
	UNION ALL SELECT 'schema ' || oid || ' ' || xmin FROM pg_namespace WHERE oid >= 16384 OR nspname = 'public'
	UNION ALL SELECT 'extension ' || oid || ' ' || xmin FROM pg_extension
	UNION ALL SELECT 'statistics ' || starelid FROM pg_statistic WHERE starelid >= 16384
	UNION ALL SELECT 'checksum ' || sha256 FROM schema_checksum
	UNION ALL SELECT 'readiness ' || id FROM readiness) objects`

// Admin runs a statement as the superuser.
func (s *Server) Admin(t testing.TB, statement string) {
	t.Helper()
	if _, err := s.query("postgres", statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// query runs statements on a connection of their own, which may write also where a test has made the database read
// only. It returns the last value that they return.
func (s *Server) query(database string, statements ...string) (last string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgconn.Connect(ctx, s.Address(database, "default_transaction_read_only=off"))
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, statement := range statements {
		results, err := conn.Exec(ctx, statement).ReadAll()
		if err != nil {
			return "", err
		}
		for _, result := range results {
			for _, row := range result.Rows {
				last = string(row[0])
			}
		}
	}
	return last, nil
}
