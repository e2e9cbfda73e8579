package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/store"
)

func TestAuditExport(t *testing.T) {
	t.Parallel()
	path := "sqlite:" + filepath.Join(t.TempDir(), "x.db")
	environ := []string{"VOXWARDEN_DATABASE_URL=" + path}
	for _, setting := range realEnvironment(t) {
		if !strings.HasPrefix(setting, "VOXWARDEN_DATABASE_URL") {
			environ = append(environ, setting)
		}
	}
	db, err := store.OpenOrCreate(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	auditLog, err := audit.Open(db, audit.Options{BeginNew: true})
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for i, account := range []int64{42, 42, 43} {
		op := audit.Operation{
			ID:        strings.Repeat(string(rune('a'+i)), 26),
			Account:   account,
			Action:    audit.EditSubuser,
			Target:    audit.Target{Ref: access.Ref{Kind: access.Subuser, ID: "7"}, Name: "=1+1"},
			Actor:     audit.Actor{Issuer: "i", Subject: []string{"anna", "bob", "eve"}[i], Method: "oidc"},
			Intent:    []byte(`{}`),
			CreatedAt: noon,
		}
		if _, err := auditLog.Begin(t.Context(), op, audit.Guard{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	export := func(args ...string) (string, error) {
		out, _, err := runServer(t, environ, append([]string{"audit", "export"}, args...)...)
		return out, err
	}
	table, err := export()
	if err != nil || strings.Count(table, "\r\n") != 3 || strings.Contains(table, "eve") ||
		!strings.Contains(table, ",'=1+1,") {
		t.Errorf("without filters: %q, %v", table, err)
	}
	lines, err := export("-format", "jsonl", "-actor", "ANNA", "-from", "2026-11-23", "-to", "2026-11-23")
	if err != nil || !strings.Contains(lines, `"subject":"anna"`) || strings.Contains(lines, "bob") ||
		!strings.HasSuffix(lines, `{"schema":1,"end":true,"operations":1}`+"\n") {
		t.Errorf("filtered by actor: %q, %v", lines, err)
	}
	if lines, err := export("-format", "jsonl", "-to", "2026-11-22"); err != nil ||
		lines != `{"schema":1,"end":true,"operations":0}`+"\n" {
		t.Errorf("filtered by days: %q, %v", lines, err)
	}
	for _, args := range [][]string{{"-from", "x"}, {"-result", "maybe"}, {"-format", "xml"}, {"more"}, {"-fro", "x"}} {
		if out, err := export(args...); err == nil || out != "" {
			t.Errorf("%v: %q, want an error", args, out)
		}
	}
	if _, err := export("-h"); err != nil {
		t.Errorf("help: %v", err)
	}
}
