package main

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// runServer runs the program, and returns its output and error.
func runServer(t *testing.T, environ []string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, log strings.Builder
	err = run(t.Context(), args, environ, &out, &log)
	return out.String(), log.String(), err
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"serve"}, `unknown command "serve"`},
		{[]string{"-demo", "extra"}, "unexpected argument"},
		{[]string{"-nonsense"}, "not defined"},
		{[]string{"-company", "large"}, "-company requires -demo"},
		{[]string{"-latency", "1s"}, "-latency requires -demo"},
		{[]string{"-demo", "-company", "huge"}, "-company:"},
		{[]string{"-demo", "-variant", "x=y"}, "-variant:"},
		{[]string{"-demo", "-subusers", "-1"}, "cannot be negative"},
		{[]string{"-demo", "-listen", "0.0.0.0:0"}, "must be a loopback address"},
		{[]string{"-demo", "-listen", ":8080"}, "must be a loopback address"},
		{[]string{"healthcheck", "-listen", "nowhere"}, "not host:port"},
	} {
		if _, _, err := runServer(t, nil, tc.args...); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%v: got %v, want %q", tc.args, err, tc.want)
		}
	}
	if _, help, err := runServer(t, nil, "-h"); err != nil || !strings.Contains(help, "-demo") ||
		!strings.Contains(help, "config check") {
		t.Errorf("help: %q, %v", help, err)
	}
	if _, help, err := runServer(t, nil, "healthcheck", "-h"); err != nil || !strings.Contains(help, "-listen") {
		t.Errorf("help of a command: %q, %v", help, err)
	}
	if out, _, err := runServer(t, nil, "version"); err != nil || strings.TrimSpace(out) == "" {
		t.Errorf("version: %q, %v", out, err)
	}
	out, _, err := runServer(t, nil, "licenses")
	switch { // the texts are there after make build
	case err == nil && !strings.Contains(out, "github.com/jackc/pgx/v5 v5."):
		t.Errorf("licenses: %.200q", out)
	case err != nil && !strings.Contains(err.Error(), "make build"):
		t.Errorf("licenses: %v", err)
	}
}

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		demo := startDemoIn(t, []string{"VOXWARDEN_DATABASE_URL=" + url})
		if _, _, err := runServer(t, nil, "healthcheck", "-listen", strings.TrimPrefix(demo.url, "http://")); err != nil {
			t.Errorf("ready console: %v", err)
		}
	})
	demo := startDemo(t)
	address := strings.TrimPrefix(demo.url, "http://")
	if _, _, err := runServer(t, []string{"VOXWARDEN_LISTEN=" + address}, "healthcheck"); err != nil {
		t.Errorf("address from the environment: %v", err)
	}
	if _, _, err := runServer(t, nil, "healthcheck", "-listen", "127.0.0.1:1"); err == nil {
		t.Error("no error without a console")
	}
	for listen, want := range map[string]string{
		":8080":       "127.0.0.1:8080",
		"0.0.0.0:80":  "127.0.0.1:80",
		"[::]:80":     "127.0.0.1:80",
		"10.0.0.1:80": "10.0.0.1:80",
	} {
		if got, err := dialable(listen); err != nil || got != want {
			t.Errorf("%s: got %q, %v", listen, got, err)
		}
	}
}

// demo is a running demo with a browser.
type demo struct {
	t       *testing.T
	url     string
	browser *http.Client
	stop    context.CancelFunc
	ended   chan error
	log     *lockedBuffer
}

// startDemo runs a demo on its own port until the test ends.
func startDemo(t *testing.T, more ...string) *demo {
	t.Helper()
	return startDemoIn(t, nil, more...)
}

func startDemoIn(t *testing.T, environ []string, more ...string) *demo {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	d := &demo{t: t, stop: stop, ended: make(chan error, 1), log: &lockedBuffer{}, browser: newBrowser(t)}
	read, write := io.Pipe()
	go func() {
		err := run(ctx, append([]string{"-demo", "-history=false", "-listen", "127.0.0.1:0"}, more...), environ, write, d.log)
		_ = write.CloseWithError(io.EOF)
		d.ended <- err
	}()
	line := make([]byte, 200)
	n, err := read.Read(line)
	if err != nil {
		t.Fatalf("the demo did not start: %v; %v", err, <-d.ended)
	}
	_, d.url, _ = strings.Cut(strings.TrimSpace(string(line[:n])), "at ")
	t.Cleanup(stop)
	return d
}
