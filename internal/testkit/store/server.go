package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Server is a PostgreSQL server for tests. It listens on a socket in a directory of its own. Its data survive Stop,
// but not the process that created it.
type Server struct {
	bin, dir        string
	supervisor      *exec.Cmd
	supervisorStdin io.Closer // closing it ends the supervisor
	bouncers        int       // started by Bouncer

	mu                sync.Mutex
	empty, withTables []database // wait for a test
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

// StopFast stops the server as an operator would: it ends all connections and closes its files.
func (s *Server) StopFast(t testing.TB) { s.control(t, "stop", "-m", "fast") }

// Start starts the server after Stop or StopFast.
func (s *Server) Start(t testing.TB) { s.control(t, "start", "-l", filepath.Join(s.dir, "log")) }

// Socket returns the path of the server's socket.
func (s *Server) Socket() string { return filepath.Join(s.dir, ".s.PGSQL.5432") }

// RequirePassword makes a role sign in with its password.
func (s *Server) RequirePassword(t testing.TB, role string) {
	t.Helper()
	path := filepath.Join(s.data(), "pg_hba.conf")
	content, err := os.ReadFile(path)
	content = append([]byte("local all "+role+" scram-sha-256\n"), content...) // the first line that matches counts
	if err := errors.Join(err, os.WriteFile(path, content, 0o600)); err != nil {
		t.Fatal(err)
	}
	s.Admin(t, `SELECT pg_reload_conf()`)
}

// Signal sends a signal to the server and all its processes, such as SIGSTOP, which freezes it. SIGCONT is sent at the
// end of the test, because a frozen server cannot be stopped.
func (s *Server) Signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	if signal == syscall.SIGSTOP {
		t.Cleanup(func() { s.Signal(t, syscall.SIGCONT) })
	}
	content, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	if errors.Is(err, fs.ErrNotExist) && signal == syscall.SIGCONT {
		return // stopped
	}
	line, _, _ := strings.Cut(string(content), "\n")
	server, parseErr := strconv.Atoi(line)
	if err := errors.Join(err, parseErr); err != nil {
		t.Fatal(err)
	}
	_ = syscall.Kill(server, signal) // first, so that it starts no further process
	children, err := os.ReadFile(fmt.Sprintf("/proc/%[1]d/task/%[1]d/children", server))
	if err != nil {
		t.Fatal(err)
	}
	for _, child := range strings.Fields(string(children)) {
		pid, err := strconv.Atoi(child)
		if err != nil {
			t.Fatal(err)
		}
		_ = syscall.Kill(pid, signal) // it may have ended
	}
}

// KeepCopy copies the data of the running server, for FailOver.
func (s *Server) KeepCopy(t testing.TB) {
	t.Helper()
	program := filepath.Join(s.bin, "pg_basebackup")
	copyData := s.command(program, "-h", s.dir, "-U", "postgres", "-D", s.data()+"-copy", "-c", "fast")
	if out, err := copyData.CombinedOutput(); err != nil {
		t.Fatalf("copying the data: %v: %s", err, out)
	}
}

// FailOver replaces the server by one with the data of KeepCopy, as after a failover to a standby that lagged behind.
// The next call brings the former data back.
func (s *Server) FailOver(t testing.TB) {
	t.Helper()
	s.Stop(t)
	for _, move := range [][2]string{{"", "-former"}, {"-copy", ""}, {"-former", "-copy"}} {
		if err := os.Rename(s.data()+move[0], s.data()+move[1]); err != nil {
			t.Fatal(err)
		}
	}
	s.Start(t)
}

// Own makes a file or folder the server's.
func (s *Server) Own(t testing.TB, path string) {
	t.Helper()
	if err := chownToPostgres(path); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) control(t testing.TB, action string, more ...string) {
	t.Helper()
	cmd := s.command(filepath.Join(s.bin, "pg_ctl"), append([]string{action, "-w", "-D", s.data()}, more...)...)
	if err := cmd.Run(); err != nil {
		log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
		t.Fatalf("pg_ctl %s: %v\n%s", action, err, log)
	}
}
