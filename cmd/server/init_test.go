package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// initDatabase creates the database of a console.
func initDatabase(t *testing.T, environ []string) {
	t.Helper()
	if _, _, err := runServer(t, environ, "init"); err != nil {
		t.Fatal(err)
	}
}

// The head that init prints is the sealed beginning of the audit log, before the first start.
func TestInit(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, database string) {
		environ := auditEnvironment(database)
		out, _, err := runServer(t, environ, "init")
		if err != nil {
			t.Fatal(err)
		}
		_, rest, found := strings.Cut(out, "\nHead: ")
		head, _, _ := strings.Cut(rest, "\n")
		if !found || !strings.HasPrefix(head, "1:") {
			t.Fatalf("no head: %s", out)
		}
		for range 2 {
			if out, _, err := runServer(t, environ, "init"); err == nil || out != "" ||
				!strings.Contains(err.Error(), "the database exists") {
				t.Errorf("again: %q, %v", out, err)
			}
		}
		report, _, err := runServer(t, environ, "audit", "verify", "-head", head)
		if err != nil || !strings.Contains(report, "Read 1 events") || !strings.Contains(report, "is intact") {
			t.Errorf("verify: %v\n%s", err, report)
		}
	})
}

func TestInitNeedsAddressAndKeyOnly(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, database string) {
		for name, c := range map[string]struct {
			environ []string
			args    []string
			want    string
		}{
			"no key":    {[]string{"VOXWARDEN_DATABASE_URL=" + database}, nil, "VOXWARDEN_AUDIT_KEY is missing"},
			"short key": {[]string{"VOXWARDEN_DATABASE_URL=" + database, "VOXWARDEN_AUDIT_KEY=x"}, nil, "AUDIT_KEY contains"},
			"address":   {auditEnvironment("x.db"), nil, "DATABASE_URL must"},
			"argument":  {auditEnvironment(database), []string{"x.db"}, "unexpected argument"},
		} {
			if out, _, err := runServer(t, c.environ, append([]string{"init"}, c.args...)...); err == nil || out != "" ||
				!strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %q, %v", name, out, err)
			}
		}
		initDatabase(t, append(auditEnvironment(database), "VOXWARDEN_AUTH=saml", "VOXWARDEN_OIDC_ISSUER=x"))
	})
}

// Without its database no command of the console makes a new one, and none finds an empty audit log intact.
func TestMissingDatabase(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, database string) {
		environ := append(processEnvironment(t, t.TempDir()), "VOXWARDEN_DATABASE_URL="+database)
		for _, args := range [][]string{
			nil,
			{"audit", "verify"},
			{"audit", "export"},
			{"audit", "prune", "-keep", "1d"},
			{"audit", "reset-drift"},
			{"audit", "reset-facts"},
		} {
			if out, _, err := runServer(t, environ, args...); err == nil || out != "" ||
				!strings.Contains(err.Error(), "there is no database") || !strings.Contains(err.Error(), "run: server init") {
				t.Errorf("%v: %q, %v", args, out, err)
			}
		}
		const sentence = "Warning: VOXWARDEN_DATABASE_URL names a database that does not exist."
		if out, _, err := runServer(t, environ, "config", "check"); err != nil || !strings.Contains(out, sentence) {
			t.Errorf("config check: %q, %v", out, err)
		}
		if path, ok := strings.CutPrefix(database, "sqlite:"); ok {
			if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		}
		initDatabase(t, environ)
		if out, _, err := runServer(t, environ, "config", "check"); err != nil || strings.Contains(out, "DATABASE_URL") {
			t.Errorf("config check with a database: %q, %v", out, err)
		}
	})
}

// An audit log that lost all its rows is not begun again by a start.
func TestStartWithoutEvents(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, database string) {
		environ := append(
			processEnvironment(t, t.TempDir()), "VOXWARDEN_DATABASE_URL="+database, "VOXWARDEN_AUDIT_KEY="+auditKey,
		)
		initDatabase(t, environ)
		tamper(t, database, `DELETE FROM events`)
		if _, _, err := runServer(t, environ); err == nil || !strings.Contains(err.Error(), "has lost its events") {
			t.Errorf("the console started: %v", err)
		}
		if report, _, err := runServer(t, environ, "audit", "verify"); err == nil || !strings.Contains(report, "is empty") {
			t.Errorf("verify: %v\n%s", err, report)
		}
	})
}

// The witness that init makes is left when a database is deleted, and then init makes no new one.
func TestInitBesideWitness(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, database string) {
		witness := filepath.Join(t.TempDir(), "witness")
		environ := append(auditEnvironment(database), "VOXWARDEN_AUDIT_WITNESS="+witness)
		initDatabase(t, environ)
		if info, err := os.Stat(witness); err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("the witness: %v, %v", info, err)
		}
		if path, ok := strings.CutPrefix(database, "sqlite:"); ok {
			if _, err := os.Stat(path + audit.WitnessSuffix); err == nil {
				t.Error("there is a second witness beside the database")
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			out, _, err := runServer(t, environ, "init")
			if out != "" || !errors.Is(err, store.ErrExists) || !strings.Contains(err.Error(), witness) {
				t.Errorf("%q, %v", out, err)
			}
			if _, err := os.Stat(path); err == nil {
				t.Error("a database was created")
			}
		}
	})
}

// Commands write nothing to a database that lacks the event in the witness, and verify finds that without a head.
func TestCommandsOnAnOldCopy(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, database string) {
		fillAuditLog(t, database, false)
		witness := filepath.Join(t.TempDir(), "witness")
		lost := audit.Head{Seq: 20, MAC: strings.Repeat("ab", 32)}
		if err := audit.WriteWitness(witness, []config.Secret{config.NewSecret(auditKey)}, lost); err != nil {
			t.Fatal(err)
		}
		environ := append(auditEnvironment(database), "VOXWARDEN_AUDIT_WITNESS="+witness)
		for _, args := range [][]string{
			{"audit", "prune", "-keep", "1d"},
			{"audit", "reset-drift"},
			{"audit", "reset-facts"},
		} {
			out, _, err := runServer(t, environ, args...)
			if out != "" || err == nil || !strings.Contains(err.Error(), "server audit accept") {
				t.Errorf("%v: %q, %v", args, out, err)
			}
		}
		out, _, err := runServer(t, environ, "audit", "verify")
		if !errors.Is(err, errVerifyFailed) || !strings.Contains(out, "ends at event 7") {
			t.Errorf("verify: %v\n%s", err, out)
		}
		for _, args := range [][]string{
			nil,
			{"-by", "Anna"},
			{"-by", " ", "-reason", "x"},
			{"-by", "A", "-reason", "x", "y"},
		} {
			if out, _, err := runServer(t, environ, append([]string{"audit", "accept"}, args...)...); err == nil || out != "" {
				t.Errorf("%q: %q, %v", args, out, err)
			}
		}
		if _, _, err := runServer(t, environ, "audit", "accept", "-by", "Anna", "-reason", "x"); err != nil {
			t.Fatal(err)
		}
		if out, _, err := runServer(t, environ, "audit", "prune", "-keep", "1d"); err != nil {
			t.Errorf("after accepting: %q, %v", out, err)
		}
	})
}
