package store

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// ListenTLS makes the server listen on a port of 127.0.0.1 with a certificate and key in PEM, and returns the port. The
// server restarts. Address and Admin no longer work.
func (s *Server) ListenTLS(t testing.TB, certificate, key []byte) (port int) {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port = free.Addr().(*net.TCPAddr).Port
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"server.crt": certificate, "server.key": key} {
		path := filepath.Join(s.dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := chownToPostgres(path); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range map[string]string{
		"listen_addresses": "127.0.0.1",
		"port":             fmt.Sprint(port),
		"ssl":              "on",
		"ssl_cert_file":    filepath.Join(s.dir, "server.crt"),
		"ssl_key_file":     filepath.Join(s.dir, "server.key"),
	} {
		s.Admin(t, `ALTER SYSTEM SET `+name+` = '`+value+`'`)
	}
	s.Stop(t)
	s.Start(t)
	return port
}
