package store_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// authority is a certificate authority, as a database service has one of its own.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	a := authority{certificate: &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Database Root CA"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}}
	a.certificate, a.key = a.issue(t, a.certificate)
	return a
}

// issue signs a certificate, or makes it self-signed when the authority has no key yet.
func (a authority) issue(t *testing.T, template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer := a.key
	if signer == nil {
		signer = key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

// file writes the authority's certificate, between two others, as the bundles of database services have many.
func (a authority) file(t *testing.T, others ...authority) string {
	t.Helper()
	var content []byte
	for _, one := range append(others, a) {
		content = append(content, "# a comment\n"...)
		content = append(content, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: one.certificate.Raw})...)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "global-bundle.pem")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// A database with a certificate of its own authority, as at RDS, is verified with sslrootcert.
func TestPostgresOverTLS(t *testing.T) {
	t.Parallel()
	own, other := newAuthority(t), newAuthority(t)
	certificate, key := own.issue(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "database"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"database.example.com"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	})
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	server := storetest.NewServer(t)
	port := server.ListenTLS(
		t,
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}),
		pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}),
	)
	bundle, wrong := url.QueryEscape(own.file(t, other)), url.QueryEscape(other.file(t))
	for _, tc := range []struct{ host, parameters, want string }{
		{"127.0.0.1", "sslmode=verify-full&sslrootcert=" + bundle, ""},
		{"127.0.0.1", "sslmode=verify-ca&sslrootcert=" + bundle, ""},
		{"127.0.0.1", "sslmode=require&sslrootcert=" + bundle, ""},
		{"localhost", "sslmode=verify-ca&sslrootcert=" + bundle, ""},
		{"localhost", "sslmode=verify-full&sslrootcert=" + bundle, "not localhost"},
		{"127.0.0.1", "sslmode=verify-full&sslrootcert=" + wrong, "in the parameter sslrootcert of VOXWARDEN_DATABASE_URL"},
		{"127.0.0.1", "sslmode=verify-ca&sslrootcert=" + wrong, "in the parameter sslrootcert of VOXWARDEN_DATABASE_URL"},
		{"127.0.0.1", "sslmode=verify-full", "VOXWARDEN_CA_FILE is not used for the database"},
	} {
		address := fmt.Sprintf("postgres://postgres:hunter2@%s:%d/postgres?%s", tc.host, port, tc.parameters)
		if _, err := config.DatabaseURL([]string{"VOXWARDEN_DATABASE_URL=" + address}); err != nil {
			t.Errorf("%s: %v", tc.parameters, err)
		}
		db, err := store.OpenOrCreate(t.Context(), address)
		if tc.want != "" {
			if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s %s: got %v, want %q", tc.host, tc.parameters, err, tc.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s %s: %v", tc.host, tc.parameters, err)
			continue
		}
		var encrypted bool
		own := `SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`
		err = db.SQL().QueryRowContext(t.Context(), own).Scan(&encrypted)
		if err != nil || !encrypted {
			t.Errorf("%s: encrypted %t, %v", tc.parameters, encrypted, err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// The folder of a socket can be the host of an address, with its slashes escaped.
func TestPostgresSocketAsHost(t *testing.T) {
	t.Parallel()
	address, err := url.Parse(storetest.EmptyPostgres(t))
	if err != nil {
		t.Fatal(err)
	}
	socket := strings.ReplaceAll(address.Query().Get("host"), "/", "%2F")
	secret, err := config.DatabaseURL([]string{"VOXWARDEN_DATABASE_URL=postgres://postgres@" + socket + address.Path})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.OpenOrCreate(t.Context(), secret.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// server config check uses CheckAccess: it reports what the console would refuse at its start. No server is asked.
func TestCheckAccessParsesAddresses(t *testing.T) {
	t.Parallel()
	for parameter, want := range map[string]string{
		"sslmode=verify-full":     "",
		"sslmode=verify_full":     "sslmode is invalid",
		"connect_timeout=soon":    "invalid connect_timeout",
		"target_session_attrs=no": "unknown target_session_attrs",
	} {
		err := store.CheckAccess("postgres://voxwarden:hunter2@db.invalid/voxwarden?" + parameter)
		switch {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: got %v, want %q", parameter, err, want)
		case err != nil && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s: the error contains the password: %v", parameter, err)
		}
	}
}
