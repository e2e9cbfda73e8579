package main

import (
	"encoding/json"
	"log/slog"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// Packages install the program as voxwarden, and their service runs it under that name. Then every command in its
// output and its log can be pasted.
func TestPackagedName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	environ := processEnvironment(t, dir)
	initDatabase(t, environ)
	path := filepath.Join(dir, "voxwarden.db")
	for _, line := range environ {
		if url, found := strings.CutPrefix(line, "VOXWARDEN_DATABASE_URL=sqlite:"); found {
			path = url
		}
	}
	missing := append(slices.Clone(environ), "VOXWARDEN_DATABASE_URL=sqlite:"+filepath.Join(dir, "missing.db"))
	sourceName := regexp.MustCompile(
		`\bserver(:| \[flags]| COMMAND| -h| (setup|init|config|backup|restore|audit|healthcheck)\b)`,
	)
	for _, tc := range []struct {
		args    string
		environ []string
		want    string
	}{
		{"-h", nil, "Usage: voxwarden [flags]"},
		{"setup -h", nil, "Usage: voxwarden setup"},
		{"setup", nil, "voxwarden setup DIR"},
		{"config check -h", nil, "voxwarden config check"},
		{"config check", missing, "run: voxwarden init"},
		{"config check --online", missing, "run: voxwarden init"},
		{"init -h", nil, "Usage: voxwarden init"},
		{"init", environ, "voxwarden: creating the database"},
		{"backup -h", nil, "Usage: voxwarden backup"},
		{"backup", nil, "voxwarden backup FILE"},
		{"backup " + filepath.Join(dir, "copy.db"), environ, "run: voxwarden restore "},
		{"restore -h", nil, "Usage: voxwarden restore"},
		{"restore", nil, "voxwarden restore FILE"},
		{"restore " + path + "-nowhere", environ, "voxwarden: "},
		{"audit verify -h", nil, "voxwarden audit verify"},
		{"audit accept -h", nil, "voxwarden audit accept"},
		{"audit export -h", nil, "voxwarden audit export"},
		{"audit prune -h", nil, "voxwarden audit prune"},
		{"audit reset-drift -h", nil, "voxwarden audit reset-drift"},
		{"audit nonsense", nil, "voxwarden: "},
		{"healthcheck -h", nil, "voxwarden healthcheck"},
		{"nonsense", nil, "voxwarden -h"},
		{"", missing, "run: voxwarden init"},
	} {
		process := serverProcess(t, tc.environ, strings.Fields(tc.args)...)
		process.Args[0] = "voxwarden"
		text, _ := output(t, process)
		if found := sourceName.FindString(text); found != "" || !strings.Contains(text, tc.want) {
			t.Errorf("voxwarden %s: found %q, want %q:\n%s", tc.args, found, tc.want, text)
		}
	}
}

// A service of Type=notify is ready when the console serves, and not before: "systemctl start" waits for it.
func TestServiceIsReady(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	environ := append(processEnvironment(t, dir), "VOXWARDEN_SHUTDOWN_DELAY=0s")
	socket := filepath.Join(dir, "notify")
	systemd, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = systemd.Close() })
	environ = append(environ, "NOTIFY_SOCKET="+socket)

	// Without a database it ends, and is never ready.
	if text, code := output(t, serverProcess(t, environ)); code != 1 {
		t.Fatalf("ended with %d: %s", code, text)
	}
	initDatabase(t, environ)
	process := serverProcess(t, environ)
	lines, _ := logLines(t, process)
	ready, _ := await(t, lines, "Voxwarden is at ")
	var entry struct{ Address string }
	if err := json.Unmarshal([]byte(ready), &entry); err != nil {
		t.Fatal(err)
	}
	if err := systemd.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	message := make([]byte, 64)
	n, err := systemd.Read(message)
	if err != nil || string(message[:n]) != "READY=1" {
		t.Fatalf("got %q, %v", message[:n], err)
	}
	connection, err := net.Dial("tcp", entry.Address)
	if err != nil {
		t.Fatalf("it is ready and does not serve: %v", err)
	}
	_ = connection.Close()
}

// The error of an address that is in use says what to do, and one of a database server does at the start and in init.
func TestStartErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	_, err = listen(t.Context(), listener.Addr().String(), 0, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "End the program that uses it, or change VOXWARDEN_LISTEN") {
		t.Error(err)
	}
	environ := append(processEnvironment(t, t.TempDir()), "VOXWARDEN_DATABASE_URL=postgres://x:planted@127.0.0.1:1/x")
	for _, args := range [][]string{{"init"}, nil, {"audit", "verify"}} {
		text, code := output(t, serverProcess(t, environ, args...))
		if code != 1 || strings.Contains(text, "planted") ||
			!strings.Contains(text, "Check that PostgreSQL runs and can be reached at the address in VOXWARDEN_DATABASE_URL") {
			t.Errorf("%v ended with %d:\n%s", args, code, text)
		}
	}
}
