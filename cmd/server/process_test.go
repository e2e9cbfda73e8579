package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
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
	syscall.Umask(0o022) // files with secrets in a folder that the group can write are refused
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

// asOrdinaryUser makes a process run as the user of the container image, if the tests run as root.
func asOrdinaryUser(process *exec.Cmd) *exec.Cmd {
	if os.Geteuid() == 0 {
		process.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: ordinaryUser, Gid: ordinaryUser}}
	}
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
			advice := fmt.Sprintf("chown %d:", user)
			if tc.given {
				advice = "chmod u+rw" // its own file or folder
			}
			for _, args := range [][]string{nil, {"config", "check"}} {
				text, code := output(t, asOrdinaryUser(serverProcess(t, environ, args...)))
				for _, want := range []string{
					strings.ReplaceAll(tc.want, "DIR", dir),
					"it belongs to the user ",
					fmt.Sprintf("the console runs as the user %d and the group ", user),
					"change that with: " + advice,
				} {
					if code != 1 || !strings.Contains(text, want) {
						t.Errorf("%v ended with %d, want %q:\n%s", args, code, want, text)
					}
				}
			}
		})
	}
}

// logLines starts a process and returns its lines on both streams, as they come. The channel is closed at the end of
// the process, which wait waits for.
func logLines(t *testing.T, process *exec.Cmd) (lines <-chan string, wait func() error) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	process.Stderr = write
	if process.Stdout == nil {
		process.Stdout = write
	}
	if err := errors.Join(process.Start(), write.Close()); err != nil {
		t.Fatal(err)
	}
	found := make(chan string, 1000)
	go func() {
		defer close(found)
		for scanner := bufio.NewScanner(read); scanner.Scan(); {
			found <- scanner.Text()
		}
		_ = read.Close()
	}()
	t.Cleanup(func() { _ = process.Process.Kill() })
	return found, process.Wait
}

// await returns the first line with a text, and those before it.
func await(t *testing.T, lines <-chan string, text string) (found string, before []string) {
	t.Helper()
	for line := range lines {
		if strings.Contains(line, text) {
			return line, before
		}
		before = append(before, line)
	}
	t.Fatalf("no line with %q: %s", text, strings.Join(before, "\n"))
	return "", nil
}

// A collector reads both streams of a container as lines of JSON, also when the console does not start.
func TestEveryLineIsJSON(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	valid := processEnvironment(t, dir)
	initDatabase(t, valid)
	missing := "VOXWARDEN_DATABASE_URL=sqlite:" + filepath.Join(dir, "missing.db")
	for _, tc := range []struct {
		name    string
		environ []string
		args    []string
		want    string // a text of the log
		starts  bool
	}{
		{"valid", valid, nil, `"address":"127.0.0.1:`, true},
		{"stdout is /dev/null", valid, nil, `"address":"127.0.0.1:`, true},
		{"all addresses", append(slices.Clone(valid), "VOXWARDEN_LISTEN=:0"), nil, "every address of this machine", true},
		{"no settings", nil, nil, `"problem":"VOXWARDEN_AUTH is missing`, false},
		{"two problems", append(slices.Clone(valid), "VOXWARDEN_LOG_LEVEL=loud", "VOXWARDEN_LISTNE=x"), nil, "LISTNE", false},
		{"unknown format", append(slices.Clone(valid), "VOXWARDEN_LOG_FORMAT=xml"), nil, "must be json or text", false},
		{"database", append(slices.Clone(valid), "VOXWARDEN_DATABASE_URL=sqlite:/proc/x.db"), nil, "/proc", false},
		{"no database", append(slices.Clone(valid), missing), nil, "run: server init", false},
		{"address in use", append(slices.Clone(valid), "VOXWARDEN_LISTEN=192.0.2.1:1"), nil, "listening", false},
		{"unknown flag", valid, []string{"-nonsense"}, "flag provided but not defined: -nonsense", false},
		{"argument", valid, []string{"-listen", "127.0.0.1:0", "extra"}, "unexpected argument", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			environ := tc.environ
			if tc.starts {
				environ = append(slices.Clone(environ), "VOXWARDEN_DATABASE_URL=sqlite:"+filepath.Join(t.TempDir(), "x.db"))
				initDatabase(t, environ)
			}
			process := serverProcess(t, append(slices.Clone(environ), "VOXWARDEN_SHUTDOWN_DELAY=0s"), tc.args...)
			if tc.name == "stdout is /dev/null" {
				null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = null.Close() })
				process.Stdout = null
			}
			lines, wait := logLines(t, process)
			var all []string
			if tc.starts {
				ready, before := await(t, lines, "Voxwarden is at https://voxwarden.example.com")
				all = append(before, ready)
				if err := process.Process.Signal(syscall.SIGTERM); err != nil {
					t.Fatal(err)
				}
			}
			for line := range lines {
				all = append(all, line)
			}
			if err := wait(); (err == nil) != tc.starts {
				t.Errorf("ended with %v", err)
			}
			for _, line := range all {
				var entry struct{ Level, Msg string }
				if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Level == "" || entry.Msg == "" {
					t.Errorf("this line is no entry of a log in JSON: %s", line)
				}
			}
			if text := strings.Join(all, "\n"); !strings.Contains(text, tc.want) || strings.Contains(text, "planted") {
				t.Errorf("want %q:\n%s", tc.want, text)
			}
		})
	}
}

