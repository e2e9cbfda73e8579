package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/audit"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

var intactReport = regexp.MustCompile(
	`\ARead 7 events and 3 operations\.\nHead: (7:[0-9a-f]{64})\nThe audit log is intact up to its head\. ` +
		`Compare the head with the server's log\.\n\z`,
)

func TestAuditVerify(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, database string) {
		fillAuditLog(t, database, false)
		environ := auditEnvironment(database)
		out, log, err := runServer(t, environ, "audit", "verify")
		match := intactReport.FindStringSubmatch(out)
		if err != nil || match == nil || log != "" {
			t.Fatalf("intact audit log: %q, %q, %v", out, log, err)
		}
		if again, _, err := runServer(t, environ, "audit", "verify", "-head", match[1]); err != nil || again != out {
			t.Errorf("with its head: %q, %v", again, err)
		}
		later := "8:" + strings.Repeat("ab", 32)
		out, _, err = runServer(t, environ, "audit", "verify", "-head", later)
		if !errors.Is(err, errVerifyFailed) ||
			!strings.HasPrefix(out, "First: The audit log ends at event 7, but the log's copy has event 8.\n") {
			t.Errorf("with a later head: %q, %v", out, err)
		}
		out, _, err = runServer(t, environ, "audit", "verify", "-json")
		var report audit.Report
		if bad := json.Unmarshal([]byte(out), &report); err != nil || bad != nil || report.Events != 7 ||
			report.Head.String() != match[1] ||
			!report.Intact() {
			t.Errorf("as JSON: %q, %v, %v", out, err, bad)
		}
		for want, args := range map[string][]string{
			"SEQ:MAC":             {"-head", "7"},
			"unexpected argument": {"more"},
			"not defined":         {"-x"},
		} {
			out, _, err := runServer(t, environ, append([]string{"audit", "verify"}, args...)...)
			if err == nil || !strings.Contains(err.Error(), want) || out != "" {
				t.Errorf("%v: %q, %v", args, out, err)
			}
		}
	})
}

// After changes of the database, verifying returns an error and reports the first changed event first.
func TestAuditVerifyNamesTheFirstBadEvent(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		for _, tc := range []struct{ name, statement, want string }{
			{
				"changed column",
				`UPDATE events SET result = 'refused' WHERE seq = 5`,
				"First: Event 5, or an event before it, was changed.\n",
			},
			{
				"changed body",
				`UPDATE events SET body = replace(body, 'ticket 5', 'ticket 6') WHERE seq >= 4`,
				"First: Event 4, or an event before it, was changed.\n",
			},
			{"deleted events", `DELETE FROM events WHERE seq IN (4, 5)`, "First: 2 events are missing before event 6.\n"},
		} {
			t.Run(tc.name, func(t *testing.T) {
				t.Parallel()
				database := fresh(t)
				fillAuditLog(t, database, false)
				tamper(t, database, tc.statement)
				out, _, err := runServer(t, auditEnvironment(database), "audit", "verify")
				if !errors.Is(err, errVerifyFailed) || !strings.HasPrefix(out, tc.want) || strings.Contains(out, "is intact") {
					t.Errorf("%q, %v", out, err)
				}
				out, _, err = runServer(t, auditEnvironment(database), "audit", "verify", "-json")
				var report audit.Report
				if bad := json.Unmarshal([]byte(out), &report); !errors.Is(err, errVerifyFailed) || bad != nil ||
					len(report.Findings) == 0 ||
					"First: "+report.Findings[0].Text+"\n" != tc.want {
					t.Errorf("as JSON: %q, %v, %v", out, err, bad)
				}
			})
		}
	})
}

// The first start of a server begins the audit log, and the second one continues it.
func TestServerBeginsTheAuditLogOnce(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, database string) {
		if _, _, err := runServer(t, auditEnvironment(database), "audit", "verify"); err == nil {
			t.Error("verified a database that does not exist yet")
		}
		starts := regexp.MustCompile(`"seq":(\d+),"kind":"(genesis|start)"`)
		for _, want := range []string{"[[1 genesis] [2 start]]", "[[3 start]]"} {
			server := startDemoIn(t, auditEnvironment(database))
			server.stop()
			if err := <-server.ended; err != nil {
				t.Fatal(err)
			}
			var events [][]string
			for _, match := range starts.FindAllStringSubmatch(server.log.String(), -1) {
				events = append(events, match[1:])
			}
			if fmt.Sprint(events) != want {
				t.Errorf("the start wrote %v, want %s", events, want)
			}
		}
		if out, _, err := runServer(t, auditEnvironment(database), "audit", "verify"); err != nil {
			t.Errorf("after two starts: %q, %v", out, err)
		}
	})
}
