package main

import (
	"strings"
	"testing"
	"time"

	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

func TestAuditPrune(t *testing.T) {
	t.Parallel()
	const nothing = "Nothing is as old as that, or all of it belongs to operations that are not closed.\n"
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		for _, tc := range []struct {
			name string
			args []string
			open bool // the newest operation
			out  string
			kept string // what is in the record then, with the event that says so
		}{
			{
				"days",
				[]string{"-keep", "15d"},
				false,
				"4 events and 2 operations were taken out. The record now begins after event 4.\n",
				"3 events and 1 operations",
			},
			{
				"a date",
				[]string{"-before", daysAgo(25).Format(time.DateOnly)},
				false,
				"2 events and 1 operations were taken out. The record now begins after event 2.\n",
				"5 events and 2 operations",
			},
			{
				"all that is closed",
				[]string{"-keep", "1d"},
				true,
				"4 events and 2 operations were taken out. The record now begins after event 4.\n",
				"3 events and 1 operations",
			},
			{"nothing that is old", []string{"-keep", "400d"}, false, nothing, "6 events and 3 operations"},
		} {
			t.Run(tc.name, func(t *testing.T) {
				t.Parallel()
				database := fresh(t)
				fillAuditLog(t, database, tc.open)
				out, log, err := runServer(t, auditEnvironment(database), append([]string{"audit", "prune"}, tc.args...)...)
				if err != nil || out != tc.out {
					t.Errorf("pruning: %q, %v", out, err)
				}
				if noted := strings.Contains(
					log,
					`"kind":"prune"`,
				) && strings.Contains(log, `"by":"server audit prune"`); noted != (out != nothing) {
					t.Errorf("the log's copy: %q", log)
				}
				if out, _, err := runServer(t, auditEnvironment(database), "audit", "verify"); err != nil ||
					!strings.Contains(out, tc.kept+" were read.\n") {
					t.Errorf("what is left: %q, %v", out, err)
				}
			})
		}
	})
}

func TestAuditPruneFlags(t *testing.T) {
	t.Parallel()
	database := storetest.SQLite(t)
	fillAuditLog(t, database, false)
	for _, tc := range []struct {
		args []string
		want string
	}{
		{nil, "give either -before DATE or -keep DAYS"},
		{[]string{"-before", "2026-01-31", "-keep", "1d"}, "give either -before DATE or -keep DAYS"},
		{[]string{"-before", "31.1.2026"}, "is not a date such as"},
		{[]string{"-keep", "1"}, "is not a number of days"},
		{[]string{"-keep", "0d"}, "is not a number of days"},
		{[]string{"-keep", "-5d"}, "is not a number of days"},
		{[]string{"-keep", "1d", "more"}, "unexpected argument"},
	} {
		if out, _, err := runServer(t, auditEnvironment(database), append([]string{
			"audit",
			"prune",
		}, tc.args...)...); err == nil ||
			!strings.Contains(err.Error(), tc.want) ||
			out != "" {
			t.Errorf("%v: %q, %v", tc.args, out, err)
		}
	}
	if out, _, err := runServer(
		t,
		auditEnvironment(database),
		"audit",
		"verify",
	); err != nil || !intactReport.MatchString(out) {
		t.Errorf("something was taken out: %q, %v", out, err)
	}
}
