package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

func TestBackup(t *testing.T) {
	t.Parallel()
	url := storetest.SQLite(t)
	storetest.Open(t, url)
	file := filepath.Join(t.TempDir(), "backup.db")
	environ := []string{"VOXWARDEN_DATABASE_URL_FILE=" + secretFile(t, url+"\n")}
	out, _, err := runServer(t, environ, "backup", file)
	if err != nil || !strings.Contains(out, "The backup is in "+file) {
		t.Fatalf("%q, %v", out, err)
	}
	storetest.Open(t, "sqlite:"+file)
	if _, _, err := runServer(t, environ, "backup", file); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("existing file: %v", err)
	}
	out, _, err = runServer(t, []string{"VOXWARDEN_DATABASE_URL=postgres://u:planted@db/x"}, "backup", "x.dump")
	if err != nil || !strings.Contains(out, "\n(umask 077 && pg_dump ") || strings.Contains(out, "planted") {
		t.Errorf("PostgreSQL: %q, %v", out, err)
	}
	for want, args := range map[string][]string{
		"missing or more than one file": nil,
		"more than one file":            {"a", "b"},
		"not defined":                   {"-x"},
		"server backup FILE":            {""},
	} {
		_, _, err := runServer(t, environ, append([]string{"backup"}, args...)...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", args, err)
		}
	}
	_, _, err = runServer(t, []string{"VOXWARDEN_DATABASE_URL=postgres://u:planted#@db/x"}, "backup", "x")
	if err == nil || strings.Contains(err.Error(), "planted") {
		t.Errorf("invalid address: %v", err)
	}
	_, help, err := runServer(t, nil, "backup", "-h")
	if err != nil || !strings.Contains(help, "Usage: server backup FILE") {
		t.Errorf("help: %q, %v", help, err)
	}
	if _, err := os.Stat("x"); err == nil {
		t.Error("a file was written")
	}
}

// TestBackupsInAFolder writes two backups into a folder that has an older one, and keeps the newest two.
func TestBackupsInAFolder(t *testing.T) {
	t.Parallel()
	database, folder := storetest.SQLite(t), t.TempDir()
	fillAuditLog(t, database, false)
	foreign, old := filepath.Join(folder, "other.db"), filepath.Join(folder, "voxwarden-20200101T000000.000Z.db")
	newer := filepath.Join(folder, "voxwarden-20200102T000000.000Z.db")
	for _, name := range []string{foreign, old, newer} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, log, err := runServer(t, auditEnvironment(database), "backup", "-keep", "2", folder)
	if err != nil || log != "" || !strings.Contains(out, "The audit log is intact") {
		t.Fatalf("%q, %q, %v", out, log, err)
	}
	copies, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(copies) != 3 || !slices.Contains(copies, foreign) || slices.Contains(copies, old) ||
		!slices.Contains(copies, newer) {
		t.Errorf("%v, %v", copies, err)
	}
	for want, args := range map[string][]string{
		"need an existing folder": {"-keep", "2", filepath.Join(folder, "missing")},
		"cannot be negative":      {"-keep", "-2", folder},
	} {
		if _, _, err := runServer(t, nil, append([]string{"backup"}, args...)...); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", args, err)
		}
	}
}

// TestRepeatedBackup runs the loop until it has written two copies.
func TestRepeatedBackup(t *testing.T) {
	t.Parallel()
	database, folder := storetest.SQLite(t), t.TempDir()
	fillAuditLog(t, database, false)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"backup", "-every", "1ms", folder}, auditEnvironment(database), write, io.Discard)
	}()
	lines := bufio.NewScanner(read)
	for written := 0; written < 2 && lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "The backup is in ") {
			written++
		}
	}
	go func() { _, _ = io.Copy(io.Discard, read) }()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestRestoreDrill loses the newest events with the database and restores a backup, with the mistakes that are made on
