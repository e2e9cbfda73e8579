package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
)

// A folder of server setup is private, its keys are random and different, and nothing in it is overwritten.
func TestSetup(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a b", "voxwarden")
	out, _, err := runServer(t, nil, "setup", dir)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]string{}
	for name, want := range map[string]fs.FileMode{
		".": fs.ModeDir | 0o700, "secret.key": 0o600, "audit.key": 0o600, "voxwarden.env": 0o600,
	} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode() != want || int(info.Sys().(*syscall.Stat_t).Uid) != os.Geteuid() {
			t.Errorf("%s: %v, %v, want the mode %v", name, info.Mode(), err, want)
		}
		if strings.HasSuffix(name, ".key") {
			keys[name] = readFile(t, filepath.Join(dir, name))
		}
		if name != "." && !strings.Contains(out, filepath.Join(dir, name)) {
			t.Errorf("the output does not name %s:\n%s", name, out)
		}
	}
	if keys["secret.key"] == keys["audit.key"] || strings.Contains(out, strings.TrimSpace(keys["audit.key"])) {
		t.Errorf("the keys are the same, or printed:\n%s", out)
	}
	for _, want := range []string{
		"credentials.json", "oidc.secret", "config check --online\n", " init\n", "/sign-in/callback",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in the next steps:\n%s", want, out)
		}
	}
	again, _, err := runServer(t, nil, "setup", dir)
	if err == nil || again != "" || !strings.Contains(err.Error(), filepath.Join(dir, "audit.key")) {
		t.Errorf("again: %q, %v", again, err)
	}
	for name, before := range keys {
		if now := readFile(t, filepath.Join(dir, name)); now != before {
			t.Errorf("%s was overwritten", name)
		}
	}
}

// The printed commands work when they are pasted into a shell, once the files and settings of the sign-in are there.
func TestPrintedCommands(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "it's a folder")
	program, err := program()
	if err != nil {
		t.Fatal(err)
	}
	setup := serverProcess(t, nil, "setup", dir)
	out, code := output(t, setup)
	if code != 0 {
		t.Fatalf("setup ended with %d: %s", code, out)
	}
	key := filepath.Join(t.TempDir(), "credentials.json")
	content := credentialsJSON(t, nil, 42, "aaaaaaaa-0000-4000-8000-000000000001")
	if err := os.WriteFile(key, content, 0o644); err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	for line := range strings.Lines(out) {
		command, isCommand := strings.CutPrefix(line, "    ")
		switch {
		case !isCommand:
		case strings.Contains(command, "credentials.json"):
			script.WriteString(strings.Replace(command, " credentials.json ", " "+key+" ", 1))
		case strings.Contains(command, "oidc.secret"):
			script.WriteString("echo planted-client | " + command)
		case strings.Contains(command, "--online"), command == program+"\n":
			// They need the provider and the vendor, which other tests have.
		default:
			script.WriteString(command)
		}
	}
	settings := readFile(t, filepath.Join(dir, "voxwarden.env"))
	for name, value := range map[string]string{
		"BASE_URL": "https://voxwarden.example.com", "OIDC_ISSUER": "https://id.example.com", "OIDC_CLIENT_ID": "console",
		"ADMIN_GROUPS": "'ops, it-admins'",
	} {
		settings = strings.Replace(settings, "\n"+config.Prefix+name+"=\n", "\n"+config.Prefix+name+"="+value+"\n", 1)
	}
	if err := os.WriteFile(filepath.Join(dir, "voxwarden.env"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	script.WriteString(program + " config check\n")
	shell := serverProcess(t, []string{"PATH=" + os.Getenv("PATH")})
	shell.Path, shell.Args = "/bin/sh", []string{"sh", "-eu", "-c", script.String()}
	text, code := output(t, shell)
	if code != 0 || !strings.Contains(text, "The configuration is valid.\n") || !strings.Contains(text, "\nHead: 1:") {
		t.Errorf("the commands ended with %d: %s\n%s", code, text, script.String())
	}
}

// In a folder with settings, such as that of a package, only the keys are written. What the settings lack is printed.
func TestSetupKeepsSettings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	settings := filepath.Join(dir, "voxwarden.env")
	const content = "#VOXWARDEN_AUDIT_KEY_FILE=\nVOXWARDEN_SECRET_KEY_FILE=/run/credentials/voxwarden.service/secret.key\n"
	if err := os.WriteFile(settings, []byte(content), 0o640); err != nil {
		t.Fatal(err)
	}
	out, _, err := runServer(t, nil, "setup", dir)
	if err != nil || !strings.Contains(out, "VOXWARDEN_AUDIT_KEY_FILE="+filepath.Join(dir, "audit.key")) ||
		strings.Contains(out, "VOXWARDEN_SECRET_KEY_FILE=") {
		t.Errorf("%v:\n%s", err, out)
	}
	if now := readFile(t, settings); now != content {
		t.Errorf("the settings were changed: %s", now)
	}
}

// With -as, the settings have the paths of another mount: of a container, or of systemd's credentials.
func TestSetupForAnotherMount(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "voxwarden")
	out, _, err := runServer(t, nil, "setup", "-as", "/run/credentials/voxwarden.service", dir)
	if err != nil || !strings.Contains(out, " init\n    systemctl enable --now voxwarden.service\n") {
		t.Errorf("%v:\n%s", err, out)
	}
	settings := readFile(t, filepath.Join(dir, "voxwarden.env"))
	for _, want := range []string{
		"\nVOXWARDEN_SECRET_KEY_FILE=/run/credentials/voxwarden.service/secret.key\n",
		"\nVOXWARDEN_CREDENTIALS_FILE=/run/credentials/voxwarden.service/credentials.json\n",
		"\n#VOXWARDEN_DATABASE_URL=sqlite:voxwarden.db\n",
	} {
		if !strings.Contains(settings, want) {
			t.Errorf("no %q in the settings:\n%s", want, settings)
		}
	}
}

