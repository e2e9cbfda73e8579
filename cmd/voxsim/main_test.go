package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// startCommand runs the command until the test ends or stop is called. It returns the line that was printed when the
// command was ready.
func startCommand(t *testing.T, args ...string) (line string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-listen", "127.0.0.1:0"}, args...), writer)
		_ = writer.CloseWithError(err) // closing a pipe never fails
		ended <- err
	}()
	stop = func() error { cancel(); return <-ended }
	line, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		cancel()
		t.Fatalf("the command was not ready: %v", err)
	}
	return line, stop
}

// apiURL returns the URL in the line.
func apiURL(line string) string {
	_, rest, _ := strings.Cut(line, "listens on ")
	url, _, _ := strings.Cut(rest, " ")
	return url
}

func TestServesOverTLSAndStops(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	credentials, authority := filepath.Join(dir, "owner.json"), filepath.Join(dir, "ca.pem")
	line, stop := startCommand(t, "-tls", "-ca", authority, "-credentials", credentials,
		"-company", "large", "-subusers", "50", "-variant", "page_cap=3")

	info, err := os.Stat(credentials)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the credentials have mode %v", info.Mode())
	}
	content, err := os.ReadFile(credentials)
	if err != nil {
		t.Fatal(err)
	}
	var key map[string]any
	if err := json.Unmarshal(content, &key); err != nil || len(key) != 4 || key["key_id"] == nil {
		t.Errorf("the credentials have %d fields, %v", len(key), err)
	}
	pem, err := os.ReadFile(authority)
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM(pem) {
		t.Fatal("the certificate cannot be parsed")
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}}
	response, err := client.Get(strings.TrimSuffix(apiURL(line), "platform_api") + "_sim/state")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var report struct {
		State    struct{ Subusers []any }
		Variants string
	}
	if err := json.NewDecoder(response.Body).Decode(&report); err != nil {
		t.Fatal(err)
	}
	if len(report.State.Subusers) != 50 || report.Variants != "page_cap=3" {
		t.Errorf("%d subusers, variants %q", len(report.State.Subusers), report.Variants)
	}
	client.CloseIdleConnections()
	if err := stop(); err != nil {
		t.Errorf("stopping: %v", err)
	}
}

func TestServesWithoutTLS(t *testing.T) {
	t.Parallel()
	line, stop := startCommand(t, "-credentials", filepath.Join(t.TempDir(), "owner.json"))
	response, err := http.Post(apiURL(line)+"/GetRoles", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || !strings.Contains(string(text), `"code":100`) {
		t.Errorf("%s, %v", text, err)
	}
	if err := stop(); err != nil {
		t.Errorf("stopping: %v", err)
	}
}

func TestStopsWithCallPending(t *testing.T) {
	t.Parallel()
	line, stop := startCommand(t, "-credentials", filepath.Join(t.TempDir(), "owner.json"), "-latency", "1h")
	ended := make(chan error, 1)
	go func() {
		response, err := http.Post(apiURL(line)+"/GetRoles", "", nil)
		if err == nil {
			err = response.Body.Close()
		}
		ended <- err
	}()
	for !strings.Contains(simulatorState(t, line), `"method":"GetRoles"`) {
		// Repeated until the call has arrived; the control API has no latency.
	}
	if err := stop(); err != nil {
		t.Errorf("stopping: %v", err)
	}
	if err := <-ended; err != nil {
		t.Errorf("the pending call: %v", err)
	}
}

func simulatorState(t *testing.T, line string) string {
	t.Helper()
	response, err := http.Get(strings.TrimSuffix(apiURL(line), "platform_api") + "_sim/state")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestInvalidCommandLines(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want string
	}{
		"no credentials":      {nil, "-credentials is required"},
		"-ca without -tls":    {[]string{"-credentials", "x", "-ca", "y"}, "only with -tls"},
		"unknown company":     {[]string{"-credentials", "x", "-company", "huge"}, "small, empty, large"},
		"unknown variant":     {[]string{"-credentials", "x", "-variant", "a=b"}, "unknown variant"},
		"negative subusers":   {[]string{"-credentials", "x", "-subusers", "-1"}, "negative"},
		"-subusers of small":  {[]string{"-credentials", "x", "-subusers", "50"}, "only with -company large"},
		"unexpected argument": {[]string{"-credentials", "x", "now"}, `"now"`},
		"unknown flag":        {[]string{"-loud"}, "loud"},
		"no such directory":   {[]string{"-credentials", "/nowhere/owner.json"}, "writing the credentials"},
		"no such address": {
			[]string{"-credentials", filepath.Join(t.TempDir(), "k"), "-listen", "127.0.0.1:99999"},
			"opening the port",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			if err := run(t.Context(), tt.args, &out); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want %q", err, tt.want)
			}
		})
	}
	var help bytes.Buffer
	if err := run(t.Context(), []string{"-h"}, &help); err != nil || !strings.Contains(help.String(), "-variant") {
		t.Errorf("help: %v, %s", err, help.String())
	}
}
