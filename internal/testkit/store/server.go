package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// Server is a PostgreSQL server for tests. It listens on a socket in a directory of its own. Its data survive Stop,
// but not the process that created it.
type Server struct {
	bin, dir        string
	supervisor      *exec.Cmd
	supervisorStdin io.Closer // closing it ends the supervisor
	bouncers        int       // started by Bouncer

	mu   sync.Mutex
	free []string // empty databases of finished tests
}

// sharedServer returns the server that all tests of a process share. It ends with the process.
var sharedServer = sync.OnceValue(func() startResult {
	server, err := newServer()
	return startResult{server, err}
})

// startResult is a server or the error of starting it.
type startResult struct {
	server *Server
	err    error
}

// NewServer starts a server for one test, which may stop and start it.
func NewServer(t testing.TB) *Server {
	t.Helper()
	skipIfSQLiteOnly(t)
	s, err := newServer()
	if err != nil {
		skipWithoutPostgres(t, err)
	}
	t.Cleanup(func() { _ = s.shutDown() })
	return s
}

// errNoPostgres is returned when PostgreSQL is not installed.
var errNoPostgres = errors.New("PostgreSQL is missing: install the package 'postgresql' to run this test")

// skipIfSQLiteOnly skips a test that needs PostgreSQL when the environment has SQLITE_ONLY=true, as "make quick" sets
// it. Starting a server and running each test twice takes most of the time of several packages.
func skipIfSQLiteOnly(t testing.TB) {
	t.Helper()
	if os.Getenv("SQLITE_ONLY") == "true" {
		t.Skip("SQLITE_ONLY=true leaves out PostgreSQL; make test includes it")
	}
}

// skipWithoutPostgres skips a test when PostgreSQL is not installed. It fails the test after any other error, and
// when CI=true.
func skipWithoutPostgres(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, errNoPostgres) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	t.Fatal(err)
}

// supervisorScript starts a server, prints "started", and waits for the end of its standard input, which comes when
// the test process ends in any way. It then stops the server and removes its directory.
const supervisorScript = `trap '' INT TERM HUP
export PGDATA="$2/data" LC_ALL=C
{ "$1/initdb" --no-sync -A trust -U postgres -E UTF8 --locale=C && printf '%s\n' "$3" >>"$PGDATA/postgresql.conf" &&
  "$1/pg_ctl" start -w -l "$2/log"; } >"$2/start" 2>&1 || { cat "$2/start" "$2/log"; exit 1; }
echo started
cat >/dev/null
"$1/pg_ctl" stop -w -m immediate >/dev/null 2>&1
cd / && rm -rf "$2"`

// postgresConfig gives up safety against power cuts for speed, and listens on no network address.
const postgresConfig = `listen_addresses = ''
unix_socket_directories = '%s'
max_connections = 300
shared_buffers = 32MB
fsync = off
full_page_writes = off
autovacuum = off
max_wal_size = 256MB`

func newServer() (*Server, error) {
	bin := BinDir()
	if bin == "" {
		return nil, errNoPostgres
	}
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, dir: dir}
	if err := chownToPostgres(dir); err != nil {
		return nil, err
	}
	s.supervisor = s.command("sh", "-c", supervisorScript, "supervisor", bin, dir, fmt.Sprintf(postgresConfig, dir))
	if s.supervisorStdin, err = s.supervisor.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := s.supervisor.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.supervisor.Start(); err != nil {
		return nil, fmt.Errorf("starting PostgreSQL: %w", err)
	}
	output := make([]byte, 4096)
	n, _ := stdout.Read(output)
	if string(output[:n]) != "started\n" {
		return nil, errors.Join(
			fmt.Errorf("starting PostgreSQL: %s", output[:n]),
			s.supervisorStdin.Close(),
			s.supervisor.Wait(),
			os.RemoveAll(dir),
		)
	}
	return s, nil
}

// shutDown stops the server and removes its data.
func (s *Server) shutDown() error {
	return errors.Join(s.supervisorStdin.Close(), s.supervisor.Wait(), os.RemoveAll(s.dir))
}

// command returns a command that runs as a user that PostgreSQL accepts.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = s.dir
	runAsPostgres(cmd)
	return cmd
}

// BinDir returns the directory of the newest installed PostgreSQL, "" for none.
func BinDir() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	newest := ""
	for _, path := range found {
		if dir := filepath.Dir(path); len(dir) > len(newest) || len(dir) == len(newest) && dir > newest {
			newest = dir
		}
	}
	if path, err := exec.LookPath("initdb"); newest == "" && err == nil {
		newest = filepath.Dir(path)
	}
	return newest
}

// Stop stops the server at once, without notice to its clients. Start starts it again with the same data.
func (s *Server) Stop(t testing.TB) { s.control(t, "stop", "-m", "immediate") }

// Start starts the server after Stop.
func (s *Server) Start(t testing.TB) { s.control(t, "start", "-l", filepath.Join(s.dir, "log")) }

func (s *Server) control(t testing.TB, action string, more ...string) {
	t.Helper()
	cmd := s.command(
		filepath.Join(s.bin, "pg_ctl"),
		append([]string{action, "-w", "-D", filepath.Join(s.dir, "data")}, more...)...)
	if err := cmd.Run(); err != nil {
		log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
		t.Fatalf("pg_ctl %s: %v\n%s", action, err, log)
	}
}
