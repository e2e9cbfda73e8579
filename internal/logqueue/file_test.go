package logqueue_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/logqueue"
)

// A file is appended to, also after it was moved away or deleted, and gets what waited while its folder was missing.
func TestFile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "log")
	path, rotated := filepath.Join(dir, "audit.jsonl"), filepath.Join(dir, "audit.jsonl.1")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(path, []byte("former\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	content := func(path string) string {
		t.Helper()
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	synctest.Test(t, func(t *testing.T) {
		q := logqueue.New(logqueue.NewFile(path))
		copies := q.Writer(logqueue.Options{MaxBytes: 1 << 10, Wait: time.Hour})
		fmt.Fprint(copies, "one\n")
		if err := os.Rename(path, rotated); err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(copies, "two\n")
		if old, now := content(rotated), content(path); old != "former\none\n" || now != "two\n" {
			t.Errorf("rotated %q, new %q", old, now)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode() != 0o600 {
			t.Errorf("the new file: %v, %v", info.Mode(), err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(copies, "three\n")
		if got := copies.Status(); got.Waiting != 1 {
			t.Errorf("without the folder: %+v", got)
		}
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if got := content(path); got != "three\n" || copies.Status() != (logqueue.Status{}) {
			t.Errorf("%q, %+v", got, copies.Status())
		}
		q.Close(time.Hour)
	})
}
