package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

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
	if _, _, err := runServer(t, environ, "backup", file); err == nil || !strings.Contains(err.Error(), "file exists") {
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