// With LOG_FORMAT=text the lines have the form of slog's text handler. The help of -h is for people.
func TestOutputForPeople(t *testing.T) {
	t.Parallel()
	text, code := output(t, serverProcess(t, []string{"VOXWARDEN_LOG_FORMAT=text"}))
	if code != 1 || !strings.Contains(text, `level=ERROR msg=configuration problem="VOXWARDEN_AUTH is missing`) {
		t.Errorf("ended with %d:\n%s", code, text)
	}
	for _, args := range [][]string{{"-h"}, {"-demo", "-h"}} {
		if text, code := output(t, serverProcess(t, nil, args...)); code != 0 || !strings.HasPrefix(text, "Usage: server") {
			t.Errorf("%v ended with %d:\n%s", args, code, text)
		}
	}
	for _, args := range [][]string{{"-demo", "-nonsense"}, {"nonsense"}, {"config", "check"}} {
		if text, code := output(t, serverProcess(t, nil, args...)); code != 1 || !strings.Contains(text, "server: ") {
			t.Errorf("%v ended with %d:\n%s", args, code, text)
		}
	}
}

// After SIGTERM the console reports that it is not ready, and goes on answering for the delay. A later second signal
// ends it at once.
func TestShutdownDelay(t *testing.T) {
	t.Parallel()
	for _, again := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(again.String(), func(t *testing.T) {
			t.Parallel()
			environ := append(processEnvironment(t, t.TempDir()), "VOXWARDEN_SHUTDOWN_DELAY=1h")
			initDatabase(t, environ)
			process := serverProcess(t, environ)
			lines, wait := logLines(t, process)
			ready, _ := await(t, lines, "Voxwarden is at ")
			var entry struct{ Address string }
			if err := json.Unmarshal([]byte(ready), &entry); err != nil {
				t.Fatal(err)
			}
			status := func(path string) int {
				// Each request has a connection of its own, as a new visitor has.
				client := &http.Client{
					Transport:     &http.Transport{DisableKeepAlives: true},
					CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
				}
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+entry.Address+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				response, err := client.Do(request)
				if err != nil {
					t.Fatalf("%s: %v", path, err)
				}
				_ = response.Body.Close()
				return response.StatusCode
			}
			if got := status("/readyz"); got != http.StatusOK {
				t.Fatalf("status %d", got)
			}
			if err := process.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			await(t, lines, "stopping")
			if got := status("/readyz"); got != http.StatusServiceUnavailable {
				t.Errorf("/readyz after SIGTERM: status %d", got)
			}
			for path, want := range map[string]int{"/healthz": http.StatusOK, "/subusers": http.StatusSeeOther} {
				if got := status(path); got != want {
					t.Errorf("%s after SIGTERM: status %d, want %d", path, got, want)
				}
			}
			<-time.After(sameSignal) // before, it would count as the first signal
			if err := process.Process.Signal(again); err != nil {
				t.Fatal(err)
			}
			await(t, lines, errSecondSignal.Error())
			for range lines { // the process must not wait for a reader
			}
			if err := wait(); err == nil {
				t.Error("ended as if it had shut down")
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
