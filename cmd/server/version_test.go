package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
)

// TestVersionOfARelease builds the program as a release and looks for its version in every place that shows one.
func TestVersionOfARelease(t *testing.T) {
	t.Parallel()
	const want = "7.8.9-rc.1"
	program := filepath.Join(t.TempDir(), "server")
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags", "-X main.release=v"+want, "-o", program, ".")
	if text, code := output(t, build); code != 0 {
		t.Fatal(text)
	}
	if text, _ := output(t, exec.CommandContext(t.Context(), program, "version")); text != want+"\n" {
		t.Errorf("server version prints %q", text)
	}

	demo := exec.CommandContext(t.Context(), program, "-demo", "-history=false", "-listen", "127.0.0.1:0")
	demo.Env = []string{"VOXWARDEN_METRICS_LISTEN=localhost:0"}
	log, err := demo.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	demo.Stdout = demo.Stderr // some lines are on each
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = demo.Process.Kill(); _ = demo.Wait() })
	pages := regexp.MustCompile(`Voxwarden is at (?:http://)?([0-9.:]+)`)
	var address, metrics, started string
	for lines := bufio.NewScanner(log); (address == "" || metrics == "") && lines.Scan(); {
		if found := pages.FindStringSubmatch(lines.Text()); found != nil {
			address = found[1]
		}
		var entry struct {
			Msg, Address, Kind string
			Body               struct{ Program string }
		}
		if json.Unmarshal(lines.Bytes(), &entry) == nil && entry.Msg == "serving metrics" {
			metrics = entry.Address
		}
		if entry.Kind == "start" {
			started = entry.Body.Program
		}
	}
	go func() { _, _ = io.Copy(io.Discard, log) }()
	if started != want {
		t.Errorf("the start event has the version %q", started)
	}
	for url, text := range map[string]string{
		"http://" + address + "/sign-in": "Voxwarden " + want + "<",
		"http://" + metrics + "/metrics": `voxwarden_build_info{version="` + want + `"} 1`,
	} {
		response, err := http.Get(url) //nolint:noctx // the test's own server
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || !strings.Contains(string(body), text) {
			t.Errorf("%s lacks %q: %v", url, text, err)
		}
	}
}

func TestVersionFrom(t *testing.T) {
	t.Parallel()
	commit := []debug.BuildSetting{{Key: "vcs.revision", Value: "f629eb2d0a6a4c0d8f8ae6a6bb8cf4f5f2b4e0f1"}}
	for _, tc := range []struct {
		name, release string
		info          *debug.BuildInfo
		want          string
	}{
		{"release", "v1.2.3", &debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-1"}}, "1.2.3"},
		{"release without v", "1.2.3", nil, "1.2.3"},
		{"module", "", &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, "1.2.3"},
		{"commit", "", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: commit}, "devel-f629eb2d0a6a"},
		{"neither", "", &debug.BuildInfo{}, "devel"},
		{"no build info", "", nil, "unknown"},
	} {
		if got := versionFrom(tc.release, tc.info); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}
