package config

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every setting is in the file once, commented out, with its default; those with values come first and are set.
func TestEnvFile(t *testing.T) {
	t.Parallel()
	text := EnvFile(map[string]string{"SECRET_KEY_FILE": "/etc/voxwarden/secret.key", "AUTH": ""})
	for _, s := range Settings() {
		var lines []string
		for line := range strings.Lines(text) {
			name, _, isSetting := strings.Cut(strings.TrimPrefix(line, "#"), "=")
			if isSetting && slices.Contains(s.variables(), strings.TrimPrefix(name, Prefix)) {
				lines = append(lines, line)
			}
		}
		set := len(lines) == 1 && !strings.HasPrefix(lines[0], "#")
		if want := s.Name == "SECRET_KEY" || s.Name == "AUTH"; len(lines) != 1 || set != want {
			t.Errorf("%s has the lines %q", s.Name, lines)
		}
		if first, _, _ := strings.Cut(s.Text, " "); !strings.Contains(text, "# "+first) {
			t.Errorf("%s has no description", s.Name)
		}
	}
	for _, line := range []string{
		"VOXWARDEN_SECRET_KEY_FILE=/etc/voxwarden/secret.key\n", "VOXWARDEN_AUTH=\n", "#VOXWARDEN_SESSION_IDLE=30m\n",
		"#VOXWARDEN_OIDC_SCOPES='openid profile email'\n", "#VOXWARDEN_AUDIT_KEY_FILE=\n", "#VOXWARDEN_BASE_URL=\n",
	} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("the file has no line %q", line)
		}
	}
	if strings.Index(text, "\nVOXWARDEN_AUTH=") > strings.Index(text, "#VOXWARDEN_LISTEN=") {
		t.Error("a setting to fill in comes after others")
	}
	for line := range strings.Lines(text) {
		if len(line) > envFileWidth+1 && !strings.Contains(line, "=") {
			t.Errorf("this line is longer than %d characters: %s", envFileWidth, line)
		}
	}
}

// A shell reads the file, also when every comment sign in front of a default is removed, and the defaults are valid.
func TestShellReadsEnvFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "voxwarden.env")
	text := strings.ReplaceAll(EnvFile(nil), "\n#"+Prefix, "\n"+Prefix)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	shell := exec.CommandContext(t.Context(), "sh", "-c", `set -eu; set -a; . "$1"; env`, "sh", path)
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	r := newEnvReader(strings.Split(string(out), "\n"))
	for _, s := range Settings() {
		if got := r.values[s.Name]; got != s.Default {
			t.Errorf("%s is %q, want %q", s.Name, got, s.Default)
		}
	}
}
