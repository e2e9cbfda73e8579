package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// asServer is the variable with which the test's own program runs as the server.
const asServer = "TEST_RUNS_SERVER"

// programDir is the folder of program.
var programDir string

func TestMain(m *testing.M) {
	if os.Getenv(asServer) != "" {
		main()
		return
	}
	code := m.Run()
	if programDir != "" {
		_ = os.RemoveAll(programDir)
	}
	os.Exit(code)
}

// ordinaryUser is the user of the container image.
const ordinaryUser = 65532

// program returns a copy of this program that every user can run.
var program = sync.OnceValues(func() (path string, err error) {
	if programDir, err = os.MkdirTemp("", "voxwarden-server-"); err != nil {
		return "", err
	}
	own, err := os.Executable()
	if err != nil {
		return "", err
	}
	content, err := os.ReadFile(own)
	if err != nil {
		return "", err
	}
	path = filepath.Join(programDir, "server")
	return path, errors.Join(os.WriteFile(path, content, 0o700), os.Chmod(path, 0o755), os.Chmod(programDir, 0o755))
})

// serverProcess returns the server as a process of its own, with only this environment.
func serverProcess(t *testing.T, environ []string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	process := exec.CommandContext(t.Context(), path, args...)
	process.Env = append([]string{asServer + "=true"}, environ...)
	return process
}

// output runs a process to its end, and returns both streams and the exit code.
func output(t *testing.T, process *exec.Cmd) (text string, code int) {
	t.Helper()
	var both bytes.Buffer
	process.Stdout, process.Stderr = &both, &both
	err := process.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return both.String(), exit.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return both.String(), 0
}

// A database that the console's user cannot write is named at the start and by config check, with its owner.
func TestDatabaseOfAnotherUser(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name         string
		folder, file os.FileMode // of DIR and x.db; 0 for no file
		given        bool        // DIR and x.db belong to the console's user
		leftover     string      // a file beside x.db that cannot be written
		want         string
	}{
		{"folder", 0o555, 0o600, true, "", "cannot create files beside the database in DIR: permission denied"},
		{"no file", 0o555, 0, true, "", "cannot create files beside the database in DIR: permission denied"},
		{"file", 0o755, 0o400, true, "", "cannot read and write DIR/x.db: permission denied"},
		{"of root", 0o755, 0o644, false, "", "cannot read and write DIR/x.db: permission denied"},
		{"file beside", 0o755, 0o600, true, "x.db-wal", "cannot read and write DIR/x.db-wal: permission denied"},
		{"lock", 0o755, 0o600, true, "x.db-drift.lock", "cannot read and write DIR/x.db-drift.lock: permission denied"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			user, root := os.Geteuid(), os.Geteuid() == 0
			if !root && !tc.given {
				t.Skip("only root can give files away")
			}
			dir, err := os.MkdirTemp("", "voxwarden-data-") // other users can enter it, unlike a folder of t.TempDir
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = errors.Join(os.Chmod(dir, 0o700), os.RemoveAll(dir)) })
			environ := processEnvironment(t, dir)
			put := func(name string, mode os.FileMode) {
				if name == "" || mode == 0 {
					return
				}
				path := filepath.Join(dir, name)
				if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chmod(path, mode)); err != nil {
					t.Fatal(err)
				}
				if root && tc.given {
					if err := os.Chown(path, ordinaryUser, ordinaryUser); err != nil {
						t.Fatal(err)
					}
				}
			}
			put("x.db", tc.file)
			put(tc.leftover, 0o400)
			if root {
				user = ordinaryUser
			}
			if root && tc.given {
				if err := os.Chown(dir, ordinaryUser, ordinaryUser); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Chmod(dir, tc.folder); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{nil, {"config", "check"}} {
				process := serverProcess(t, environ, args...)
				if root {
					process.SysProcAttr = &syscall.SysProcAttr{
						Credential: &syscall.Credential{Uid: ordinaryUser, Gid: ordinaryUser},
					}
				}
				text, code := output(t, process)
				for _, want := range []string{
					strings.ReplaceAll(tc.want, "DIR", dir),
					"it belongs to the user ",
					fmt.Sprintf("the console runs as the user %d and the group ", user),
					fmt.Sprintf("change that with: chown %d:", user),
				} {
					if code != 1 || !strings.Contains(text, want) {
						t.Errorf("%v ended with %d, want %q:\n%s", args, code, want, text)
					}
				}
			}
		})
	}
}

// processEnvironment returns a valid environment for a process of any user. Its files are in dir.
func processEnvironment(t *testing.T, dir string) []string {
	t.Helper()
	credentials := filepath.Join(dir, "credentials.json")
	content := credentialsJSON(t, nil, 42, "aaaaaaaa-0000-4000-8000-000000000001")
	if err := errors.Join(os.WriteFile(credentials, content, 0o600), os.Chmod(credentials, 0o644)); err != nil {
		t.Fatal(err)
	}
	environ := slices.DeleteFunc(realEnvironment(t), func(line string) bool {
		return strings.HasPrefix(line, "VOXWARDEN_CREDENTIALS_FILE=") || strings.HasPrefix(line, "VOXWARDEN_DATABASE_URL")
	})
	return append(
		environ,
		"VOXWARDEN_CREDENTIALS_FILE="+credentials,
		"VOXWARDEN_DATABASE_URL=sqlite:"+filepath.Join(dir, "x.db"),
		"VOXWARDEN_LISTEN=127.0.0.1:0",
	)
}
