package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// stopped is the log message when the console stops writing.
const stopped = "nothing is written to the audit log any more"

// consoleProcess starts a console for a real account, and returns its address and the log after the start.
func consoleProcess(t *testing.T, environ []string) (c *demo, lines <-chan string, before []string, stop func()) {
	t.Helper()
	process := serverProcess(t, append(slices.Clone(environ), "VOXWARDEN_SHUTDOWN_DELAY=0s"))
	lines, wait := logLines(t, process)
	ready, before := await(t, lines, "Voxwarden is at ")
	var entry struct{ Address string }
	if err := json.Unmarshal([]byte(ready), &entry); err != nil {
		t.Fatal(err)
	}
	return &demo{t: t, url: "http://" + entry.Address, browser: newBrowser(t)}, lines, before, func() {
		t.Helper()
		if err := process.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		for range lines { // the process must not wait for a reader
		}
		if err := wait(); err != nil {
			t.Errorf("the console ended with %v", err)
		}
	}
}

// readiness returns the status of /readyz.
func (d *demo) readiness() int {
	d.t.Helper()
	_, answer := d.open("/readyz")
	return answer.StatusCode
}

// copyDatabase copies a SQLite database that no process uses, as cp does.
func copyDatabase(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"-wal", "-shm"} {
		if err := os.Remove(to + end); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// An old copy in the place of the database is noticed at the start, before the start event is written. The console goes
// on when the loss is accepted.
func TestRestoredCopyIsNoticed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	environ, path, old := processEnvironment(t, dir), filepath.Join(dir, "x.db"), filepath.Join(dir, "old.db")
	initDatabase(t, environ)
	c, _, _, stop := consoleProcess(t, environ)
	if got := c.readiness(); got != http.StatusOK {
		t.Errorf("a new database: status %d", got)
	}
	stop()
	copyDatabase(t, path, old)
	_, _, _, stop = consoleProcess(t, environ)
	stop()
	copyDatabase(t, old, path)

	c, lines, before, stop := consoleProcess(t, environ)
	if text := strings.Join(before, "\n"); !strings.Contains(text, stopped) ||
		!strings.Contains(text, "server audit accept") {
		t.Errorf("the log does not say what to do: %s", text)
	}
	if got := c.readiness(); got != http.StatusServiceUnavailable {
		t.Errorf("with the old copy: status %d", got)
	}
	out, _, err := runServer(t, environ, "audit", "verify")
	if !errors.Is(err, errVerifyFailed) || !strings.Contains(out, "Read 2 events") {
		t.Errorf("verify finds nothing, or an event was written: %v\n%s", err, out)
	}
	out, _, err = runServer(t, environ, "audit", "accept", "-by", "Anna Berg", "-reason", "restored by hand")
	if err != nil || !strings.Contains(out, "Accepted") {
		t.Fatalf("accept: %q, %v", out, err)
	}
	await(t, lines, "the audit log is written again")
	await(t, lines, `"kind":"start"`)
	for c.readiness() != http.StatusOK { // for a second, requests get the result of the last check
	}
	stop()
	out, _, err = runServer(t, environ, "audit", "verify")
	if err != nil || !strings.Contains(out, "accepted by Anna Berg") || !strings.Contains(out, "Read 4 events") {
		t.Errorf("verify: %v\n%s", err, out)
	}
}

// cutTail deletes the newest events of an audit log with all their rows.
func cutTail(t *testing.T, database string, keep int) {
	t.Helper()
	tamper(t, database, `DELETE FROM events WHERE seq > `+strconv.Itoa(keep))
	db := openDatabase(t, database)
	defer closeDatabase(t, db)
	newer := ` (SELECT id FROM operations WHERE last_seq > ` + strconv.Itoa(keep) + `)`
	for _, statement := range []string{
		`DELETE FROM operation_locks`,
		`DELETE FROM operation_roles WHERE operation_id IN` + newer,
		`DELETE FROM operation_targets WHERE operation_id IN` + newer,
		`DELETE FROM operations WHERE id IN` + newer,
		`DELETE FROM drift_findings`,
		`DELETE FROM drift_expected`,
		`DELETE FROM drift_checks`,
	} {
		storetest.Exec(t, db, statement)
	}
}

// A running console notices that the newest events were deleted with all their rows, before it writes another one. It
// changes nothing, shows every page, and says what to do.
func TestCutTailIsNoticed(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, database string) {
		environ := auditEnvironment(database)
		d := startDemoIn(t, environ)
		doc, _ := d.send("/sign-in", url.Values{"role": {"admin"}, "return": {"/subusers/new"}})
		form := filled(doc, "/subusers/new")
		form.Set("login", "first_one")
		if _, answer := d.send("/subusers/new", form); answer.StatusCode != http.StatusOK {
			t.Fatalf("status %d", answer.StatusCode)
		}
		doc, _ = d.open("/subusers/new")
		form = filled(doc, "/subusers/new")
		form.Set("login", "second_one")
		cutTail(t, database, 3)
		doc, answer := d.send("/subusers/new", form)
		if text := doc.Text(); answer.StatusCode != http.StatusServiceUnavailable ||
			!strings.Contains(text, "The audit log lacks events that it had, so nothing was changed.") {
			t.Errorf("a change: status %d: %s", answer.StatusCode, text)
		}
		if got := d.readiness(); got != http.StatusServiceUnavailable {
			t.Errorf("/readyz: status %d", got)
		}
		for _, path := range []string{"/", "/subusers", "/keys", "/roles", "/audit", "/drift", "/me"} {
			if doc, answer := d.open(path); answer.StatusCode != http.StatusOK ||
				!strings.Contains(doc.Text(), "server audit accept") {
				t.Errorf("%s: status %d, without the banner: %v", path, answer.StatusCode, doc.Find("main").Text())
			}
		}
		entry := regexp.MustCompile(`"head":"(\d+:[0-9a-f]{64})"`).FindStringSubmatch(d.log.String())
		if !strings.Contains(d.log.String(), stopped) || entry == nil {
			t.Fatalf("the log lacks the head: %s", d.log)
		}
		again := d.log.await("the audit log is written again")
		out, _, err := runServer(t, environ, "audit", "accept", "-by", "Anna", "-reason", "a test", "-head", entry[1])
		if err != nil {
			t.Fatalf("accept: %q, %v", out, err)
		}
		<-again
		if doc, answer := d.send("/subusers/new", form); answer.StatusCode != http.StatusOK {
			t.Errorf("a change after accepting: status %d: %s", answer.StatusCode, doc.Text())
		}
	})
}
