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

// Address is the address of a database of the server, with more options, such as "connect_timeout=1".
func (s *Server) Address(name string, options ...string) string {
	query := strings.Join(append([]string{"host=" + url.QueryEscape(s.dir)}, options...), "&")
	return "postgres://postgres@/" + name + "?" + query
}

// Database answers the address of an empty database that is the test's own until it ends.
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
		if s.reset(ctx, name) == nil { // else the server may be stopped, or the test has changed too much
			s.mu.Lock()
			defer s.mu.Unlock()
			s.free = append(s.free, name)
		}
	})
	return s.Address(name)
}

// takeFree answers a database that another test has left, "" when there is none. Making one takes a third of a second.
func (s *Server) takeFree() (name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := len(s.free) - 1; last >= 0 {
		name, s.free = s.free[last], s.free[:last]
	}
	return name
}

// reset makes a database as it was when it was made.
func (s *Server) reset(ctx context.Context, name string) error {
	for _, step := range []struct{ database, statement string }{
		{"postgres", `ALTER DATABASE ` + name + ` RESET ALL`},
		{"postgres", `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '` + name + `'`},
		{name, `DROP SCHEMA public CASCADE`},
		{name, `CREATE SCHEMA public`},
	} {
		if err := s.run(ctx, step.database, step.statement); err != nil {
			return err
		}
	}
	return nil
}

// Admin runs a statement as who may do anything.
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
