package store

import (
	"bufio"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// errNoPgBouncer is returned when PgBouncer is not installed.
var errNoPgBouncer = errors.New("PgBouncer is missing: install the package 'pgbouncer' to run this test")

// pgBouncerConfig has PgBouncer's defaults, except that it listens on a socket only and asks for no password.
const pgBouncerConfig = `[databases]
* = host=%[1]s user=postgres
[pgbouncer]
listen_addr =
listen_port = %[2]d
unix_socket_dir = %[1]s
auth_type = any
pool_mode = %[3]s
`

// Bouncer starts a PgBouncer in front of the server, in a pool mode, and returns the address of an empty database
// through it. Without PgBouncer it skips the test, and with CI=true it fails it.
func (s *Server) Bouncer(t testing.TB, poolMode string, options ...string) (address string) {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/pgbouncer")
	}
	if err != nil {
		if os.Getenv("CI") != "true" {
			t.Skip(errNoPgBouncer)
		}
		t.Fatal(errNoPgBouncer)
	}
	database, err := url.Parse(s.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	s.bouncers++
	port := 6432 + s.bouncers // names the socket in the server's folder
	settings := filepath.Join(s.dir, fmt.Sprintf("pgbouncer-%d.ini", port))
	if err := os.WriteFile(settings, fmt.Appendf(nil, pgBouncerConfig, s.dir, port, poolMode), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := s.command(program, settings)
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(log)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("PgBouncer did not start: %v", cmd.Wait())
		}
		if strings.Contains(line, "process up") {
			break
		}
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for _, err := lines.ReadString('\n'); err == nil; {
			_, err = lines.ReadString('\n')
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-drained
		_ = cmd.Wait()
	})
	return s.Address(strings.TrimPrefix(database.Path, "/"), append([]string{fmt.Sprintf("port=%d", port)}, options...)...)
}
