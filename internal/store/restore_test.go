package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

var restoreTime = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// restore calls store.Restore without a check of the caller.
func restore(t *testing.T, url, file string) (store.Restored, error) {
	t.Helper()
	return store.Restore(t.Context(), url, file, restoreTime, func(context.Context, *store.DB) error { return nil })
}

// rowsOf returns the number of rows in a database file.
func rowsOf(t *testing.T, file string) int {
	t.Helper()
	return countSessions(t, storetest.Open(t, "sqlite:"+file))
}

// filesIn returns the names of the files in a folder that begin with a prefix.
func filesIn(t *testing.T, folder, prefix string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), prefix) {
			names = append(names, entry.Name())
		}
	}
	return strings.Join(names, " ")
}

// TestRestoreReplacesDatabase restores a backup over a newer database, which was left with a write-ahead log as after a
// crash. The restored database has the rows of the backup, and the former one has all of its own.
func TestRestoreReplacesDatabase(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, backup := filepath.Join(folder, "live.db"), filepath.Join(t.TempDir(), "backup.db")
	db, err := store.OpenOrCreate(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, "in the backup")
	if err := store.Backup(t.Context(), "sqlite:"+path, backup); err != nil {
		t.Fatal(err)
	}
	write(t, db, "later")
	if _, err := restore(t, "sqlite:"+path, backup); !errors.Is(err, store.ErrInUse) {
		t.Fatalf("beside a process that has it open: %v", err)
	}
	crash(t, path, func() { _ = db.Close() })

	done, err := restore(t, "sqlite:"+path, backup)
	if err != nil || done.FormerUnreadable != nil {
		t.Fatalf("%+v, %v", done, err)
	}
	if got := filesIn(t, folder, "live.db.restore"); got != "" {
		t.Errorf("temporary files are left: %s", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if n := rowsOf(t, path); n != 1 {
		t.Errorf("the restored database has %d rows", n)
	}
	if n := rowsOf(t, done.FormerFile); n != 2 {
		t.Errorf("the former database has %d rows", n)
	}
}

// TestRestoreAfterFileWasDeleted restores a backup where the database file was deleted while it was in use: its
// write-ahead log is left, and would damage the restored database.
func TestRestoreAfterFileWasDeleted(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, backup := filepath.Join(folder, "live.db"), filepath.Join(t.TempDir(), "backup.db")
	db, err := store.OpenOrCreate(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, "in the backup")
	if err := store.Backup(t.Context(), "sqlite:"+path, backup); err != nil {
		t.Fatal(err)
	}
	write(t, db, "later")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	done, err := restore(t, "sqlite:"+path, backup)
	if err != nil || done.FormerFile != "" {
		t.Fatalf("%+v, %v", done, err)
	}
	if n := rowsOf(t, path); n != 1 {
		t.Errorf("the restored database has %d rows", n)
	}
	if info, err := os.Stat(done.FormerLog); err != nil || info.Size() == 0 {
		t.Errorf("the former write-ahead log: %q, %v", done.FormerLog, err)
	}
}

// crash ends the use of a database in such a way that its write-ahead log is left.
func crash(t *testing.T, path string, end func()) {
	t.Helper()
	saved := map[string][]byte{}
	for _, name := range []string{path, path + "-wal"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		saved[name] = data
	}
	end()
	for name, data := range saved {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRestoreOverDamagedDatabase restores over files that SQLite cannot read, and over none.
func TestRestoreOverDamagedDatabase(t *testing.T) {
	t.Parallel()
	source, backup := storetest.SQLite(t), filepath.Join(t.TempDir(), "backup.db")
	write(t, storetest.Open(t, source), "in the backup")
	if err := store.Backup(t.Context(), source, backup); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"no database": strings.Repeat("x", 9000), "empty": "", "missing": "-"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "live.db")
			if name != "missing" {
				for _, end := range []string{"", "-wal"} {
					if err := os.WriteFile(path+end, []byte(content), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			done, err := restore(t, "sqlite:"+path, backup)
			if err != nil || (name == "missing") != (done.FormerFile == "") ||
				(name == "missing") != (done.FormerUnreadable == nil) {
				t.Fatalf("%+v, %v", done, err)
			}
			if n := rowsOf(t, path); n != 1 {
				t.Errorf("the restored database has %d rows", n)
			}
			if name == "missing" {
				return
			}
			if kept, err := os.ReadFile(done.FormerFile); err != nil || string(kept) != content {
				t.Errorf("the former file was not kept: %q, %v", kept, err)
			}
		})
	}
}

// TestRestoreRefuses restores what is no good backup. The database stays as it is, and can be used.
func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	source := "sqlite:" + filepath.Join(folder, "source.db")
	write(t, storetest.Open(t, source), "one")
	file := func(name string) string { return filepath.Join(folder, name) }
	good := file("good.db")
	if err := store.Backup(t.Context(), source, good); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"empty.db": nil, "cut.db": content[:len(content)/2], "text.db": []byte("no database"), "log.db": content,
		"log.db-wal": []byte("frames"), "other.db": content,
	} {
		if err := os.WriteFile(file(name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	changeChecksum(t, file("other.db"))
	path := file("live.db")
	db, err := store.OpenOrCreate(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, "kept")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"missing.db": "no such file", "empty.db": "another version", "cut.db": "malformed", "text.db": "not a database",
		"log.db": "-wal exists", "other.db": "another version", "live.db": "must be another file",
	} {
		if _, err := restore(t, "sqlite:"+path, file(name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	refuse := errors.New("the chain is broken")
	refused := func(context.Context, *store.DB) error { return refuse }
	_, err = store.Restore(t.Context(), "sqlite:"+path, good, restoreTime, refused)
	if !errors.Is(err, refuse) {
		t.Errorf("refused by the caller: %v", err)
	}
	_, err = restore(t, "postgres://u:hunter2@db/x", good)
	if err == nil || !strings.Contains(err.Error(), "pg_restore") {
		t.Errorf("PostgreSQL: %v", err)
	}
	if got, want := filesIn(t, folder, "live.db"), "live.db live.db-use.lock"; got != want {
		t.Errorf("files: %s, want %s", got, want)
	}
	if n := rowsOf(t, path); n != 1 {
		t.Errorf("the database has %d rows", n)
	}
}

func changeChecksum(t *testing.T, file string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`UPDATE schema_checksum SET sha256 = 'another'`); err != nil {
		t.Fatal(err)
	}
}

// TestKilledBackupLeavesNoFile writes what a killed backup leaves. It has another name than a backup, and the next one
// replaces it.
func TestKilledBackupLeavesNoFile(t *testing.T) {
	t.Parallel()
	url, file := storetest.SQLite(t), filepath.Join(t.TempDir(), "backup.db")
	write(t, storetest.Open(t, url), "one")
	if err := os.WriteFile(file+".part", []byte("half a data"), 0o644); err != nil {
		t.Fatal(err)
	}
	if last, err := storetest.Open(t, url).LastBackup(); err != nil || !last.IsZero() {
		t.Errorf("before the first backup: %v, %v", last, err)
	}
	if err := store.Backup(t.Context(), url, file); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if last, err := storetest.Open(t, url).LastBackup(); err != nil || last.Before(info.ModTime()) {
		t.Errorf("time of the last backup: %v, %v", last, err)
	}
	if got := filesIn(t, filepath.Dir(file), ""); got != "backup.db" {
		t.Errorf("files: %s", got)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if n := rowsOf(t, file); n != 1 {
		t.Errorf("the backup has %d rows", n)
	}
}

// TestLockEndsWithClose opens, closes and restores a database while the process starts others, which have copies of its
// open files for a moment.
func TestLockEndsWithClose(t *testing.T) {
	t.Parallel()
	url, backup := storetest.SQLite(t), filepath.Join(t.TempDir(), "backup.db")
	db, err := store.OpenOrCreate(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(store.Backup(t.Context(), url, backup), db.Close()); err != nil {
		t.Fatal(err)
	}
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-stop:
				return
			default:
				_ = exec.Command("true").Run()
			}
		}
	}()
	for range 30 {
		db, err := store.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		noCheck := func(context.Context, *store.DB) error { return nil }
		if _, err := store.Restore(t.Context(), url, backup, time.Now(), noCheck); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	<-ended
}
