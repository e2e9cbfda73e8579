package store_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// Two writers insert pairs of rows. Each backup has both rows of a pair or neither, has everything from before, and
// can be written.
func TestBackupOfADatabaseInUse(t *testing.T) {
	t.Parallel()
	url := storetest.SQLite(t)
	db := storetest.Open(t, url)
	write(t, db, "before")
	write(t, db, "before 2")
	ctx, stop := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for _, writer := range []string{"a", "b"} {
		group.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				err := db.Write(t.Context(), func(tx *sql.Tx) error {
					name := writer + strings.Repeat("x", n)
					_, first := tx.Exec(insertSession, name)
					_, second := tx.Exec(insertSession, name+" 2")
					return errors.Join(first, second)
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	dir := t.TempDir()
	for _, name := range []string{"one.db", "it's #2.db", "three?.db"} {
		file := filepath.Join(dir, name)
		if err := store.Backup(t.Context(), url, file); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
		restored := storetest.Open(t, "sqlite:"+file)
		if count := countSessions(t, restored); count < 2 || count%2 != 0 {
			t.Errorf("%s has %d rows", name, count)
		}
		write(t, restored, "after")
	}
	stop()
	group.Wait()
}

func TestBackupRefuses(t *testing.T) {
	t.Parallel()
	url := storetest.SQLite(t)
	write(t, storetest.Open(t, url), "one")
	dir := t.TempDir()
	existing, damaged := filepath.Join(dir, "existing"), filepath.Join(dir, "damaged")
	for path, content := range map[string]string{existing: "keep me", damaged: strings.Repeat("no database ", 1000)} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Backup(t.Context(), url, existing); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over an existing file: %v", err)
	}
	if kept, err := os.ReadFile(existing); err != nil || string(kept) != "keep me" {
		t.Errorf("the existing file is now %q, %v", kept, err)
	}
	file := filepath.Join(dir, "new")
	for from, want := range map[string]string{
		"sqlite:" + filepath.Join(dir, "missing"): "there is no database at",
		"sqlite:" + damaged:                       "copying the database",
		"postgres://u:hunter2@db/x":               "pg_dump",
	} {
		if err := store.Backup(t.Context(), from, file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("from %s: %v", from, err)
		}
		if _, err := os.Stat(file); err == nil {
			t.Errorf("from %s: a file is left", from)
		}
	}
}

func TestDumpCommandCanBeRunAndRestored(t *testing.T) {
	t.Parallel()
	bin := storetest.BinDir()
	url := storetest.EmptyPostgres(t)
	write(t, storetest.Open(t, url), "one")
	file := filepath.Join(t.TempDir(), "it's $(here).dump")
	line, err := store.DumpCommand(url+"&password=hunter2&statement_timeout=5s&default_query_exec_mode=exec", file)
	if err != nil || strings.Contains(line, "hunter2") {
		t.Fatalf("%s, %v", line, err)
	}
	sh := func(script string) {
		t.Helper()
		cmd := exec.Command("sh", "-c", script)
		cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
	}
	sh(line)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	other := storetest.EmptyPostgres(t)
	quoted := `'` + strings.ReplaceAll(file, `'`, `'\''`) + `'`
	sh(`pg_restore --no-owner --exit-on-error --single-transaction --dbname='` + other + `' ` + quoted)
	restored := storetest.Open(t, other)
	if countSessions(t, restored) != 1 {
		t.Error("a row is missing after the restore")
	}
	write(t, restored, "after")

	line, err = store.DumpCommand(
		"postgres://anna:p%40ss@db.example:5433/console?sslmode=verify-full&sslpassword=hunter2&sslrootcert=/etc/ca.pem",
		"x",
	)
	want := `--dbname='postgres://anna@db.example:5433/console?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem')`
	if err != nil || !strings.HasSuffix(line, want) {
		t.Errorf("%s, %v", line, err)
	}
}
