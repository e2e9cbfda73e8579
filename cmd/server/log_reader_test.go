package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// mostTimeToStop is the promised time from SIGTERM to the end of the process, whatever hangs.
const mostTimeToStop = 45 * time.Second

// unreadPipe returns the writing end of a pipe that is full and that nothing reads.
func unreadPipe(t *testing.T) *os.File {
	t.Helper()
	_, write := fullPipe(t)
	return write
}

// fullPipe returns both ends of a pipe that is full of zero bytes.
func fullPipe(t *testing.T) (read, write *os.File) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = read.Close(), write.Close() })
	raw, err := write.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var full error
	block := make([]byte, 4096)
	if err := raw.Write(func(fd uintptr) bool {
		for full == nil {
			_, full = syscall.Write(int(fd), block)
		}
		return true
	}); err != nil || !errors.Is(full, syscall.EAGAIN) {
		t.Fatalf("filling a pipe: %v, %v", err, full)
	}
	return read, write
}

// abandonedPipe returns the writing end of a pipe that has no reader any more.
func abandonedPipe(t *testing.T) *os.File {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = write.Close() })
	if err := read.Close(); err != nil {
		t.Fatal(err)
	}
	return write
}

func fullDevice(t *testing.T) *os.File {
	t.Helper()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = full.Close() })
	return full
}

// demoProcess starts a demo as a process of its own with this log, and a browser.
func demoProcess(t *testing.T, log *os.File, environ ...string) (*demo, *exec.Cmd) {
	t.Helper()
	process := serverProcess(t, environ, "-demo", "-history=false", "-listen", "127.0.0.1:0")
	process.Stderr = log
	stdout, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = process.Process.Kill() })
	start, cancel := context.WithTimeout(t.Context(), mostTimeToStop)
	defer cancel()
	defer context.AfterFunc(start, func() { _ = process.Process.Kill() })()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the demo did not start: %v", errors.Join(err, process.Wait()))
	}
	if err := stdout.Close(); err != nil {
		t.Fatal(err)
	}
	_, address, _ := strings.Cut(strings.TrimSpace(line), "at ")
	return &demo{t: t, url: address, browser: newBrowser(t)}, process
}

// stop sends SIGTERM and returns how the process ended. It is killed when it takes longer than promised.
func stop(t *testing.T, process *exec.Cmd) error {
	t.Helper()
	if err := process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	limit, cancel := context.WithTimeout(t.Context(), mostTimeToStop)
	defer cancel()
	defer context.AfterFunc(limit, func() { _ = process.Process.Kill() })()
	return process.Wait()
}

// logFaults are logs that cannot be written.
var logFaults = []struct {
	name string
	open func(*testing.T) *os.File
}{
	{"stalled reader", unreadPipe},
	{"dead reader", abandonedPipe},
	{"full disk", fullDevice},
}

// A log that cannot be written stops neither requests, operations nor the end of the process. Admins see that copies of
// audit events are missing from it.
func TestLogThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	for _, fault := range logFaults {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			d, process := demoProcess(t, fault.open(t))
			doc, _ := d.send("/sign-in", url.Values{"role": {"admin"}, "return": {"/subusers/new"}})
			form := filled(doc, "/subusers/new")
			form.Set("login", "no_log")
			doc, answer := d.send("/subusers/new", form)
			if answer.StatusCode != http.StatusOK || !strings.Contains(doc.Find("h1").Text(), "no_log was created") {
				t.Errorf("creating a subuser: status %d: %s", answer.StatusCode, doc.Find("h1").Text())
			}
			for range 50 {
				if _, answer := d.open("/subusers"); answer.StatusCode != http.StatusOK {
					t.Fatalf("status %d", answer.StatusCode)
				}
			}
			if doc, _ = d.open("/audit"); !strings.Contains(doc.Find("tbody").First().Text(), "no_log") {
				t.Errorf("the audit log: %s", doc.Find("main").Text())
			}
			if !strings.Contains(doc.Find("main").Text(), "Copies of audit events cannot be written") {
				t.Errorf("no banner about missing copies: %s", doc.Find("main").Text())
			}
			if _, answer := d.open("/readyz"); answer.StatusCode != http.StatusOK {
				t.Errorf("/readyz: status %d", answer.StatusCode)
			}
			if err := stop(t, process); err != nil {
				t.Errorf("ended with %v", err)
			}
		})
	}
}

// While the log cannot be written, the file for copies has all events, also after it was moved away.
func TestAuditCopyWithoutLog(t *testing.T) {
	t.Parallel()
	for _, fault := range logFaults {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "audit.jsonl")
			d, process := demoProcess(t, fault.open(t), "VOXWARDEN_AUDIT_COPY="+path)
			if err := os.Rename(path, path+".1"); err != nil {
				t.Fatal(err)
			}
			d.send("/sign-in", url.Values{"role": {"admin"}, "return": {"/"}})
			if err := stop(t, process); err != nil {
				t.Errorf("ended with %v", err)
			}
			var copied []byte
			for name, want := range map[string]string{path + ".1": "start", path: "sign_in"} {
				content, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(string(content), `"kind":"`+want+`"`) {
					t.Errorf("%s lacks %s: %s", name, want, content)
				}
				copied = append(copied, content...)
			}
			wantEveryEvent(t, string(copied))
		})
	}
}

// wantEveryEvent requires lines of JSON, with a copy of each event of an audit log among them.
func wantEveryEvent(t *testing.T, lines string) {
	t.Helper()
	var events []int64
	for line := range strings.Lines(lines) {
		var event struct{ Seq int64 }
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if event.Seq > 0 {
			events = append(events, event.Seq)
		}
	}
	slices.Sort(events)
	for i, seq := range events {
		if seq != int64(i)+1 {
			t.Fatalf("copies of the events %v", events)
		}
	}
	if len(events) < 3 {
		t.Errorf("copies of the events %v: too few", events)
	}
}

// When a reader that stalled goes on, it gets all lines. SIGHUP stops the console like SIGTERM.
func TestLogReaderGoesOn(t *testing.T) {
	t.Parallel()
	read, write := fullPipe(t)
	d, process := demoProcess(t, write)
	d.send("/sign-in", url.Values{"role": {"admin"}, "return": {"/"}})
	for range 20 {
		d.open("/subusers")
	}
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	log := make(chan string, 1)
	go func() {
		content, _ := io.ReadAll(read)
		log <- strings.Trim(string(content), "\x00")
	}()
	if err := process.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if err := process.Wait(); err != nil {
		t.Errorf("ended with %v", err)
	}
	text := <-log
	wantEveryEvent(t, text)
	if got := strings.Count(text, `"path":"/subusers"`); got != 20 || !strings.Contains(text, `"msg":"shutting down"`) {
		t.Errorf("%d requests in the log:\n%s", got, text)
	}
}
