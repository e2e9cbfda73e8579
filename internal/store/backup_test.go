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

// While two write pairs of rows as fast as they can, every backup holds both or neither of each, all that was there
// before, and opens as a database that can be written.
func TestABackupOfARunningDatabase(t *testing.T) {
	t.Parallel()
	url := storetest.SQLite(t)
	db := storetest.Open(t, url)
	write(t, db, "before")
	write(t, db, "before, too")
	ctx, stop := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for _, writer := range []string{"a", "b"} {
		group.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				err := db.Write(t.Context(), func(tx *sql.Tx) error {
					name := writer + strings.Repeat("x", n)
					_, first := tx.Exec(insertSession, name)
					_, second := tx.Exec(insertSession, name+" too")
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

func TestABackupThatIsRefused(t *testing.T) {
	t.Parallel()
	url := storetest.SQLite(t)
	write(t, storetest.Open(t, url), "one")
	dir := t.TempDir()
	there, damaged := filepath.Join(dir, "there"), filepath.Join(dir, "damaged")
	for path, content := range map[string]string{there: "keep me", damaged: strings.Repeat("no database ", 1000)} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Backup(t.Context(), url, there); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file: %v", err)
	}
	if kept, err := os.ReadFile(there); err != nil || string(kept) != "keep me" {
		t.Errorf("the file that was there: %q, %v", kept, err)
	}
	file := filepath.Join(dir, "new")
	for from, want := range map[string]string{
		"sqlite:" + filepath.Join(dir, "nowhere"): "looking for the database", "sqlite:" + damaged: "copying the database",
		"postgres://u:hunter2@db/x": "pg_dump",
	} {
		if err := store.Backup(t.Context(), from, file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("from %s: %v", from, err)
		}
		if _, err := os.Stat(file); err == nil {
			t.Errorf("from %s: something is left behind", from)
		}
	}
}

// The line is run as it is printed, and what it wrote is restored.
func TestDumpCommand(t *testing.T) {
	t.Parallel()
	bin := storetest.BinDir()
	url := storetest.Postgres(t)
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
	other := storetest.Postgres(t)
	sh(
		`pg_restore --no-owner --exit-on-error --single-transaction --dbname='` + other + `' '` + strings.ReplaceAll(
			file,
			`'`,
			`'\''`,
		) + `'`,
	)
	restored := storetest.Open(t, other)
	if countSessions(t, restored) != 1 {
		t.Error("what was restored lacks a row")
	}
	write(t, restored, "after")

	line, err = store.DumpCommand(
		"postgres://anna:p%40ss@db.example:5433/console?sslmode=verify-full&sslpassword=hunter2&sslrootcert=/etc/ca.pem",
		"x",
	)
	if want := `--dbname='postgres://anna@db.example:5433/console?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem` +
		`')`; err != nil ||
		!strings.HasSuffix(line, want) {
		t.Errorf("%s, %v", line, err)
	}
}
