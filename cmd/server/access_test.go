package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What the system refuses is named with its path, its owner and the user of the console, by every command that needs
// it, and what to do.
func TestCommandsNameWhatTheyCannotReach(t *testing.T) {
	t.Parallel()
	// refuse takes the access of the console's user to a file or folder, and returns its path.
	refuse := func(w *onlineWorld, name string, mode os.FileMode) string {
		path := w.path(name)
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			w.do(os.Mkdir(path, 0o700))
			w.give(path)
		}
		w.do(os.Chmod(path, mode))
		return path
	}
	for _, tc := range []struct {
		name   string
		args   []string
		breaks func(w *onlineWorld) // after init
		want   string
	}{
		{"start, secret", nil, func(w *onlineWorld) { refuse(w, "secret.key", 0) }, "DIR/secret.key"},
		{"start, key", nil, func(w *onlineWorld) { refuse(w, "credentials.json", 0) }, "DIR/credentials.json"},
		{"start, database", nil, func(w *onlineWorld) { refuse(w, "x.db", 0o400) }, "DIR/x.db"},
		{"start, folder", nil, func(w *onlineWorld) { refuse(w, ".", 0o500) }, "DIR"},
		{"start, witness", nil, func(w *onlineWorld) {
			w.settings["AUDIT_WITNESS"] = refuse(w, "elsewhere", 0o500) + "/witness"
		}, "DIR/elsewhere"},
		{"start, copy", nil, func(w *onlineWorld) {
			w.settings["AUDIT_COPY"] = refuse(w, "elsewhere", 0o500) + "/audit.jsonl"
		}, "DIR/elsewhere"},
		{"init, key", []string{"init"}, func(w *onlineWorld) { refuse(w, "audit.key", 0) }, "DIR/audit.key"},
		{"init, folder", []string{"init"}, func(w *onlineWorld) {
			w.settings["DATABASE_URL"] = "sqlite:" + refuse(w, "elsewhere", 0o500) + "/x.db"
		}, "DIR/elsewhere"},
		{"init, witness", []string{"init"}, func(w *onlineWorld) {
			w.settings["DATABASE_URL"] = "sqlite:" + w.path("other.db")
			w.settings["AUDIT_WITNESS"] = refuse(w, "elsewhere", 0o500) + "/witness"
		}, "DIR/elsewhere"},
		{"backup, database", []string{"backup", "DIR/copy.db"}, func(w *onlineWorld) { refuse(w, "x.db", 0) }, "DIR/x.db"},
		{"backup, target", []string{"backup", "DIR/elsewhere/copy.db"}, func(w *onlineWorld) {
			refuse(w, "elsewhere", 0o500)
		}, "DIR/elsewhere"},
		{"backup, folder", []string{"backup", "-keep", "2", "DIR/elsewhere"}, func(w *onlineWorld) {
			refuse(w, "elsewhere", 0o500)
		}, "DIR/elsewhere"},
		{"verify", []string{"audit", "verify"}, func(w *onlineWorld) { refuse(w, "x.db", 0) }, "DIR/x.db"},
		{"restore", []string{"restore", "DIR/x.db"}, func(w *onlineWorld) {
			w.settings["DATABASE_URL"] = "sqlite:" + refuse(w, "elsewhere", 0o500) + "/x.db"
		}, "DIR/elsewhere"},
		{"config check, copy", []string{"config", "check"}, func(w *onlineWorld) {
			w.settings["AUDIT_COPY"] = refuse(w, "elsewhere", 0o500) + "/audit.jsonl"
		}, "DIR/elsewhere"},
		{"config check, secret", []string{"config", "check"}, func(w *onlineWorld) {
			refuse(w, "oidc.secret", 0)
		}, "DIR/oidc.secret"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newOnlineWorld(t)
			tc.breaks(w)
			var args []string
			for _, arg := range tc.args {
				args = append(args, strings.ReplaceAll(arg, "DIR", w.dir))
			}
			text, code := w.server(args...)
			t.Log(text)
			path := filepath.Clean(strings.ReplaceAll(tc.want, "DIR", w.dir))
			for _, want := range []string{
				": permission denied: it belongs to the user ", "the console runs as the user ",
				"change that with: chmod u+rwX " + path,
			} {
				if code != 1 || !strings.Contains(text, want) {
					t.Errorf("ended with %d, want %q: %s", code, want, text)
				}
			}
			if _, err := os.Stat(w.path("other.db")); err == nil {
				t.Error("the database was created all the same")
			}
		})
	}
}