// the way.
func TestRestoreDrill(t *testing.T) {
	t.Parallel()
	database := storetest.SQLite(t)
	path := strings.TrimPrefix(database, "sqlite:")
	environ := auditEnvironment(database)
	fillAuditLog(t, database, false)
	backup := filepath.Join(t.TempDir(), "backup.db")
	if out, _, err := runServer(t, environ, "backup", backup); err != nil ||
		!strings.Contains(out, "server restore "+backup) || !strings.Contains(out, "Head: ") {
		t.Fatalf("%q, %v", out, err)
	}
	forged := filepath.Join(t.TempDir(), "forged.db")
	if _, _, err := runServer(t, environ, "backup", forged); err != nil {
		t.Fatal(err)
	}
	tamper(t, "sqlite:"+forged, `UPDATE events SET result = 'refused' WHERE seq = 4`)

	live := openDatabase(t, database)
	if _, _, err := runServer(t, environ, "restore", backup); !errors.Is(err, store.ErrInUse) {
		t.Errorf("beside a running server: %v", err)
	}
	closeDatabase(t, live)
	out, _, err := runServer(t, environ, "restore", forged)
	if !errors.Is(err, errVerifyFailed) || !strings.Contains(out, "was changed") {
		t.Errorf("a changed backup: %q, %v", out, err)
	}
	if _, _, err := runServer(t, environ[:1], "restore", backup); err == nil ||
		!strings.Contains(err.Error(), "AUDIT_KEY") {
		t.Errorf("without a key: %v", err)
	}
	for _, args := range [][]string{{"restore"}, {"restore", backup, backup}, {"restore", ""}} {
		if _, _, err := runServer(t, environ, args...); err == nil {
			t.Errorf("%q: no error", args)
		}
	}

	out, _, err = runServer(t, environ, "restore", backup)
	if err != nil || !strings.Contains(out, "No event was lost.") ||
		!strings.Contains(out, "The witness "+path+audit.WitnessSuffix+" was set") {
		t.Fatalf("nothing in between: %q, %v", out, err)
	}
	addOperations(t, database, false, "d")
	out, _, err = runServer(t, environ, "restore", backup)
	if err != nil || !strings.Contains(out, "Lost: 2 events, ") {
		t.Fatalf("two events in between: %q, %v", out, err)
	}
	damageEvents(t, path)
	out, _, err = runServer(t, environ, "restore", backup)
	if err != nil || !strings.Contains(out, "It cannot be read") {
		t.Fatalf("over damaged events: %q, %v", out, err)
	}
	if err := os.WriteFile(path, []byte("overwritten"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, err = runServer(t, environ, "restore", backup)
	if err != nil || !strings.Contains(out, "It cannot be read") {
		t.Fatalf("over a damaged file: %q, %v", out, err)
	}
	live = openDatabase(t, database)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	closeDatabase(t, live)
	gone := time.Now()
	out, _, err = runServer(t, environ, "restore", backup)
	if err != nil || !strings.Contains(out, "The database file was missing.") {
		t.Fatalf("after the file was deleted: %q, %v", out, err)
	}
	if out, _, err := runServer(t, environ, "audit", "verify"); err != nil || !intactReport.MatchString(out) {
		t.Errorf("afterwards: %q, %v", out, err)
	}
	environ = append(processEnvironment(t, t.TempDir()), append(environ, "VOXWARDEN_SHUTDOWN_DELAY=0s")...)
	process := serverProcess(t, environ)
	lines, _ := logLines(t, process)
	started, _ := await(t, lines, "Voxwarden is at ")
	var entry struct{ Address string }
	if err := json.Unmarshal([]byte(started), &entry); err != nil {
		t.Fatal(err)
	}
	answer, err := http.Get("http://" + entry.Address + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("/readyz: status %d", answer.StatusCode)
	}
	t.Logf("%.1f seconds from \"database gone\" to \"ready\"", time.Since(gone).Seconds())
	if err := stop(t, process); err != nil {
		t.Errorf("ended with %v", err)
	}
}

// damageEvents overwrites the pages of a SQLite file that hold events.
func damageEvents(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const pageSize = 4096
	for page := range slices.Chunk(content[pageSize:], pageSize) {
		if bytes.Contains(page, []byte(`"ticket 5"`)) {
			clear(page)
		}
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
