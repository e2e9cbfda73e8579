package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// Address returns the address of one of the server's databases, with further options such as "connect_timeout=1".
func (s *Server) Address(name string, options ...string) string {
	query := strings.Join(append([]string{"host=" + url.QueryEscape(s.dir)}, options...), "&")
	return "postgres://postgres@/" + name + "?" + query
}

// Database returns the address of an empty database that no other test uses until this one ends.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := s.takeFree()
	if name == "" {
		name = "t" + strings.ToLower(rand.Text())
		s.Admin(t, `CREATE DATABASE `+name)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if s.reset(ctx, name) == nil { // the server may be stopped, or the test may have changed too much
			s.mu.Lock()
			defer s.mu.Unlock()
			s.free = append(s.free, name)
		}
	})
	return s.Address(name)
}

// takeFree returns an empty database of a finished test, "" for none. Creating one takes a third of a second.
func (s *Server) takeFree() (name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := len(s.free) - 1; last >= 0 {
		name, s.free = s.free[last], s.free[:last]
	}
	return name
}

// reset empties a database.
func (s *Server) reset(ctx context.Context, name string) error {
	for _, step := range []struct{ database, statement string }{
		{"postgres", `ALTER DATABASE ` + name + ` RESET ALL`},
		{"postgres", `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '` + name + `'`},
		{name, `DROP SCHEMA public CASCADE`},
		{name, `CREATE SCHEMA public`},
		{name, `GRANT USAGE ON SCHEMA public TO PUBLIC`}, // as in a new database
	} {
		if err := s.run(ctx, step.database, step.statement); err != nil {
			return err
		}
	}
	return nil
}

// Admin runs a statement as the superuser.
func (s *Server) Admin(t testing.TB, statement string) {
	t.Helper()
	if err := s.run(context.Background(), "postgres", statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func (s *Server) run(ctx context.Context, database, statement string) error {
	db, err := sql.Open("pgx", s.Address(database))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, statement)
	return err
}
