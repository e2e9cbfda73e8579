package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// credentialsJSON returns a credentials.json with this key id and account.
func credentialsJSON(t *testing.T, content []byte, account int64, id string) []byte {
	t.Helper()
	sim, err := voxsim.New(voxsim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	if content == nil {
		content = sim.Credentials()
	}
	text := strings.Replace(string(content), fmt.Sprint(sim.AccountID()), fmt.Sprint(account), 1)
	return []byte(strings.Replace(text, "7b6f2d0c-54d5-4a53-9f0e-2f6a3f1c0b01", id, 1))
}

func TestCredentialsReload(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "credentials.json")
	first := "aaaaaaaa-0000-4000-8000-000000000001"
	content := credentialsJSON(t, nil, 42, first)
	put := func(content []byte, age time.Duration) {
		t.Helper()
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-age)
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
	}
	put(content, time.Hour)
	clock, log := time.Now(), &bytes.Buffer{}
	c, err := readCredentials(path, slog.New(slog.NewTextHandler(log, nil)), func() time.Time { return clock })
	if err != nil || c.keyID() != first || c.account() != 42 {
		t.Fatalf("%+v, %v", c, err)
	}
	second := strings.Replace(first, "1", "2", 1)
	replaced := bytes.Replace(content, []byte(first), []byte(second), 1)
	steps := []struct {
		name    string
		content []byte
		want    string
		logged  string
	}{
		{"invalid file", []byte(`{"private_key":"planted"`), first, "reading the console key failed"},
		{"another account", bytes.Replace(replaced, []byte("42"), []byte("43"), 1), first, "another account"},
		{"new key", replaced, second, "key replaced"},
	}
	for i, step := range steps {
		log.Reset()
		put(step.content, time.Duration(30-i)*time.Minute)
		if got := c.keyID(); i == 0 && got != first {
			t.Errorf("%s: read before credentialsCheckInterval has passed", step.name)
		}
		clock = clock.Add(2 * time.Second)
		if got := c.keyID(); got != step.want || !strings.Contains(log.String(), step.logged) ||
			strings.Contains(log.String(), "planted") {
			t.Errorf("%s: key %s, logged %s", step.name, got, log)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	clock = clock.Add(2 * time.Second)
	if got := c.keyID(); got != second || !strings.Contains(log.String(), "reading the console key failed") {
		t.Errorf("without a file: %s, logged %s", got, log)
	}
}

func TestUnreadableCredentialsStopStart(t *testing.T) {
	t.Parallel()
	if _, err := readCredentials(filepath.Join(t.TempDir(), "none"), slog.New(slog.DiscardHandler), time.Now); err == nil {
		t.Error("no error without a file")
	}
}

// A console key that another user could have written is not used, also when the file changes while the console runs.
func TestCredentialsAreCheckedAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "credentials.json")
	first, second := "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"
	mark := []byte("\xef\xbb\xbf")
	put := func(id string, mode os.FileMode) {
		t.Helper()
		content := append(bytes.Clone(mark), credentialsJSON(t, nil, 42, id)...)
		if err := os.WriteFile(path+".new", content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path+".new", mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
	put(first, 0o600)
	clock, log := time.Now(), &bytes.Buffer{}
	c, err := readCredentials(path, slog.New(slog.NewTextHandler(log, nil)), func() time.Time { return clock })
	if err != nil || c.keyID() != first {
		t.Fatalf("file with a byte order mark: %v", err)
	}
	current := func() string { clock = clock.Add(2 * time.Second); return c.keyID() }
	put(second, 0o666)
	for range 3 {
		if got := current(); got != first {
			t.Errorf("uses a key that every user could have written: %s", got)
		}
	}
	if got := strings.Count(log.String(), "a file that users other than its owner can write"); got != 1 {
		t.Errorf("logged %d times: %s", got, log)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := current(); got != second {
		t.Errorf("after chmod: %s", got)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	put(first, 0o600)
	if got := current(); got != second ||
		!strings.Contains(log.String(), "in which users other than its owner can write") {
		t.Errorf("uses a key from a folder that every user can write: %s, logged %s", got, log)
	}
	if _, err := readCredentials(path, slog.New(slog.DiscardHandler), time.Now); err == nil {
		t.Error("starts with a key from a folder that every user can write")
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	put(first, 0o604)
	if got := current(); got != first || !strings.Contains(log.String(), "every user of this machine can read") {
		t.Errorf("world-readable: %s, logged %s", got, log)
	}
}
