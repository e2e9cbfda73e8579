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

// Server is a PostgreSQL server that listens on a socket in a folder of its own, and has nothing that anybody would
// miss. Its data survive Stop, and not the end of the process that made it.
type Server struct {
	bin, dir        string
	supervisor      *exec.Cmd
	supervisorStdin io.Closer // the keeper's input

	mu   sync.Mutex
	free []string // databases that are empty again
}

// sharedServer is the server of a package's tests. It ends with the process.
var sharedServer = sync.OnceValue(func() startResult {
	server, err := newServer()
	return startResult{server, err}
})

// startResult is a server, or why there is none.
type startResult struct {
	server *Server
	err    error
}

// NewServer is a server of the test's own, started.
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

// errNoPostgres says that PostgreSQL is not installed.
var errNoPostgres = errors.New("PostgreSQL is missing: install the package 'postgresql' to run this test")

// skipIfSQLiteOnly skips a test that needs PostgreSQL when the environment has SQLITE_ONLY=true, as "make quick" sets
// it. Starting a server and running each test twice takes most of the time of several packages.
func skipIfSQLiteOnly(t testing.TB) {
	t.Helper()
	if os.Getenv("SQLITE_ONLY") == "true" {
		t.Skip("SQLITE_ONLY=true leaves out PostgreSQL; make test includes it")
	}
}

// skipWithoutPostgres skips a test for want of PostgreSQL, or fails it.
func skipWithoutPostgres(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, errNoPostgres) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	t.Fatal(err)
}

// supervisorScript starts a server and says so, waits for its own input to end, which it does with the process that
// holds the other end, however that ends, and leaves nothing behind.
const supervisorScript = `trap '' INT TERM HUP
export PGDATA="$2/data" LC_ALL=C
{ "$1/initdb" --no-sync -A trust -U postgres -E UTF8 --locale=C && printf '%s\n' "$3" >>"$PGDATA/postgresql.conf" &&
  "$1/pg_ctl" start -w -l "$2/log"; } >"$2/start" 2>&1 || { cat "$2/start" "$2/log"; exit 1; }
echo started
cat >/dev/null
"$1/pg_ctl" stop -w -m immediate >/dev/null 2>&1
cd / && rm -rf "$2"`

// postgresConfig trade safety against power cuts, which no test has, for speed, and talk to nobody outside the folder.
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
	s.supervisor = s.command("sh", "-c", supervisorScript, "keep", bin, dir, fmt.Sprintf(postgresConfig, dir))
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
	answer := make([]byte, 4096)
	n, _ := stdout.Read(answer)
	if string(answer[:n]) != "started\n" {
		return nil, errors.Join(
			fmt.Errorf("starting PostgreSQL: %s", answer[:n]),
			s.supervisorStdin.Close(),
			s.supervisor.Wait(),
			os.RemoveAll(dir),
		)
	}
	return s, nil
}

// shutDown ends the server for good.
func (s *Server) shutDown() error {
	return errors.Join(s.supervisorStdin.Close(), s.supervisor.Wait(), os.RemoveAll(s.dir))
}

// command is a command that runs as the user whom PostgreSQL accepts.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = s.dir
	runAsPostgres(cmd)
	return cmd
}

// BinDir is the folder of the newest PostgreSQL there is, "" for none.
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

// Stop ends the server at once, without a word to who is connected; Start starts it again over the same data.
func (s *Server) Stop(t testing.TB) { s.control(t, "stop", "-m", "immediate") }

// Start starts a server that was stopped.
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