// What setup cannot do, it names with the folder and its owner, and it leaves nothing behind.
func TestSetupRefusals(t *testing.T) {
	t.Parallel()
	root := os.Geteuid() == 0
	for _, tc := range []struct {
		name string
		mode fs.FileMode // of the folder; 0 for a file in its place
		file string      // that exists in it
		args []string
		want []string
	}{
		{
			"read-only folder", 0o555, "", nil,
			[]string{"cannot write DIR", "has the mode 0555", "the console runs as the user"},
		},
		{"folder for all", 0o777, "", nil, []string{"DIR", "users other than its owner can write"}},
		{"key exists", 0o755, "audit.key", nil, []string{"DIR/audit.key exists", "Nothing was written"}},
		{"other key exists", 0o755, "secret.key", nil, []string{"DIR/secret.key exists", "Nothing was written"}},
		{"no folder", 0, "", nil, []string{"DIR is not a folder"}},
		{"no argument", 0o755, "", []string{}, []string{"missing or more than one folder"}},
		{"relative mount", 0o755, "", []string{"-as", "keys", "DIR"}, []string{"-as"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			parent, err := os.MkdirTemp("", "voxwarden-setup-")
			if err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(parent, "x")
			t.Cleanup(func() { _ = errors.Join(os.Chmod(dir, 0o700), os.RemoveAll(parent)) })
			if tc.mode == 0 {
				err = os.WriteFile(dir, nil, 0o600)
			} else {
				err = os.Mkdir(dir, 0o700)
			}
			if tc.file != "" {
				err = errors.Join(err, os.WriteFile(filepath.Join(dir, tc.file), []byte("before"), 0o600))
			}
			if root {
				err = errors.Join(err, os.Chmod(parent, 0o755), os.Chown(dir, ordinaryUser, ordinaryUser))
			}
			if tc.mode != 0 {
				err = errors.Join(err, os.Chmod(dir, tc.mode))
			}
			if err != nil {
				t.Fatal(err)
			}
			args := []string{dir}
			if tc.args != nil {
				args = strings.Split(strings.ReplaceAll(strings.Join(tc.args, "\n"), "DIR", dir), "\n")
			}
			text, code := output(t, asOrdinaryUser(serverProcess(t, nil, append([]string{"setup"}, args...)...)))
			for _, want := range tc.want {
				if want = strings.ReplaceAll(want, "DIR", dir); code != 1 || !strings.Contains(text, want) {
					t.Errorf("ended with %d, want %q: %s", code, want, text)
				}
			}
			left, err := os.ReadDir(dir)
			if tc.mode != 0 && (err != nil || len(left) != len(tc.file)/max(1, len(tc.file))) {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// Root gives the files to the owner of the folder, or to the group of a folder of its own, as packages have one.
func TestSetupAsRoot(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	for _, tc := range []struct {
		uid, gid int
		mode     fs.FileMode // of the folder
		want     fs.FileMode // of the keys
	}{
		{ordinaryUser, ordinaryUser, 0o700, 0o600},
		{0, ordinaryUser, 0o750, 0o640},
		{0, 0, 0o755, 0o600},
	} {
		dir := t.TempDir()
		if err := errors.Join(os.Chown(dir, tc.uid, tc.gid), os.Chmod(dir, tc.mode)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := runServer(t, nil, "setup", dir); err != nil {
			t.Fatal(err)
		}
		if has := strings.Contains(readFile(t, filepath.Join(dir, "voxwarden.env")), "\nVOXWARDEN_DATABASE_URL="); has !=
			(tc.want == 0o600) {
			t.Errorf("%d:%d: the settings have an address of the database: %v", tc.uid, tc.gid, has)
		}
		for _, name := range []string{"secret.key", "audit.key", "voxwarden.env"} {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			owner := info.Sys().(*syscall.Stat_t)
			if info.Mode() != tc.want || int(owner.Uid) != tc.uid || int(owner.Gid) != tc.gid {
				t.Errorf("%d:%d: %s has the mode %v and the owner %d:%d", tc.uid, tc.gid, name, info.Mode(), owner.Uid, owner.Gid)
			}
		}
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// Under the name that packages give it, the program names its commands so, and they can be pasted.
func TestCommandsOfPackages(t *testing.T) {
	t.Parallel()
	w := newOnlineWorld(t)
	w.settings["DATABASE_URL"] = "sqlite:" + w.path("other.db")
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"config", "check", "--online"}, "run: voxwarden init\n"},
		{[]string{"config", "check"}, "run: voxwarden init\n"},
		{[]string{"audit", "verify"}, "run: voxwarden init\n"},
		{[]string{"-h"}, "Usage: voxwarden [flags]\n       voxwarden COMMAND\n"},
		{[]string{"setup", "-h"}, "Usage: voxwarden setup "},
		{[]string{"nonsense"}, "voxwarden: unknown command"},
		{[]string{"init"}, "with voxwarden config check --online"},
	} {
		text, _ := output(t, w.command("voxwarden", tc.args...))
		if !strings.Contains(text, tc.want) || strings.Contains(text, "server ") {
			t.Errorf("%v: want %q: %s", tc.args, tc.want, text)
		}
	}
}
