package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A running console stops writing when its database file is moved away, and goes on when it is back.
func TestDatabaseFileIsGone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	d := startDemoIn(t, []string{"VOXWARDEN_DATABASE_URL=sqlite:" + path})
	doc, _ := d.send("/sign-in", url.Values{"role": {"admin"}, "return": {"/subusers/new"}})
	form := filled(doc, "/subusers/new")
	form.Set("login", "file_gone")
	if err := os.Rename(path, path+".moved"); err != nil {
		t.Fatal(err)
	}
	if _, answer := d.open("/readyz"); answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("/readyz: status %d", answer.StatusCode)
	}
	for range 2 {
		doc, answer := d.send("/subusers/new", form)
		if text := doc.Text(); answer.StatusCode != http.StatusServiceUnavailable ||
			!strings.Contains(text, "The database file was deleted or replaced") {
			t.Errorf("status %d: %s", answer.StatusCode, text)
		}
	}
	if count := strings.Count(d.log.String(), "the database file is gone"); count != 1 {
		t.Errorf("the log says it %d times: %s", count, d.log)
	}
	if err := os.Rename(path+".moved", path); err != nil {
		t.Fatal(err)
	}
	if doc, answer := d.send("/subusers/new", form); answer.StatusCode != http.StatusOK ||
		!strings.Contains(doc.Find("h1").Text(), "file_gone was created") {
		t.Errorf("with the same file: status %d: %s", answer.StatusCode, doc.Find("h1").Text())
	}
}
