package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

func TestAuditPrune(t *testing.T) {
	t.Parallel()
	const nothing = "Nothing was deleted: no operation is that old, or the old ones are still open.\n"
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		for _, tc := range []struct {
			name string
			args []string
			open bool // whether the newest operation is open
			out  string
			kept string // what is left in the audit log, with the event of the pruning
		}{
			{
				"by age",
				[]string{"-keep", "15d"},
				false,
				"Deleted 5 events and 2 operations. The audit log now begins after event 5.\n",
				"3 events and 1 operations",
			},
			{
				"by date",
				[]string{"-before", daysAgo(25).Format(time.DateOnly)},
				false,
				"Deleted 3 events and 1 operations. The audit log now begins after event 3.\n",
				"5 events and 2 operations",
			},
			{
				"all except an open operation",
				[]string{"-keep", "1d"},
				true,
				"Deleted 5 events and 2 operations. The audit log now begins after event 5.\n",
				"3 events and 1 operations",
			},
			{"nothing old enough", []string{"-keep", "400d"}, false, nothing, "7 events and 3 operations"},
		} {
			t.Run(tc.name, func(t *testing.T) {
				t.Parallel()
				database := fresh(t)
				fillAuditLog(t, database, tc.open)
				out, log, err := runServer(t, auditEnvironment(database), append([]string{"audit", "prune"}, tc.args...)...)
				if err != nil || out != tc.out {
					t.Errorf("pruning: %q, %v", out, err)
				}
				logged := strings.Contains(log, `"kind":"prune"`) && strings.Contains(log, `"by":"server audit prune"`)
				if logged != (out != nothing) {
					t.Errorf("copy of the event in the log: %q", log)
				}
				if out, _, err := runServer(t, auditEnvironment(database), "audit", "verify"); err != nil ||
					!strings.Contains(out, "Read "+tc.kept+".\n") {
					t.Errorf("verifying the rest: %q, %v", out, err)
				}
			})
		}
	})
}

// A command also writes the copy of its event to the configured file.
func TestAuditPruneCopy(t *testing.T) {
	t.Parallel()
	database, path := storetest.SQLite(t), filepath.Join(t.TempDir(), "audit.jsonl")
	fillAuditLog(t, database, false)
	environ := append(auditEnvironment(database), "VOXWARDEN_AUDIT_COPY="+path)
	_, log, err := runServer(t, environ, "audit", "prune", "-keep", "15d")
	if err != nil {
		t.Fatal(err)
	}
	copied, err := os.ReadFile(path)
	if err != nil || string(copied) != log || !strings.Contains(log, `"kind":"prune"`) {
		t.Errorf("the file has %q, the log %q, %v", copied, log, err)
	}
}

// A command reports that the copy of its event could not be written to the log.
func TestAuditPruneWithoutLog(t *testing.T) {
	t.Parallel()
	for _, fault := range logFaults {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			database := storetest.SQLite(t)
			fillAuditLog(t, database, false)
			var out strings.Builder
			err := run(
				t.Context(),
				[]string{"audit", "prune", "-keep", "15d"},
				auditEnvironment(database),
				&out,
				fault.open(t),
			)
			if err == nil || !strings.Contains(err.Error(), "a copy of its event could not be written") ||
				!strings.HasPrefix(out.String(), "Deleted 5 events") {
				t.Errorf("%q, %v", out.String(), err)
			}
		})
	}
}

func TestAuditPruneFlags(t *testing.T) {
	t.Parallel()
	database := storetest.SQLite(t)
	fillAuditLog(t, database, false)
	for _, tc := range []struct {
		args []string
		want string
	}{
		{nil, "set either -before DATE or -keep DAYS"},
		{[]string{"-before", "2026-01-31", "-keep", "1d"}, "set either -before DATE or -keep DAYS"},
		{[]string{"-before", "31.1.2026"}, "is not a date such as"},
		{[]string{"-keep", "1"}, "is not a number of days"},
		{[]string{"-keep", "0d"}, "is not a number of days"},
		{[]string{"-keep", "-5d"}, "is not a number of days"},
		{[]string{"-keep", "1d", "more"}, "unexpected argument"},
	} {
		args := append([]string{"audit", "prune"}, tc.args...)
		out, _, err := runServer(t, auditEnvironment(database), args...)
		if err == nil || !strings.Contains(err.Error(), tc.want) || out != "" {
			t.Errorf("%v: %q, %v", tc.args, out, err)
		}
	}
	out, _, err := runServer(t, auditEnvironment(database), "audit", "verify")
	if err != nil || !intactReport.MatchString(out) {
		t.Errorf("the audit log has changed: %q, %v", out, err)
	}
}
